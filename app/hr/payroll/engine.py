"""What any country's engine offers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from app.hr.payroll.counters import Counters
from app.hr.payroll.given import EmployeeMonth
from app.hr.payroll.outcome import PayslipResult


class PayrollEngine(Protocol):
    """`version` and `params_id` are stored with each payslip. A period outside the validity is
    refused for every row; a refused row never stops the others."""

    @property
    def country(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def params_id(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date: ...

    def compute(
        self, period: date, rows: Sequence[EmployeeMonth], ytd: Mapping[str, Counters]
    ) -> list[PayslipResult]: ...
