from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.hr.payroll.given import Absence, Bonus, Employer, Health, Leave, MealVouchers
from tests.hr.payroll.people import EMPLOYER, ENGINE, month, paid, payslip, refused

# built from made-up numbers, with their right keys
NIRS = ["185057800608491", "2 91 10 2A 004 123 83", "1 85 05 78 006 084 91"]


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("accident_rate_missing", {"employer": replace(EMPLOYER, accident_rate=None)}),
        ("mobility_rate_missing", {"employer": replace(EMPLOYER, mobility_rate=None)}),
        ("below_minimum_wage", {"salary": Decimal("1867.01")}),
        ("below_agreed_minimum", {"agreed_minimum": Decimal("2500.01")}),
        ("net_negative", {"advance": Decimal(3000)}),
        ("nir_invalid", {"nir": "185057800608436"}),
        ("nir_invalid", {"nir": "18505780060843"}),
        ("nir_invalid", {"nir": "１85057800608491"}),
        ("contract_unknown", {"contract": "freelance"}),
        ("amount_negative", {"overtime_25": Decimal(-1)}),
        ("amount_negative", {"salary": Decimal("NaN")}),
        ("amount_negative", {"health": Health(Decimal(-20), Decimal(60))}),
        ("amount_negative", {"meal_vouchers": MealVouchers(Decimal(-1), Decimal(9), Decimal(0))}),
        ("amount_negative", {"leave": Leave(Decimal(-1))}),
        ("rate_too_high", {"meal_vouchers": MealVouchers(Decimal(1), Decimal(9), Decimal(50))}),
        ("rate_too_high", {"employer": replace(EMPLOYER, accident_rate=Decimal("2.08"))}),
        ("hours_outside", {"monthly_hours": Decimal(169)}),
        ("hours_outside", {"monthly_hours": Decimal(0)}),
        ("days_outside", {"last_day": 31}),
        ("days_outside", {"first_day": 20, "last_day": 19}),
        ("absence_unknown", {"absences": (Absence("strike", Decimal(1), 1),)}),
        ("absences_too_long", {"absences": (Absence("sick", Decimal(20), 31),)}),
    ],
)
def test_it_is_refused_with_its_code_and_a_sentence(code: str, given: dict[str, Any]) -> None:
    made = payslip(**given)
    assert refused(made) == [code]
    assert made.issues[0].text.endswith(".")
    assert "%(" not in made.issues[0].text
    assert not made.lines
    assert made.after == made.before


@pytest.mark.parametrize("period", [date(2025, 12, 1), date(2027, 1, 1)])
def test_a_month_without_figures_is_refused_for_everybody(period: date) -> None:
    made = ENGINE.compute(period, [month(employee_id="1"), month(employee_id="2")], {})
    assert [refused(one) for one in made] == [["period_outside_parameters"]] * 2
    assert "from 2026-01 to 2026-12" in made[0].issues[0].text


def test_every_reason_is_told_at_once() -> None:
    made = payslip(employer=Employer(10, None, None), contract="?")
    assert refused(made) == ["contract_unknown", "accident_rate_missing", "mobility_rate_missing"]


def test_the_minimum_follows_the_date_the_hours_and_the_contract() -> None:
    assert paid(date(2026, 5, 1), salary=Decimal("1823.03"))
    assert refused(payslip(date(2026, 6, 1), salary=Decimal("1823.03"))) == ["below_minimum_wage"]
    assert paid(salary=Decimal("1493.62"), monthly_hours=Decimal("121.3333"))
    apprentice: dict[str, Any] = {"contract": "apprentice", "salary": Decimal("933.51")}
    assert paid(**apprentice, minimum_share=Decimal("0.5"))
    assert refused(payslip(**apprentice, minimum_share=Decimal("0.53"))) == ["below_minimum_wage"]


def test_benefits_and_regular_bonuses_count_towards_the_minimum_and_others_do_not() -> None:
    low = Decimal(1800)
    assert paid(salary=low, benefits_in_kind=Decimal(100))
    assert paid(salary=low, bonuses=(Bonus(Decimal(100), counts_for_minimum=True),))
    assert refused(payslip(salary=low, bonuses=(Bonus(Decimal(100)),))) == ["below_minimum_wage"]
    assert refused(payslip(salary=low, overtime_25=Decimal(20))) == ["below_minimum_wage"]


@pytest.mark.parametrize("nir", NIRS)
def test_a_right_social_security_number_passes(nir: str) -> None:
    assert paid(nir=nir)


def test_days_are_paid_once_and_months_go_forward() -> None:
    november = paid(last_day=15)
    assert refused(payslip(counters=november.after, first_day=15)) == ["days_already_paid"]
    assert paid(counters=november.after, first_day=16)
    october = payslip(date(2026, 10, 1), november.after)
    assert refused(october) == ["period_before_last"]
    assert "2026-11" in october.issues[0].text
