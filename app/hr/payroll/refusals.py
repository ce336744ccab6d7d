"""Why a payslip is refused, with what to do about it. A refusal is of one employee."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.hr.payroll import absences
from app.hr.payroll.ceilings import share_of_hours
from app.hr.payroll.counters import Counters
from app.hr.payroll.given import EmployeeMonth
from app.hr.payroll.outcome import Issue
from app.hr.payroll.presence import month_days
from app.hr.payroll.rounding import ZERO, to_cent
from app.hr.payroll.social_number import is_valid
from tenants.core.text import _m

CONTRACTS = ("permanent", "fixed_term", "apprentice")
TOO_MUCH = Decimal(10) ** 9
Rates = Mapping[str, Any]


def period_outside(period: date, first: date, last: date) -> Issue:
    return Issue(
        "period_outside_parameters",
        _m(
            "No figures for %(period)s: they are valid from %(first)s to %(last)s."
            " Choose a month in between, or update the product."
        ),
        {"period": f"{period:%Y-%m}", "first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}"},
    )


def negative_net(net: Decimal) -> Issue:
    return Issue(
        "net_negative",
        _m(
            "The net pay would be %(net)s EUR. Spread the deductions over later months,"
            " or ask the employee for the difference outside of payroll."
        ),
        {"net": str(net)},
    )


def check(row: EmployeeMonth, period: date, before: Counters, rates: Rates) -> tuple[Issue, ...]:
    found: list[Issue] = []
    for rule in (_contract, _employer, _numbers, _days, _absences, _order):
        found += rule(row, period, before)
    if not found:
        found += _minimum(row, rates)
    return tuple(found)


def _contract(row: EmployeeMonth, _period: date, _before: Counters) -> list[Issue]:
    found = []
    if row.contract not in CONTRACTS:
        text = _m(
            "The contract type “%(given)s” is not known. Choose permanent, fixed_term or apprentice."
        )
        found.append(Issue("contract_unknown", text, {"given": row.contract[:40]}))
    if row.nir is not None and not is_valid(row.nir):
        text = _m(
            "The social security number is not valid: its 13 characters and its key don’t fit."
            " Copy it again from the employee’s card or certificate."
        )
        found.append(Issue("nir_invalid", text))
    return found


def _employer(row: EmployeeMonth, _period: date, _before: Counters) -> list[Issue]:
    found = []
    if row.employer.accident_rate is None:
        text = _m(
            "The work-accident rate of the establishment is missing."
            " Enter the rate that the retirement and occupational health fund has notified."
        )
        found.append(Issue("accident_rate_missing", text))
    if row.employer.mobility_rate is None:
        text = _m(
            "The mobility rate of the establishment is missing."
            " Enter it, or 0 where the contribution is not due."
        )
        found.append(Issue("mobility_rate_missing", text))
    return found


def _numbers(row: EmployeeMonth, _period: date, _before: Counters) -> list[Issue]:
    found = []
    amounts = (
        row.salary, row.overtime_25, row.overtime_50, row.benefits_in_kind, row.expenses,
        row.advance, row.employer.accident_rate or ZERO, row.employer.mobility_rate or ZERO,
        row.tax_rate or ZERO, Decimal(row.employer.size), *_amounts_beside(row),
    )  # fmt: skip
    try:
        fine = min(amounts) >= 0 and max(amounts) < TOO_MUCH
    except InvalidOperation:  # not a number
        fine = False
    if not fine:
        text = _m("An amount, a rate or a number of hours is negative or impossible. Correct it.")
        found.append(Issue("amount_negative", text))
    vouchers = None if row.meal_vouchers is None else row.meal_vouchers.employer_share
    shares = (row.employer.accident_rate, row.employer.mobility_rate, row.tax_rate, vouchers)
    if any(one is not None and one > 1 for one in shares):
        text = _m("A rate is above 100 %. Enter rates as shares, like 0.0208 for 2.08 %.")
        found.append(Issue("rate_too_high", text))
    if not ZERO < row.monthly_hours <= Decimal("151.67"):
        text = _m(
            "The contract has %(hours)s hours a month. Enter up to 151.67,"
            " and what is worked beyond as overtime."
        )
        found.append(Issue("hours_outside", text, {"hours": str(row.monthly_hours)}))
    return found


def _amounts_beside(row: EmployeeMonth) -> list[Decimal]:
    found: list[Decimal] = []
    if row.health is not None:
        found += (row.health.employee, row.health.employer)
    if row.meal_vouchers is not None:
        given = row.meal_vouchers
        found += (given.number, given.value, given.employer_share)
    for leave in (row.leave, row.leave_payout):
        if leave is not None:
            found += (leave.days, leave.reference_gross)
    if row.fixed_term_end is not None:
        found.append(row.fixed_term_end.gross_before)
    return found


def _days(row: EmployeeMonth, period: date, _before: Counters) -> list[Issue]:
    last = month_days(period)
    if 1 <= row.first_day <= (row.last_day or last) <= last:
        return []
    text = _m(
        "The days from %(first)s to %(last)s are not in this month."
        " Correct the day of entry or exit."
    )
    days = {"first": str(row.first_day), "last": str(row.last_day or last)}
    return [Issue("days_outside", text, days)]


def _absences(row: EmployeeMonth, period: date, _before: Counters) -> list[Issue]:
    for one in row.absences:
        if one.kind not in absences.KINDS:
            text = _m("The absence type “%(given)s” is not known. Choose unpaid or sick.")
            return [Issue("absence_unknown", text, {"given": one.kind[:40]})]
        if one.days < 0 or one.calendar_days < 0 or not 0 <= one.kept <= 1:
            return [Issue("amount_negative",
                          _m("An amount, a rate or a number of hours is negative or impossible. Correct it."))]  # fmt: skip
    if sum(one.calendar_days for one in row.absences) > month_days(period):
        text = _m("The absences are longer than the month. Correct their days.")
        return [Issue("absences_too_long", text)]
    return []


def _order(row: EmployeeMonth, period: date, before: Counters) -> list[Issue]:
    if before.period is not None and before.period > period:
        text = _m(
            "A payslip for %(later)s exists already. Correct an earlier month by a payslip"
            " with the difference in a later one."
        )
        return [Issue("period_before_last", text, {"later": f"{before.period:%Y-%m}"})]
    last = before.in_month(period).last_day
    if not row.supplement and last >= row.first_day:
        text = _m(
            "Days up to day %(last)s are paid already. Make a further payslip of these days"
            " a supplement."
        )
        return [Issue("days_already_paid", text, {"last": str(last)})]
    return []


def _minimum(row: EmployeeMonth, rates: Rates) -> list[Issue]:
    """The salary of the whole month, so that an entry or an absence doesn't count against it."""
    if row.supplement:
        return []
    counted = row.salary + row.benefits_in_kind
    counted += sum((one.amount for one in row.bonuses if one.counts_for_minimum), ZERO)
    share = Decimal(1)
    if row.contract == "apprentice":
        share = rates["apprentice_least_pay"] if row.minimum_share is None else row.minimum_share
    hours = rates["hours_year"] / 12 * share_of_hours(row.monthly_hours, rates["hours_week"])
    lowest = to_cent(rates["smic_hourly"] * hours * share)
    steps: list[tuple[Decimal, Callable[[], Issue]]] = [
        (lowest, lambda: Issue("below_minimum_wage", _m(
            "The pay of %(pay)s EUR is below the minimum wage of %(least)s EUR for the"
            " contract’s hours. Correct the salary or the hours."),
            {"pay": str(counted), "least": str(lowest)})),
        (row.agreed_minimum or ZERO, lambda: Issue("below_agreed_minimum", _m(
            "The pay of %(pay)s EUR is below the agreed minimum of %(least)s EUR."
            " Correct the salary or the classification."),
            {"pay": str(counted), "least": str(row.agreed_minimum)})),
    ]  # fmt: skip
    return [make() for least, make in steps if counted < least]
