"""Days of a month: of the calendar, Monday to Friday, Monday to Saturday."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.hr.payroll.rounding import to_cent


@lru_cache(maxsize=256)
def month_days(period: date) -> int:
    return monthrange(period.year, period.month)[1]


@lru_cache(maxsize=4096)
def week_days(period: date, first: int, last: int, week: int = 5) -> int:
    """Days between two of the month, of a week of five or six days from Monday on. Public holidays
    count: they are paid."""
    begins = date(period.year, period.month, 1).weekday()
    return sum((begins + day - 1) % 7 < week for day in range(first, last + 1))


def pay_for_presence(salary: Decimal, period: date, first: int, last: int) -> Decimal:
    """Of the days worked over those of the month. Parts of one month add up to the salary."""
    whole = week_days(period, 1, month_days(period))
    until = to_cent(salary * week_days(period, 1, last) / whole)
    before = to_cent(salary * week_days(period, 1, first - 1) / whole)
    return until - before
