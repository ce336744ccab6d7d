"""Days not worked, at their share of the days of the month (Cass. soc.: real working time)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.hr.payroll.given import Absence
from app.hr.payroll.presence import month_days, week_days
from app.hr.payroll.rounding import NIL, ZERO, to_cent

KINDS = ("unpaid", "sick")


class Missed(NamedTuple):
    """Negative amounts; days of the calendar that reduce the ceiling are those without any pay."""

    unpaid: Decimal = NIL
    sick: Decimal = NIL
    kept: Decimal = NIL
    unpaid_days: Decimal = ZERO
    sick_days: Decimal = ZERO
    without_pay: int = 0
    sick_calendar_days: int = 0
    unpaid_calendar_days: int = 0


NOTHING_MISSED = Missed()


def missed(
    absences: Sequence[Absence], *, salary: Decimal, present: Decimal, period: date
) -> Missed:
    """Never more than the pay for the days of presence."""
    if not absences:
        return NOTHING_MISSED
    days = week_days(period, 1, month_days(period))
    unpaid = sum((a.days for a in absences if a.kind == "unpaid"), ZERO)
    sick = sum((a.days for a in absences if a.kind == "sick"), ZERO)
    kept = sum((a.days * a.kept for a in absences if a.kind == "sick"), ZERO)
    off_unpaid = min(present, to_cent(salary * unpaid / days))
    off_sick = min(present - off_unpaid, to_cent(salary * sick / days))
    return Missed(
        unpaid=-off_unpaid,
        sick=-off_sick,
        kept=min(off_sick, to_cent(salary * kept / days)),
        unpaid_days=unpaid,
        sick_days=sick,
        without_pay=sum(a.calendar_days for a in absences if not a.kept),
        sick_calendar_days=sum(a.calendar_days for a in absences if a.kind == "sick"),
        unpaid_calendar_days=sum(a.calendar_days for a in absences if a.kind == "unpaid"),
    )
