"""Complementary health and provident cover. A cadre without a provident contract still gets the
1.5 % that the employer owes up to the ceiling. What the employer pays carries the social levy from
eleven employees on."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from app.hr.payroll.ceilings import Bases
from app.hr.payroll.given import EmployeeMonth, Health, Provident
from app.hr.payroll.regularisation import Sheet
from app.hr.payroll.rounding import NIL, ZERO

NO_HEALTH, NO_PROVIDENT = Health(NIL, NIL), Provident()


class Cover(NamedTuple):
    """What the employer paid this month."""

    health: Decimal
    provident: Decimal


def provident_of(row: EmployeeMonth, rates: Mapping[str, Any]) -> Provident:
    if row.provident is not None:
        return row.provident
    return Provident(employer_1=rates["executive_provident"]) if row.executive else NO_PROVIDENT


def cover(
    sheet: Sheet, row: EmployeeMonth, bases: Bases, *, already: Health, rates: Mapping[str, Any]
) -> Cover:
    """`already`: health amounts that an earlier payslip of the month has booked."""
    health = NIL
    if row.health is not None:
        _, health = sheet.to_sum("HEALTH", ZERO, ZERO,
                                 employee=row.health.employee - already.employee,
                                 employer=row.health.employer - already.employer)  # fmt: skip
    contract, provident = provident_of(row, rates), NIL
    if contract is not NO_PROVIDENT:
        for code, base, mine, theirs in (
            ("PROVIDENT_1", bases.capped, contract.employee_1, contract.employer_1),
            ("PROVIDENT_2", bases.upper, contract.employee_2, contract.employer_2),
        ):
            provident += sheet.contribute(code, base, mine, base, theirs)[1]
    if row.employer.size >= rates["size_health_levy"] and (health or provident):
        sheet.contribute("HEALTH_LEVY", ZERO, ZERO, health + provident,
                         rates["health_social_levy"])  # fmt: skip
    return Cover(health, provident)
