"""Overtime: its pay, the relief on both sides (CSS D241-21, D241-24) and the part that is free of
income tax (CGI 81 quater)."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.hr.payroll.rounding import NIL, to_cent

PENSIONS = (
    "OLD_AGE_CAPPED", "OLD_AGE", "RETIREMENT_1", "RETIREMENT_2", "BALANCE_1", "BALANCE_2",
    "TECHNICAL_BALANCE",
)  # fmt: skip
RATE = Decimal("0.0001")


def overtime_pay(hours: Decimal, *, salary: Decimal, monthly_hours: Decimal,
                 more: Decimal) -> Decimal:  # fmt: skip
    return to_cent(hours * (1 + more) * salary / monthly_hours)


def relief_rate(*, pensions: Decimal, gross: Decimal, most: Decimal) -> Decimal:
    """What the employee pays for pensions over the year so far, as a rate of gross pay."""
    if gross <= 0:
        return NIL
    return min(most, (pensions / gross).quantize(RATE, ROUND_HALF_UP))


def employer_deduction(hours: Decimal, *, size: int, rates: Mapping[str, Any]) -> Decimal:
    small = size < rates["size_overtime"]
    each: Decimal = rates["overtime_employer_small" if small else "overtime_employer_large"]
    return to_cent(hours * each)


def taxed_share(rates: Mapping[str, Any]) -> Decimal:
    """A euro of overtime counts less its deductible CSG against the limit of the year."""
    share: Decimal = 1 - rates["csg_share"] * rates["csg_deductible"]
    return share


def tax_free(pay: Decimal, *, used: Decimal, rates: Mapping[str, Any]) -> Decimal:
    """Of this month's overtime, gross; the limit of the year is net."""
    if not pay:
        return NIL
    room = max(NIL, rates["overtime_tax_free"] - used) / taxed_share(rates)
    return min(pay, to_cent(room))
