"""What the law wants, on days that were published."""

from datetime import date

import pytest

from app.calendars.date_rules import DateRule
from app.calendars.deadlines import (
    OfDeadline,
    coming,
    deadline_of,
    shipped_deadlines,
    shipped_documents,
)
from app.calendars.holidays import default_calendar
from tenants.models import SERVICE_LINES


def due(code: str, first: date, *, region: str = "", most: int = 1) -> list[tuple[str, str]]:
    deadline = shipped_deadlines()[code]
    return [
        (one.period.moved(deadline.about).name, one.on.isoformat())
        for one in coming(deadline, first, region=region, most=most)
    ]


@pytest.mark.parametrize(("code", "first", "expected"), [
    ("de.ustva_month", date(2026, 10, 1), ("2026-09", "2026-10-12")),
    ("de.ustva_month_extended", date(2026, 10, 1), ("2026-08", "2026-10-12")),
    ("de.zm_month", date(2026, 7, 1), ("2026-06", "2026-07-27")),
    ("de.sv_beitraege", date(2025, 12, 1), ("2025-12", "2025-12-23")),
    ("de.beitragsnachweis", date(2025, 12, 1), ("2025-12", "2025-12-19")),
    ("de.lohnsteuerbescheinigung", date(2028, 2, 1), ("2027", "2028-02-29")),
    ("fr.das2", date(2024, 4, 1), ("2023", "2024-05-03")),
    ("fr.dsn_5", date(2026, 9, 1), ("2026-08", "2026-09-07")),
    ("fr.cfe", date(2024, 12, 1), ("2024", "2024-12-16")),
    ("fr.is_acompte", date(2025, 6, 1), ("2025-Q2", "2025-06-16")),
])  # fmt: skip
def test_days_as_they_were_published(code, first, expected):
    assert due(code, first) == [expected]


def test_the_holidays_of_a_region_count_but_not_for_banks():
    """15 August, a Friday in 2025, is a holiday in Saarland and not in Berlin."""
    gewst = date(2025, 8, 1)
    assert due("de.gewst", gewst, region="BE") == [("2025-Q3", "2025-08-15")]
    assert due("de.gewst", gewst, region="SL") == [("2025-Q3", "2025-08-18")]
    assert due("de.sv_beitraege", gewst, region="SL") == due("de.sv_beitraege", gewst)


def test_a_company_with_a_day_of_its_own():
    vat = shipped_deadlines()["fr.tva_ca3"]
    assert [one.on.day for one in coming(vat.on_day(24), date(2026, 11, 1), most=2)] == [24, 24]
    assert vat.on_day(3) == vat.on_day(None) == vat


def test_work_before_a_deadline_is_counted_by_the_clients_calendar():
    """The deadline moved off a Sunday to Monday 16; the 11th is a holiday."""
    rule = DateRule(OfDeadline(shipped_deadlines()["fr.dsn_15"]), "before", -3)
    calendar = default_calendar("FR", "Europe/Paris")
    found = next(rule.between(date(2026, 11, 2), date(2026, 11, 30), calendar))
    assert (found.period.name, found.on) == ("2026-11", date(2026, 11, 10))


def test_every_shipped_deadline_is_whole_and_comes_again():
    assert len(shipped_deadlines()) >= 40
    for code, one in shipped_deadlines().items():
        assert one.line in SERVICE_LINES, code
        assert one.legal
        assert {"en", "fr", "de"} == set(one.titles), code
        assert {"en", "fr", "de"} == set(one.notes or {"en", "fr", "de"}), code
        assert len(coming(one, date(2026, 11, 22))) >= 2, code


@pytest.mark.parametrize("change", [
    {"every": "day"}, {"day": 40}, {"month": 13}, {"shift": "sideways"}, {"about": 5},
    {"title": {"en": ""}}, {"country": "XX"}, {"business_days_later": 99},
])  # fmt: skip
def test_what_says_no_day_is_refused(change):
    with pytest.raises(ValueError, match="there is no such"):
        deadline_of("own.x", {**shipped_documents()["fr.cfe"], **change})


def test_nothing_is_due_before_or_after_it_holds():
    document = {
        **shipped_documents()["fr.cfe"],
        "valid_from": "2027-01-01",
        "valid_until": "2028-01-01",
    }
    found = coming(deadline_of("own.x", document), date(2026, 1, 1))
    assert [one.on.year for one in found] == [2027]
