"""Until when inputs are in time: the rule by day, the form that writes it, both pages that say it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.calendars.business_time import BusinessCalendar
from app.calendars.holidays import default_calendar
from app.contracts.cut_offs import AFTER, BUSINESS_DAY, MONTH_DAY, MOST, CutOff
from tests.calendars.slow import DAYS, calendars
from tests.contracts.test_provider_screens import base, browser, into_force, save, terms
from tests.contracts.test_terms import document
from tests.contracts.test_terms import terms as terms_with
from tests.factories import Stage, World
from tests.factories.contracts import make_contract
from tests.factories.people import now

__all__ = ["base", "browser"]
DAY = timedelta(days=1)
PARIS = default_calendar("FR", "Europe/Paris")


@pytest.mark.parametrize(
    ("kind", "number", "raised", "period", "expected"),
    [
        (MONTH_DAY, 20, date(2026, 11, 5), "", date(2026, 11, 20)),
        (MONTH_DAY, 20, date(2026, 11, 22), "", date(2026, 11, 20)),
        (MONTH_DAY, 31, date(2026, 2, 3), "", date(2026, 2, 28)),
        # The first is a Sunday and a holiday.
        (BUSINESS_DAY, 1, date(2026, 11, 5), "", date(2026, 11, 2)),
        (BUSINESS_DAY, 3, date(2026, 11, 5), "", date(2026, 11, 4)),
        (BUSINESS_DAY, 3, date(2026, 10, 31), "2026-10", date(2026, 11, 4)),
        (BUSINESS_DAY, 3, date(2026, 12, 1), "2026-10", date(2026, 11, 4)),
        (BUSINESS_DAY, 3, date(2027, 1, 4), "2026-12", date(2027, 1, 6)),
        # What is caught up with much later is not late.
        (BUSINESS_DAY, 3, date(2026, 12, 6), "2026-10", None),
        # A Friday; Wednesday the 11th is a holiday.
        (AFTER, 3, date(2026, 11, 6), "", date(2026, 11, 12)),
    ],
)
def test_the_day_of_a_cut_off(
    kind: str, number: int, raised: date, period: str, expected: date | None
) -> None:
    assert CutOff(kind, number).day(PARIS, raised, {"period": period}) == expected


@given(calendars(), st.sampled_from(sorted(MOST)), st.integers(1, 60), st.sampled_from(DAYS))
def test_counts_what_a_look_at_every_day_counts(
    calendar: BusinessCalendar, kind: str, number: int, raised: date
) -> None:
    number = min(number, MOST[kind])
    found = CutOff(kind, number).day(calendar, raised, {})
    day, counted = (raised if kind == AFTER else raised.replace(day=1) - DAY), 0
    for after in _days_after(day):
        if kind != AFTER and after.month != raised.month:
            break
        counted += kind == MONTH_DAY or calendar.is_business_day(after)
        day = after
        if counted == number:
            break
    assert found == day


def _days_after(day: date) -> Iterator[date]:
    for n in range(1, 800):
        yield day + DAY * n


def test_a_contract_without_one_names_no_day() -> None:
    found = terms_with()
    assert found.inputs_due_on("hr_question", raised_at=now(), form={}) is None


@pytest.mark.parametrize(
    "cut_off",
    [{"kind": "month_day", "number": 32}, {"kind": "business_day", "number": 0},
     {"kind": "after", "number": 61}, {"kind": "someday", "number": 1}, {"kind": "after"}],
)  # fmt: skip
def test_a_stored_cut_off_makes_sense(cut_off: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        document(items={"hr_question": {"scope": "included", "cut_off": cut_off}})


def test_it_is_written_into_the_contract_and_both_sides_read_it(
    stage: Stage, world: World, browser: FlaskClient, base: str, sign_in_as: Any
) -> None:
    saved = save(browser, base, "items", cut_hr_question="month_day", day_hr_question="20",
                 cut_payment_control="business_day", day_payment_control="3")  # fmt: skip
    assert saved.status_code == 303, saved.text
    page = browser.get(base).text
    assert "by day 20 of the month" in page
    assert "by business day 3 of the month after the period" in page
    into_force(browser, base, now().date())
    found = terms(stage, world)
    assert found.item_term("hr_question").cut_off == CutOff("month_day", 20)
    assert found.in_scope("hr_question")
    for person in (world.a.user, world.operator_a):
        read = sign_in_as(person).get(world.a.url("contract")).text
        assert "Inputs by day 20 of the month" in read
    # It stands in the form again, and empties again.
    again = browser.get(f"{base}/items").text
    assert 'value="20"' in again
    assert save(browser, base, "items", cut_hr_question="", day_hr_question="").status_code == 303
    into_force(browser, base, now().date())
    assert terms(stage, world).item_term("hr_question").cut_off is None


def test_what_the_catalogue_says_holds_until_the_contract_says_otherwise(
    stage: Stage, world: World, browser: FlaskClient, base: str
) -> None:
    usual = CutOff("business_day", 2)
    assert terms(stage, world).item_term("payroll_variables").cut_off == usual
    save(browser, base, "items", scope_payroll_variables="quota", quota_payroll_variables="2")
    into_force(browser, base, now().date())
    assert terms(stage, world).item_term("payroll_variables").cut_off == usual
    save(browser, base, "items", cut_payroll_variables="", day_payroll_variables="")
    into_force(browser, base, now().date())
    assert terms(stage, world).item_term("payroll_variables").cut_off is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cut_hr_question": "month_day", "day_hr_question": ""}, "Which day?"),
        ({"cut_hr_question": "month_day", "day_hr_question": "32"}, "A day from 1 to 31"),
        ({"cut_hr_question": "business_day", "day_hr_question": "0"}, "business day from 1 to 15"),
        ({"cut_hr_question": "after", "day_hr_question": "61"}, "1 to 60 business days"),
        ({"cut_hr_question": "", "day_hr_question": "3"}, "Say what the day counts from"),
    ],
)
def test_a_cut_off_that_says_nothing_is_refused_at_its_field(
    browser: FlaskClient, base: str, values: dict[str, str], words: str
) -> None:
    refused = save(browser, base, "items", **values)
    assert refused.status_code == 422
    assert words in refused.text
    field = "cut_hr_question" if "counts from" in words else "day_hr_question"
    assert f'{field}-error"' in refused.text


def test_the_form_of_a_request_says_until_when(stage: Stage, world: World, sign_in_as: Any) -> None:
    cut_off = {"kind": "business_day", "number": 3}
    make_contract(stage, world.a,
                  items={"payment_control": {"scope": "included", "cut_off": cut_off}})  # fmt: skip
    page = sign_in_as(world.a.user).get(world.a.url("requests/new/payment_control")).text
    assert "Inputs are due by business day 3 of the month after the period" in page
