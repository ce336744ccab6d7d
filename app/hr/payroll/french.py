"""The French engine: gross to net to the cent. No database, no clock; what is declared to the
authorities, and by whom, is outside of it (docs/payroll.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import localcontext

from app.hr.payroll import refusals
from app.hr.payroll.counters import Counters
from app.hr.payroll.given import EmployeeMonth
from app.hr.payroll.outcome import PayslipResult
from app.hr.payroll.parameters import Parameters, french
from app.hr.payroll.payslip import Figures, blocked, make_payslip
from app.hr.payroll.rounding import CONTEXT

NEW = Counters()


@dataclass(frozen=True)
class FrenchEngine:
    parameters: Parameters = field(default_factory=french)
    country: str = "FR"
    version: str = "1"
    _figures: dict[date, Figures] = field(default_factory=dict, repr=False, compare=False)

    @property
    def params_id(self) -> str:
        return self.parameters.params_id

    @property
    def valid_from(self) -> date:
        return self.parameters.valid_from

    @property
    def valid_until(self) -> date:
        return self.parameters.valid_until

    def compute(
        self, period: date, rows: Sequence[EmployeeMonth], ytd: Mapping[str, Counters]
    ) -> list[PayslipResult]:
        """In the order of the rows. Several rows of one employee are taken by their days."""
        period = period.replace(day=1)
        if not self.valid_from <= period <= self.valid_until:
            issue = refusals.period_outside(period, self.valid_from, self.valid_until)
            return [blocked(row, ytd.get(row.employee_id, NEW), (issue,)) for row in rows]
        if period not in self._figures:
            self._figures[period] = Figures(self.parameters.values(period))
        figures, now = self._figures[period], dict(ytd)
        found: dict[int, PayslipResult] = {}
        with localcontext(CONTEXT):
            for place in sorted(range(len(rows)), key=lambda n: _turn(rows[n])):
                row = rows[place]
                before = now.get(row.employee_id, NEW)
                found[place] = make_payslip(period, row, before, figures)
                now[row.employee_id] = found[place].after
        return [found[place] for place in range(len(rows))]


def _turn(row: EmployeeMonth) -> tuple[str, bool, int]:
    return row.employee_id, row.supplement, row.first_day
