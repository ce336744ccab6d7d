"""Gross pay: the lines of what is earned, in the order of the payslip."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from app.hr.payroll import absences, leave, meal_vouchers, overtime_relief, presence
from app.hr.payroll.given import EmployeeMonth
from app.hr.payroll.regularisation import Sheet
from app.hr.payroll.rounding import NIL, ZERO, to_cent


class Earned(NamedTuple):
    gross: Decimal
    overtime: Decimal
    overtime_hours: Decimal
    # pay received of full pay, for the reference SMIC
    paid_share: Decimal
    # calendar days that the ceiling counts
    days: int
    sick_days: int
    leave_days_earned_on: int
    vouchers: meal_vouchers.Shares | None


def earn(sheet: Sheet, row: EmployeeMonth, period: date, rates: Mapping[str, Any]) -> Earned:
    last = row.last_day or presence.month_days(period)
    received, off = NIL, absences.NOTHING_MISSED
    if not row.supplement:
        received, off = _salary(sheet, row, period, last)
    overtime = _overtime(sheet, row, rates)
    sheet.plain("BONUS", ZERO, ZERO, sum((one.amount for one in row.bonuses), NIL))
    _leave(sheet, row, period, rates)
    sheet.plain("BENEFITS_IN_KIND", ZERO, ZERO, row.benefits_in_kind)
    given = row.meal_vouchers
    vouchers = None if given is None else meal_vouchers.shares(given, rates)
    if vouchers:
        sheet.plain("VOUCHERS_TAXED", ZERO, ZERO, vouchers.employer_taxed)
    if row.fixed_term_end:
        _end(sheet, row, period, rates)
    days = 0 if row.supplement else last - row.first_day + 1
    return Earned(
        gross=sheet.sums["earning"],
        overtime=overtime,
        overtime_hours=row.overtime_25 + row.overtime_50,
        paid_share=received / row.salary if row.salary else ZERO,
        days=max(0, days - off.without_pay),
        sick_days=off.sick_calendar_days,
        leave_days_earned_on=max(0, days - off.unpaid_calendar_days),
        vouchers=vouchers,
    )


def _salary(
    sheet: Sheet, row: EmployeeMonth, period: date, last: int
) -> tuple[Decimal, absences.Missed]:
    salary, present = row.salary, row.salary
    sheet.plain("SALARY", row.monthly_hours, to_cent(salary / row.monthly_hours), salary)
    if row.first_day > 1 or last < presence.month_days(period):
        present = presence.pay_for_presence(salary, period, row.first_day, last)
        sheet.plain("PRESENCE", ZERO, ZERO, present - salary)
    off = absences.missed(row.absences, salary=salary, present=present, period=period)
    sheet.plain("ABSENCE_UNPAID", off.unpaid_days, ZERO, off.unpaid)
    sheet.plain("ABSENCE_SICK", off.sick_days, ZERO, off.sick)
    sheet.plain("SICK_PAY", off.sick_days, ZERO, off.kept)
    return present + off.unpaid + off.sick + off.kept, off


def _overtime(sheet: Sheet, row: EmployeeMonth, rates: Mapping[str, Any]) -> Decimal:
    pay = NIL
    for code, hours, more in (
        ("OVERTIME_25", row.overtime_25, rates["overtime_first"]),
        ("OVERTIME_50", row.overtime_50, rates["overtime_second"]),
    ):
        if hours:
            amount = overtime_relief.overtime_pay(
                hours, salary=row.salary, monthly_hours=row.monthly_hours, more=more
            )
            hourly = to_cent((1 + more) * row.salary / row.monthly_hours)
            sheet.plain(code, hours, hourly, amount)
            pay += amount
    return pay


def _leave(sheet: Sheet, row: EmployeeMonth, period: date, rates: Mapping[str, Any]) -> None:
    if row.leave is not None:
        kept = leave.maintained(row.leave, salary=row.salary, period=period)
        paid = max(kept, leave.tenth(row.leave, rates))
        sheet.plain("LEAVE_ABSENCE", row.leave.days, ZERO, -kept)
        sheet.plain("LEAVE_PAY", row.leave.days, ZERO, paid)
    if row.leave_payout is not None and row.fixed_term_end is None:
        paid = leave.leave_pay(row.leave_payout, salary=row.salary, period=period, rates=rates)
        sheet.plain("LEAVE_PAYOUT", row.leave_payout.days, ZERO, paid)


def _end(sheet: Sheet, row: EmployeeMonth, period: date, rates: Mapping[str, Any]) -> None:
    """The indemnity counts in the tenth of leave that is paid out after it."""
    assert row.fixed_term_end is not None
    month = sheet.sums["earning"]
    indemnity = leave.end_indemnity(row.fixed_term_end, gross=month, rates=rates)
    sheet.plain("FIXED_TERM_END", row.fixed_term_end.gross_before + month,
                rates["fixed_term_end"] if row.fixed_term_end.rate is None
                else row.fixed_term_end.rate, indemnity)  # fmt: skip
    if row.leave_payout is not None:
        given = row.leave_payout
        counted = type(given)(
            days=given.days,
            reference_gross=given.reference_gross + month + indemnity,
            reference_days=given.reference_days,
            month_days=given.month_days,
        )
        paid = leave.leave_pay(counted, salary=row.salary, period=period, rates=rates)
        sheet.plain("LEAVE_PAYOUT", given.days, ZERO, paid)
