"""Employees for tests of the engine: the least that a month needs, and what a test names."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.hr.payroll.counters import Counters
from app.hr.payroll.french import FrenchEngine
from app.hr.payroll.given import EmployeeMonth, Employer
from app.hr.payroll.outcome import PayslipResult

NOVEMBER = date(2026, 11, 1)
EMPLOYER = Employer(size=30, accident_rate=Decimal("0.0208"), mobility_rate=Decimal(0))
ENGINE = FrenchEngine()


def month(**given: Any) -> EmployeeMonth:
    least: dict[str, Any] = {"employee_id": "a", "employer": EMPLOYER, "salary": Decimal("2500.00")}
    return EmployeeMonth(**least | given)


def payslip(
    period: date = NOVEMBER, counters: Counters | None = None, **given: Any
) -> PayslipResult:
    row = month(**given)
    [made] = ENGINE.compute(period, [row], {row.employee_id: counters} if counters else {})
    return made


def paid(period: date = NOVEMBER, counters: Counters | None = None, **given: Any) -> PayslipResult:
    made = payslip(period, counters, **given)
    assert made.status == "ok", made.issues
    return made


def employee(made: PayslipResult, code: str) -> Decimal:
    line = made.line(code)
    return line.employee if line else Decimal(0)


def employer(made: PayslipResult, code: str) -> Decimal:
    line = made.line(code)
    return line.employer if line else Decimal(0)


def refused(made: PayslipResult) -> list[str]:
    assert made.status == "blocked"
    return [one.code for one in made.issues]
