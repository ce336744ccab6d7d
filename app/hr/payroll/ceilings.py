"""The ceiling of social security in a month, and the parts of pay that it cuts (CSS R242-2, L241-3)."""

from decimal import Decimal
from typing import NamedTuple

from app.hr.payroll.rounding import ZERO, to_cent

WEEKS_OF_MONTH = Decimal(52) / Decimal(12)


class Bases(NamedTuple):
    all: Decimal
    capped: Decimal
    upper: Decimal
    four: Decimal
    technical: Decimal
    # up to four ceilings too; an apprentice's exemption leaves it whole
    apec: Decimal


def share_of_hours(monthly_hours: Decimal, hours_week: Decimal) -> Decimal:
    """Part-time as weekly hours over the legal ones: 121.3333 hours a month are 28 a week."""
    weekly = (monthly_hours / WEEKS_OF_MONTH).quantize(Decimal("0.01"))
    return min(Decimal(1), weekly / hours_week)


def month_ceiling(ceiling: Decimal, before: Decimal, fraction: Decimal) -> Decimal:
    """For a further part of the month; `before` and `fraction` are shares of the full ceiling.
    The parts of a month add up to the month."""
    if not before:
        return to_cent(ceiling * fraction)
    return to_cent(ceiling * (before + fraction)) - to_cent(ceiling * before)


def bases(pay: Decimal, ceiling: Decimal) -> Bases:
    """The parts of a year's pay so far. The technical contribution is due on all pay, and on none
    of it up to the ceiling."""
    if pay <= ceiling:
        return Bases(pay, pay, ZERO, pay, ZERO, pay)
    eight, four = min(pay, 8 * ceiling), min(pay, 4 * ceiling)
    return Bases(pay, ceiling, eight - ceiling, four, eight, four)


def difference(now: Bases, before: Bases) -> Bases:
    return Bases(*[a - b for a, b in zip(now, before, strict=True)])
