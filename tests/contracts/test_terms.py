"""What a contract says, and what holds without one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError

from app.catalogue.memory import ITEMS
from app.contracts.document import checked, first_document, terms_of
from app.contracts.periods import PeriodsError, read_periods, write_periods
from app.contracts.terms import Target


def document(**parts: Any) -> dict[str, Any]:
    return checked({**first_document("FR", "Europe/Paris"), **parts})


def terms(**parts: Any) -> Any:
    return terms_of(document(**parts), number=1, year=2026)


def test_without_a_contract_everything_is_in_scope_and_has_targets() -> None:
    found = terms_of(first_document("DE", "Europe/Berlin"), number=None, year=2026)
    assert ITEMS["payment_control"].working_days == 2
    assert found.in_scope("payment_control")
    assert found.quota("payment_control") is None
    assert found.approval_limit("finance") is None
    assert found.credit_base("finance") == 0
    wanted = {"urgent": 240, "high": 480, "normal": 960, "low": 1920}
    for priority, resolution in wanted.items():
        assert found.target("finance", "payment_control", priority) == Target(240, resolution)
    assert found.reminder_days == (1, 3, 5)
    assert not found.pauses_for_third_party


def test_the_target_of_an_item_stands_before_that_of_its_line() -> None:
    found = terms(targets=[
        {"line": "finance", "item": None, "priority": "urgent", "first_response": 30,
         "resolution": 120},
        {"line": "finance", "item": "payment_control", "priority": "urgent",
         "first_response": 15, "resolution": None},
    ])  # fmt: skip
    assert found.target("finance", "finance_question", "urgent") == Target(30, 120)
    assert found.target("finance", "payment_control", "urgent") == Target(15, None)
    assert found.target("finance", "payment_control", "normal") == Target(240, 960)
    assert found.target("hr", "hr_question", "urgent") == Target(240, 240)


def test_a_quota_an_offer_and_what_is_included() -> None:
    found = terms(items={
        "payment_control": {"scope": "quota", "quota": 2}, "hr_question": {"scope": "offer"},
    })  # fmt: skip
    assert (found.in_scope("payment_control"), found.quota("payment_control")) == (True, 2)
    assert (found.in_scope("hr_question"), found.quota("hr_question")) == (False, None)
    assert (found.in_scope("sales_question"), found.quota("sales_question")) == (True, None)


def test_the_calendar_knows_holidays_half_days_and_closures() -> None:
    calendar = first_document("FR", "Europe/Paris")["calendar"] | {
        "region": "67", "half_days": {"2026-12-24": "9-12"},
        "provider_closures": ["2026-12-28"], "client_closures": ["2026-12-29"],
    }  # fmt: skip
    found = terms(calendar=calendar).calendar
    assert found.periods(date(2026, 12, 24)) == ((540, 720),)
    for closed in ((12, 26), (12, 28), (12, 29), (5, 1), (12, 27)):
        assert not found.is_business_day(date(2026, *closed))
    assert found.is_business_day(date(2026, 12, 30))


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("", ()),
        ("9-12", ((540, 720),)),
        ("09:00-12:30, 13:30-17:30", ((540, 750), (810, 1050))),
        ("9h00 – 12h30;13.30-24:00", ((540, 750), (810, 1440))),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, periods: Any) -> None:
    assert read_periods(text) == periods
    assert read_periods(write_periods(periods)) == periods


@pytest.mark.parametrize(
    "text", ["9", "9-25", "12-9", "9-12, 11-14", "13-17, 9-12", "9:75-10", "morning", "9-9"]
)
def test_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(PeriodsError):
        read_periods(text)


WRONG: list[dict[str, Any]] = [
    {"items": {"x": {"scope": "quota", "quota": None}}},
    {"items": {"x": {"scope": "included", "quota": 3}}},
    {"items": {"x": {"scope": "free"}}},
    {"items": {"x": {"scope": "quota", "quota": -1}}},
    {"items": {"x": {"scope": "quota", "quota": "3"}}},
    {"limits": {"garden": 5}},
    {"limits": {"finance": -5}},
    {"limits": {"finance": 10**15}},
    {"credits": {"cap": 10_001}},
    {"credits": {"rates": {"whenever": 5}}},
    {"reminder_days": []},
    {"reminder_days": [3, 1]},
    {"reminder_days": [1, 1]},
    {"approval_days": 0},
    {"urgent_per_month": -1},
    {"surprise": True},
    {"targets": [{"line": "hr", "priority": "low", "first_response": 0, "resolution": 5}]},
    {"targets": [{"line": "hr", "priority": "low", "first_response": 5, "resolution": 5}] * 2},
]


@pytest.mark.parametrize("part", WRONG, ids=str)
def test_a_document_that_says_nonsense_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        document(**part)


@pytest.mark.parametrize(
    "part",
    [
        {"zone": "Europe/Atlantis"},
        {"country": "France"},
        {"region": "BY"},
        {"week": [""] * 7},
        {"week": ["9-12"] * 6},
        {"week": ["12-9"] * 7},
        {"half_days": {"2026-02-30": "9-12"}},
        {"client_closures": ["24 December"]},
    ],
    ids=str,
)
def test_a_calendar_that_says_nonsense_is_refused(part: dict[str, Any]) -> None:
    calendar = first_document("FR", "Europe/Paris")["calendar"]
    with pytest.raises(ValidationError):
        document(calendar=calendar | part)
