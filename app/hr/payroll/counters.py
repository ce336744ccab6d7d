"""What a year's payslips add up to, as the next one needs it. `employee` and `employer` hold the exact
sums of the lines by their codes; what is booked is the sum to the cent, and the next month books the
difference to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from app.hr.payroll.rounding import NIL, ZERO, to_cent


@dataclass(frozen=True, slots=True)
class ThisMonth:
    """What earlier payslips of the same month have used up."""

    last_day: int = 0
    fraction: Decimal = ZERO
    health_employee: Decimal = NIL
    health_employer: Decimal = NIL
    taxable: Decimal = NIL
    tax: Decimal = NIL


NEW_MONTH = ThisMonth()
SIDES = ("employee", "employer")


@dataclass(frozen=True, slots=True)
class Counters:
    period: date | None = None
    gross: Decimal = NIL
    ceiling: Decimal = NIL
    reduction_smic: Decimal = ZERO
    # of the months as an apprentice: SMIC, gross pay, what of it is free of contributions, what the
    # employer paid for cover, taxable pay
    apprentice_smic: Decimal = ZERO
    apprentice_gross: Decimal = NIL
    exempted: Decimal = ZERO
    apprentice_cover: Decimal = NIL
    apprentice_pay: Decimal = NIL
    overtime_hours: Decimal = ZERO
    overtime_gross: Decimal = NIL
    overtime_tax_free: Decimal = ZERO
    net_social: Decimal = NIL
    net_before_tax: Decimal = NIL
    taxable: Decimal = NIL
    tax: Decimal = NIL
    net_paid: Decimal = NIL
    employer_cost: Decimal = NIL
    leave_earned: Decimal = NIL
    leave_taken: Decimal = ZERO
    month: ThisMonth = NEW_MONTH
    employee: Mapping[str, Decimal] = field(default_factory=dict)
    employer: Mapping[str, Decimal] = field(default_factory=dict)

    def booked(self, code: str) -> tuple[Decimal, Decimal]:
        """Of the employee's and of the employer's part of a line."""
        return to_cent(self.employee.get(code, NIL)), to_cent(self.employer.get(code, NIL))

    @property
    def leave_balance(self) -> Decimal:
        return self.leave_earned - self.leave_taken

    def at(self, period: date) -> "Counters":
        """As a payslip of this period begins: a new year starts at zero but for the leave."""
        if self.period is None or self.period.year != period.year:
            return Counters(leave_earned=self.leave_earned, leave_taken=self.leave_taken)
        return self

    def in_month(self, period: date) -> ThisMonth:
        return self.month if self.period == period else NEW_MONTH

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON; amounts are texts."""
        plain = {one.name: _text(getattr(self, one.name)) for one in fields(self)}
        month = {one.name: _text(getattr(self.month, one.name)) for one in fields(self.month)}
        sums = {
            side: {code: str(value) for code, value in sorted(getattr(self, side).items())}
            for side in SIDES
        }
        return plain | sums | {"month": month}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> "Counters":
        known: dict[str, Any] = {
            name: Decimal(value)
            for name, value in data.items()
            if name not in {"period", "month", *SIDES}
        }
        for side in SIDES:
            known[side] = {code: Decimal(value) for code, value in data[side].items()}
        month: dict[str, Any] = {
            k: v if k == "last_day" else Decimal(v) for k, v in data["month"].items()
        }
        period = date.fromisoformat(data["period"]) if data["period"] else None
        return cls(period=period, month=ThisMonth(**month), **known)


def _text(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
