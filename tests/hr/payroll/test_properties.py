from dataclasses import asdict, replace
from datetime import date
from decimal import ROUND_UP, Decimal, getcontext, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.hr.payroll.accounting import WAGES_OWED, entries
from app.hr.payroll.counters import Counters
from app.hr.payroll.given import (
    Bonus,
    EmployeeMonth,
    Employer,
    Health,
    MealVouchers,
    Provident,
)
from app.hr.payroll.outcome import PayslipResult
from tests.effort import effort
from tests.hr.payroll.people import ENGINE, NOVEMBER, month, paid

CEILING = Decimal(4005)


def euros(least: int, most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(least * 100, most * 100).map(lambda cents: Decimal(cents).scaleb(-2))


employers = st.builds(
    Employer,
    size=st.sampled_from([5, 11, 20, 30, 49, 50, 249, 250, 3000]),
    accident_rate=st.sampled_from([Decimal("0.0208"), Decimal("0.001"), Decimal("0.07")]),
    mobility_rate=st.sampled_from([Decimal(0), Decimal("0.02")]),
    alsace_moselle=st.booleans(),
)


@st.composite
def months(draw: st.DrawFn, /, **fixed: Any) -> EmployeeMonth:
    contract = draw(st.sampled_from(["permanent", "permanent", "fixed_term", "apprentice"]))
    vouchers = st.builds(MealVouchers, st.integers(1, 22).map(Decimal), euros(6, 20),
                         st.sampled_from([Decimal("0.5"), Decimal("0.6"), Decimal("0.7")]))  # fmt: skip
    drawn: dict[str, Any] = {
        "employer": draw(employers),
        "contract": contract,
        "executive": contract != "apprentice" and draw(st.booleans()),
        "salary": draw(euros(1000, 1800) if contract == "apprentice" else euros(1900, 45_000)),
        "bonuses": draw(st.just(()) | euros(1, 30_000).map(lambda a: (Bonus(a),))),
        "overtime_25": draw(st.integers(0, 30).map(Decimal)),
        "overtime_50": draw(st.integers(0, 10).map(Decimal)),
        "benefits_in_kind": draw(st.just(Decimal(0)) | euros(0, 300)),
        "health": draw(st.none() | st.builds(Health, euros(0, 60), euros(0, 90))),
        "provident": draw(st.none() | st.just(Provident(
            Decimal("0.004"), Decimal("0.016"), Decimal("0.006"), Decimal("0.009")))),
        "meal_vouchers": draw(st.none() | vouchers),
        "tax_rate": draw(st.none() | st.sampled_from([Decimal(0), Decimal("0.081")])),
    }  # fmt: skip
    return month(**drawn | fixed)


def compute(
    period: date, rows: list[EmployeeMonth], counters: dict[str, Counters] | None = None
) -> list[PayslipResult]:
    made = ENGINE.compute(period, rows, counters or {})
    for one in made:
        assert one.status == "ok", one.issues
    return made


def booked(counters: Counters) -> dict[str, Any]:
    """The year to the cent; sums that are not rounded are left out."""
    data = asdict(counters)
    codes = {*counters.employee, *counters.employer}
    lines = {code: counters.booked(code) for code in codes if any(counters.booked(code))}
    kept = ("gross", "ceiling", "exempted", "overtime_hours", "overtime_gross", "net_social",
            "net_before_tax", "apprentice_pay", "taxable", "tax", "net_paid", "employer_cost")  # fmt: skip
    return {name: data[name] for name in kept} | {"lines": lines}


@settings(deadline=None, max_examples=effort(30))
@given(row=months())
def test_totals_are_sums_of_lines(row: EmployeeMonth) -> None:
    [made] = compute(NOVEMBER, [row])
    totals, lines = made.totals, made.lines

    def employee(kind: str) -> Decimal:
        return sum((one.employee for one in lines if one.kind.kind == kind), Decimal(0))

    assert totals.gross == employee("earning")
    assert totals.net_social == totals.gross - employee("contribution")
    assert totals.net_before_tax == totals.net_social - employee("deduction")
    assert totals.tax == employee("tax")
    assert totals.net_paid == totals.net_before_tax - totals.tax + employee("payment")
    assert totals.employer_cost == totals.gross + sum(one.employer for one in lines)
    assert all(amount == amount.quantize(Decimal("0.01")) for one in lines
               for amount in (one.employee, one.employer))  # fmt: skip


@settings(deadline=None, max_examples=effort(30))
@given(row=months())
def test_the_ledger_entry_balances_and_owes_the_net_pay(row: EmployeeMonth) -> None:
    [made] = compute(NOVEMBER, [replace(row, expenses=Decimal("12.30"), advance=Decimal(100))])
    booked = entries(made.lines)
    assert sum(one.debit for one in booked) == sum(one.credit for one in booked)
    [wages] = [one.credit - one.debit for one in booked if one.account == WAGES_OWED]
    assert wages == made.totals.net_paid


@settings(deadline=None, max_examples=effort(6))
@given(rows=st.lists(months(), min_size=12, max_size=12))
def test_the_year_is_the_sum_of_its_months(rows: list[EmployeeMonth]) -> None:
    """Of one employer and contract: a change of them in between is another question."""
    first, counters, made = rows[0], Counters(), []
    for number, row in enumerate(rows, start=1):
        one = replace(row, employer=first.employer, contract=first.contract,
                      salary=first.salary, executive=first.executive)  # fmt: skip
        [payslip] = compute(date(2026, number, 1), [one], {"a": counters})
        counters = payslip.after
        made.append(payslip)
    assert counters.gross == sum(one.totals.gross for one in made)
    assert counters.net_paid == sum(one.totals.net_paid for one in made)
    assert counters.ceiling == 12 * CEILING
    for code in {*counters.employee, *counters.employer}:
        lines = [one.line(code) for one in made]
        sums = (
            sum(one.employee for one in lines if one),
            sum(one.employer for one in lines if one),
        )
        assert counters.booked(code) == sums, code
    # capped lines know only the year: 6.9 % of what its ceiling leaves of its pay
    if first.contract != "apprentice":
        capped = min(counters.gross, counters.ceiling) * Decimal("0.069")
        assert abs(counters.booked("OLD_AGE_CAPPED")[0] - capped) <= Decimal("0.005")


@settings(deadline=None, max_examples=effort(30))
@given(row=months(), day=st.integers(5, 25), number=st.integers(1, 12))
def test_a_month_in_two_payslips_is_the_same_year(
    row: EmployeeMonth, day: int, number: int
) -> None:
    period = date(2026, number, 1)
    [whole] = compute(period, [row])
    nothing: dict[str, Any] = {
        "bonuses": (), "overtime_25": Decimal(0), "overtime_50": Decimal(0),
        "benefits_in_kind": Decimal(0), "meal_vouchers": None,
    }  # fmt: skip
    parts = [replace(row, last_day=day, **nothing), replace(row, first_day=day + 1)]
    assert_same_year(period, parts, whole)
    beside = [replace(row, bonuses=()), replace(row, supplement=True, **nothing
                                                | {"bonuses": row.bonuses})]  # fmt: skip
    assert_same_year(period, beside, whole)


def assert_same_year(period: date, parts: list[EmployeeMonth], whole: PayslipResult) -> None:
    """A second part that pays next to nothing may be cents below it, which is refused: no payslip
    is negative."""
    made = ENGINE.compute(period, parts, {})
    if made[-1].status == "blocked":
        [issue] = made[-1].issues
        assert issue.code == "net_negative"
        assert whole.totals.net_paid < made[0].totals.net_paid
        return
    assert booked(made[-1].after) == booked(whole.after)


@settings(deadline=None, max_examples=effort(30))
@given(
    executive=st.booleans(),
    pair=st.lists(euros(1900, 4004), min_size=2, max_size=2)
    | st.lists(euros(4006, 40_000), min_size=2, max_size=2),
)
def test_net_rises_with_gross_on_either_side_of_the_ceiling(
    executive: bool, pair: list[Decimal]
) -> None:
    low, high = sorted(pair)
    less, more = (paid(salary=one, executive=executive).totals.net_before_tax
                  for one in (low, high))  # fmt: skip
    assert more >= less
    if high - low >= 1:
        assert more > less


def test_the_step_at_the_ceiling_is_the_technical_contribution_on_all_pay() -> None:
    below, above = paid(salary=CEILING), paid(salary=CEILING + Decimal("0.01"))
    assert below.line("TECHNICAL_BALANCE") is None
    line = above.line("TECHNICAL_BALANCE")
    assert line
    assert line.employee == Decimal("5.61")
    fall = below.totals.net_before_tax - above.totals.net_before_tax
    assert Decimal("5.59") <= fall <= Decimal("5.61")


@settings(deadline=None, max_examples=effort(10))
@given(rows=st.lists(months(), min_size=2, max_size=6), data=st.data())
def test_the_order_of_employees_does_not_matter(rows: list[EmployeeMonth], data: Any) -> None:
    named = [replace(row, employee_id=str(number)) for number, row in enumerate(rows)]
    shuffled = data.draw(st.permutations(named))
    one = {made.employee_id: made.sha256 for made in compute(NOVEMBER, named)}
    other = {made.employee_id: made.sha256 for made in compute(NOVEMBER, shuffled)}
    assert one == other


@settings(deadline=None, max_examples=effort(30))
@given(row=months())
def test_the_same_input_gives_the_same_bytes_whatever_the_callers_arithmetic(
    row: EmployeeMonth,
) -> None:
    [made] = compute(NOVEMBER, [row])
    with localcontext() as context:
        context.prec, context.rounding = 9, ROUND_UP
        [again] = ENGINE.compute(NOVEMBER, [row], {})
        assert getcontext().prec == 9
    assert again.as_bytes() == made.as_bytes()


@settings(deadline=None, max_examples=effort(30))
@given(row=months())
def test_counters_kept_as_json_go_on_alike(row: EmployeeMonth) -> None:
    [made] = compute(date(2026, 10, 1), [row])
    kept = Counters.of_data(made.after.as_data())
    assert kept == made.after
    going_on = [compute(NOVEMBER, [row], {"a": one})[0].sha256 for one in (made.after, kept)]
    assert going_on[0] == going_on[1]


def test_one_refused_employee_does_not_stop_the_others() -> None:
    rows = [month(employee_id="1"), month(employee_id="2", salary=Decimal(900)),
            month(employee_id="3")]  # fmt: skip
    assert [one.status for one in ENGINE.compute(NOVEMBER, rows, {})] == ["ok", "blocked", "ok"]


@pytest.mark.parametrize("code", ["REDUCTION", "OVERTIME_RELIEF"])
def test_a_later_month_corrects_an_earlier_one(code: str) -> None:
    """A bonus that came in September, or in October as a supplement to it: the year is the same."""
    extra: dict[str, Any] = {"overtime_25": Decimal(10), "salary": Decimal(2500)}
    bonus = (Bonus(Decimal(3000)),)
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    once = paid(october, paid(september, bonuses=bonus, **extra).after, **extra).after
    late = paid(october, paid(september, **extra).after, bonuses=bonus, **extra).after
    assert once.booked(code) == late.booked(code)
