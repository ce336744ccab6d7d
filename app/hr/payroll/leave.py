"""Paid leave: the higher of one tenth and of pay as if worked (Code du travail L3141-24); leave paid
out and the indemnity at the end of a fixed term; leave earned (L3141-3, L3141-5-1)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.hr.payroll.given import FixedTermEnd, Leave
from app.hr.payroll.presence import month_days, week_days
from app.hr.payroll.rounding import to_cent


def _month_days(leave: Leave, period: date) -> Decimal:
    return leave.month_days or Decimal(week_days(period, 1, month_days(period), 6))


def maintained(leave: Leave, *, salary: Decimal, period: date) -> Decimal:
    return to_cent(salary * leave.days / _month_days(leave, period))


def tenth(leave: Leave, rates: Mapping[str, Any]) -> Decimal:
    earned = leave.reference_days or rates["leave_year"]
    amount: Decimal = leave.reference_gross * rates["leave_share"] * leave.days / earned
    return to_cent(amount)


def leave_pay(leave: Leave, *, salary: Decimal, period: date, rates: Mapping[str, Any]) -> Decimal:
    return max(tenth(leave, rates), maintained(leave, salary=salary, period=period))


def end_indemnity(end: FixedTermEnd, *, gross: Decimal, rates: Mapping[str, Any]) -> Decimal:
    """Of all gross pay of the contract; `gross` is this month's. A collective agreement may lower
    the rate to six per cent against training."""
    rate = rates["fixed_term_end"] if end.rate is None else end.rate
    return to_cent((end.gross_before + gross) * rate)


def earned(*, days: int, sick: int, of_month: int, rates: Mapping[str, Any]) -> Decimal:
    """Leave earned for days of the calendar present, part of them sick; unpaid ones earn none."""
    amount: Decimal = rates["leave_month"] * (days - sick) + rates["leave_month_sick"] * sick
    return to_cent(amount / of_month)
