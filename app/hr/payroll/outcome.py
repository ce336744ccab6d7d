"""What the engine answers. The bytes of a payslip are the same for the same input and figures."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from app.hr.payroll.catalogue import Kind, kinds
from app.hr.payroll.counters import Counters
from app.hr.payroll.rounding import NIL

# a line as it is worked out: its code, then the numbers of a Line
Amounts = tuple[str, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal]


class Line(NamedTuple):
    """Of earnings the employee's amount is what is earned, else what is withheld. The bases differ
    only where an apprentice's exemption leaves the employer's part whole."""

    kind: Kind
    employee_base: Decimal
    employee_rate: Decimal
    employee: Decimal
    employer_base: Decimal
    employer_rate: Decimal
    employer: Decimal

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def label(self) -> Mapping[str, str]:
        return self.kind.label

    @property
    def group(self) -> str:
        return self.kind.group

    @property
    def base(self) -> Decimal:
        return self.employer_base or self.employee_base

    def as_data(self) -> dict[str, Any]:
        numbers = {name: str(getattr(self, name)) for name in self._fields[1:]}
        return {"code": self.code, "group": self.group, **numbers}


class Issue(NamedTuple):
    """`message` is an English source text with %(name)s places, as in tenants.core.errors."""

    code: str
    message: str
    params: Mapping[str, str] = {}

    @property
    def text(self) -> str:
        return self.message % self.params if self.params else self.message


class Totals(NamedTuple):
    gross: Decimal = NIL
    net_before_tax: Decimal = NIL
    net_social: Decimal = NIL
    taxable: Decimal = NIL
    tax_rate: Decimal = NIL
    tax: Decimal = NIL
    net_paid: Decimal = NIL
    employer_cost: Decimal = NIL


@dataclass(frozen=True, slots=True)
class PayslipResult:
    employee_id: str
    status: str
    issues: tuple[Issue, ...]
    amounts: tuple[Amounts, ...]
    totals: Totals
    before: Counters
    # unchanged when blocked
    after: Counters

    @property
    def lines(self) -> tuple[Line, ...]:
        known = kinds()
        return tuple(Line(known[code], *rest) for code, *rest in self.amounts)

    def line(self, code: str) -> Line | None:
        return next((one for one in self.lines if one.code == code), None)

    def as_bytes(self) -> bytes:
        data = {
            "employee_id": self.employee_id,
            "status": self.status,
            "issues": [[one.code, one.message, dict(one.params)] for one in self.issues],
            "lines": [one.as_data() for one in self.lines],
            "totals": {name: str(value) for name, value in self.totals._asdict().items()},
            "counters": self.after.as_data(),
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.as_bytes()).hexdigest()
