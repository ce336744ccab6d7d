"""Amounts worked out by hand from the law, one rule at a time."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.hr.payroll.given import (
    Absence,
    Bonus,
    Employer,
    FixedTermEnd,
    Health,
    Leave,
    MealVouchers,
    Provident,
)
from tests.hr.payroll.people import EMPLOYER, employee, employer, paid

D = Decimal


def test_entry_in_the_month_pays_working_days_and_counts_calendar_days() -> None:
    """From Monday 16 November 2026: 11 of 21 working days, 15 of 30 days."""
    made = paid(first_day=16, salary=D(6000))
    assert made.totals.gross == D("3142.86")
    assert made.after.ceiling == D("2002.50")
    assert employee(made, "OLD_AGE_CAPPED") == D("138.17")


def test_exit_in_the_month() -> None:
    made = paid(date(2026, 10, 1), last_day=16, salary=D(2200))
    assert made.totals.gross == D("1200.00")  # 12 of 22 working days
    assert made.after.ceiling == D("2067.10")  # 16 of 31 days


def test_unpaid_days_lower_pay_ceiling_and_reference_minimum_wage() -> None:
    made = paid(absences=(Absence("unpaid", D(5), 7),), salary=D(2100))
    assert employee(made, "ABSENCE_UNPAID") == D("-500.00")
    assert made.totals.gross == D("1600.00")
    assert made.after.ceiling == D("3070.50")  # 23 of 30 days
    assert made.after.reduction_smic.quantize(D("0.01")) == D("1388.98")  # 16 of 21 days


def test_sick_days_with_pay_kept_leave_the_ceiling_whole() -> None:
    made = paid(absences=(Absence("sick", D(5), 7, kept=D("0.9")),), salary=D(2100))
    assert employee(made, "ABSENCE_SICK") == D("-500.00")
    assert employee(made, "SICK_PAY") == D("450.00")
    assert made.after.ceiling == D(4005)


def test_a_month_of_sickness_without_pay_is_a_payslip_of_nothing() -> None:
    made = paid(absences=(Absence("sick", D(21), 30),))
    assert made.totals.gross == 0
    assert made.totals.net_paid == 0
    assert made.after.ceiling == 0


def test_leave_is_earned_by_the_day_and_less_in_sickness() -> None:
    assert paid().after.leave_earned == D("2.50")
    sick = paid(absences=(Absence("sick", D(10), 15),)).after
    assert sick.leave_earned == D("2.25")
    unpaid = paid(absences=(Absence("unpaid", D(10), 15),)).after
    assert unpaid.leave_earned == D("1.25")
    nearly = paid(date(2026, 12, 1), paid(leave=Leave(D(6))).after)
    assert nearly.after.leave_balance == D("-1.00")


@pytest.mark.parametrize(
    ("reference", "expected"), [(D(30000), D("600.00")), (D(33000), D("660.00"))]
)
def test_leave_is_paid_by_the_higher_of_a_tenth_and_pay_as_if_worked(
    reference: Decimal, expected: Decimal
) -> None:
    """Six of the 25 days from Monday to Saturday in November 2026."""
    made = paid(salary=D(2500), leave=Leave(D(6), reference_gross=reference))
    assert employee(made, "LEAVE_ABSENCE") == D("-600.00")
    assert employee(made, "LEAVE_PAY") == expected


def test_a_fixed_term_ends_with_a_tenth_and_its_leave() -> None:
    """10 % of 7,500; then a tenth of 8,250 for all days earned."""
    made = paid(
        contract="fixed_term", salary=D(2500), fixed_term_end=FixedTermEnd(D(5000)),
        leave_payout=Leave(D("7.5"), reference_gross=D(5000), reference_days=D("7.5")),
    )  # fmt: skip
    assert employee(made, "FIXED_TERM_END") == D("750.00")
    assert employee(made, "LEAVE_PAYOUT") == D("825.00")
    assert made.totals.gross == D("4075.00")
    lower = paid(contract="fixed_term", fixed_term_end=FixedTermEnd(D(5000), rate=D("0.06")))
    assert employee(lower, "FIXED_TERM_END") == D("450.00")


def test_benefits_in_kind_are_pay_that_was_had_already() -> None:
    made = paid(salary=D(2500), benefits_in_kind=D(200))
    assert made.totals.gross == D(2700)
    assert made.totals.net_social - made.totals.net_before_tax == D(200)


@pytest.mark.parametrize(
    ("share", "taxed", "withheld"),
    [
        (D("0.5"), D("0.00"), D("100.00")),  # 5.00 each
        (D("0.6"), D("0.00"), D("80.00")),
        (D("0.7"), D("20.00"), D("60.00")),  # 7.00, of which 6.00 free
        (D("0.4"), D("80.00"), D("120.00")),  # below half nothing is free
    ],
)
def test_meal_vouchers_of_ten_euros(share: Decimal, taxed: Decimal, withheld: Decimal) -> None:
    made = paid(meal_vouchers=MealVouchers(D(20), D(10), share))
    assert employee(made, "VOUCHERS_TAXED") == taxed
    assert employee(made, "VOUCHERS") == withheld
    assert employer(made, "VOUCHERS") + taxed == 200 - withheld


def test_overtime_is_relieved_on_both_sides_by_size() -> None:
    hours: dict[str, Any] = {"salary": D("2275.00"), "overtime_25": D(8), "overtime_50": D(2)}
    made = paid(**hours)
    assert employee(made, "OVERTIME_25") == D("150.00")
    assert employee(made, "OVERTIME_50") == D("45.00")
    assert employee(made, "OVERTIME_RELIEF") == D("-22.05")
    assert employer(made, "OVERTIME_EMPLOYER") == D("-5.00")
    small = paid(**hours, employer=replace(EMPLOYER, size=19))
    assert employer(small, "OVERTIME_EMPLOYER") == D("-15.00")
    assert made.totals.taxable == paid(salary=D("2275.00")).totals.taxable


def test_overtime_beyond_the_limit_of_the_year_is_taxed() -> None:
    counters = None
    for number in range(1, 13):
        made = paid(date(2026, number, 1), counters, salary=D(4550), overtime_25=D(20))
        counters = made.after
        if number == 6:
            assert made.line("CSG_OVERTIME")
    assert counters
    # 37.50 an hour, 750 a month, 9,000 a year; 8,036.90 of it gross is 7,500 net
    assert counters.overtime_tax_free <= D("7500.01")
    assert counters.overtime_tax_free >= D("7499.98")
    assert made.line("CSG_OVERTIME") is None


def test_above_the_ceiling_the_relief_rate_is_what_pensions_cost() -> None:
    made = paid(salary=D(8000), overtime_25=D(10))
    line = made.line("OVERTIME_RELIEF")
    assert line
    assert D("0.10") < line.employee_rate < D("0.1131")


def test_an_apprentice_of_before_march_2025_is_freer() -> None:
    given: dict[str, Any] = {"contract": "apprentice", "salary": D(1500)}
    older = paid(**given, contract_since=date(2025, 2, 28))
    newer = paid(**given, contract_since=date(2025, 3, 1))
    # 1,500 - 79 % and - 50 % of 1,867.02
    assert employee(older, "OLD_AGE_CAPPED") == D("1.73")
    assert employee(newer, "OLD_AGE_CAPPED") == D("39.09")
    assert older.line("CSG_DEDUCTIBLE") is None
    assert newer.totals.taxable == 0
    assert paid(**given | {"salary": D(2400)}).totals.taxable > 0


def test_small_employers_owe_nothing_for_training_on_an_apprentices_pay() -> None:
    small, larger = replace(EMPLOYER, size=10), replace(EMPLOYER, size=11)
    given: dict[str, Any] = {"contract": "apprentice", "salary": D(1200)}
    for code in ("TRAINING", "APPRENTICESHIP_TAX", "APPRENTICESHIP_TAX_BALANCE"):
        assert paid(**given, employer=small).line(code) is None
        assert paid(**given, employer=larger).line(code)
        assert paid(employer=small).line(code)


def test_the_exemption_of_apprentices_leaves_apec_and_cover_whole() -> None:
    made = paid(contract="apprentice", executive=True, salary=D(1800), health=Health(D(20), D(20)))
    line = made.line("APEC")
    assert line
    assert line.employee_base == line.employer_base == D(1800)
    assert employee(made, "HEALTH") == D(20)
    assert made.line("OLD_AGE").employee_base == D("866.49")  # type: ignore[union-attr]


def test_an_apprentice_below_the_free_share_owes_no_csg_at_all() -> None:
    given: dict[str, Any] = {"contract": "apprentice", "health": Health(D(20), D(20))}
    free, beyond = paid(salary=D("933.51"), **given), paid(salary=D("933.52"), **given)
    assert free.line("CRDS") is None
    assert free.totals.net_before_tax == D("913.51")
    assert beyond.line("CRDS").employee_base == D("20.01")  # type: ignore[union-attr]


def test_what_an_apprentice_leaves_free_frees_no_later_pay() -> None:
    apprentice = paid(
        date(2026, 8, 1), contract="apprentice", salary=D(700), minimum_share=D("0.3")
    )
    worker: dict[str, Any] = {"salary": D(2500), "contract": "permanent"}
    later = paid(date(2026, 9, 1), apprentice.after, **worker)
    alone = paid(date(2026, 9, 1), **worker)
    assert apprentice.totals.taxable == 0
    assert later.totals.taxable == alone.totals.taxable
    assert employee(later, "OLD_AGE_CAPPED") == employee(alone, "OLD_AGE_CAPPED")
    before = paid(date(2026, 8, 1), **worker)
    turned = paid(date(2026, 9, 1), before.after, contract="apprentice", salary=D(700),
                  minimum_share=D("0.3"))  # fmt: skip
    assert employee(turned, "OLD_AGE_CAPPED") == 0
    assert turned.totals.taxable == 0


def test_a_rate_of_the_tax_office_goes_before_the_neutral_grid() -> None:
    neutral, own = paid(), paid(tax_rate=D("0.1"))
    assert neutral.totals.tax_rate == D("0.029")
    assert own.totals.tax == (own.totals.taxable * D("0.1")).quantize(D("0.01"))
    assert paid(tax_rate=D(0)).totals.tax == 0


@pytest.mark.parametrize(
    ("size", "codes"),
    [
        (10, set()),
        (11, {"HEALTH_LEVY", "MOBILITY"}),
        (50, {"HEALTH_LEVY", "MOBILITY", "HOUSING_PARTICIPATION"}),
        (250, {"HEALTH_LEVY", "MOBILITY", "HOUSING_PARTICIPATION", "APPRENTICESHIP_SUPPLEMENT"}),
    ],
)
def test_what_a_size_brings(size: int, codes: set[str]) -> None:
    owing = replace(EMPLOYER, size=size, mobility_rate=D("0.02"))
    made = paid(employer=owing, executive=True)
    watched = ("HEALTH_LEVY", "MOBILITY", "HOUSING_PARTICIPATION", "APPRENTICESHIP_SUPPLEMENT")
    assert {code for code in watched if made.line(code)} == codes


def test_many_apprentices_lower_the_supplement_and_few_of_a_large_one_raise_it() -> None:
    def rate(**given: Any) -> Decimal:
        made = paid(employer=Employer(given.pop("size", 300), D("0.02"), D(0), **given))
        line = made.line("APPRENTICESHIP_SUPPLEMENT")
        return line.employer_rate if line else D(0)

    assert rate() == D("0.004")
    assert rate(apprentice_share=D("0.015")) == D("0.002")
    assert rate(apprentice_share=D("0.05")) == 0
    assert rate(size=2000) == D("0.006")
    assert rate(alsace_moselle=True) == D("0.00208")


def test_a_provident_contract_replaces_the_least_cover_of_a_cadre() -> None:
    contract = Provident(D("0.005"), D("0.018"), D("0.006"), D("0.012"))
    made = paid(salary=D(6000), executive=True, provident=contract)
    assert employee(made, "PROVIDENT_1") == D("20.03")
    assert employer(made, "PROVIDENT_1") == D("72.09")
    assert employer(made, "PROVIDENT_2") == D("23.94")
    assert employer(made, "HEALTH_LEVY") == D("7.68")


def test_part_time_lowers_the_ceiling_by_weekly_hours() -> None:
    made = paid(salary=D(4000), monthly_hours=D("121.3333"))
    assert made.after.ceiling == D("3204.00")


def test_a_low_accident_rate_lowers_the_most_of_the_general_reduction() -> None:
    low: dict[str, Any] = {"contract": "apprentice", "salary": D(1200)}
    assert paid(**low).line("REDUCTION").employer_rate == D("0.3981")  # type: ignore[union-attr]
    least = paid(**low, employer=replace(EMPLOYER, accident_rate=D("0.001")))
    assert least.line("REDUCTION").employer_rate == D("0.3942")  # type: ignore[union-attr]


def test_no_general_reduction_from_three_times_the_minimum_wage() -> None:
    assert paid(salary=D("5469.09")).line("REDUCTION")
    assert paid(salary=D("5469.10")).line("REDUCTION") is None


def test_the_parts_of_the_reduction_are_one_amount() -> None:
    made = paid(salary=D(1900))
    whole = employer(made, "REDUCTION") + employer(made, "REDUCTION_RETIREMENT")
    assert whole == D("-681.72")
    assert employer(made, "REDUCTION_RETIREMENT") == D("-102.92")


def test_a_year_begins_anew_but_for_the_leave() -> None:
    december = paid(date(2026, 12, 1), bonuses=(Bonus(D(100)),)).after
    began = december.at(date(2027, 1, 1))
    assert began.gross == 0
    assert began.leave_earned == december.leave_earned
    assert not began.employee
    assert not began.employer
