from datetime import date

import pytest

from app.calendars.holidays import (
    FRENCH_DEPARTMENTS,
    GERMAN_LAENDER,
    closed_days,
    default_calendar,
    regions,
)

COMMON = closed_days("FR", "75", 2026, 2026)
GOOD_FRIDAY, ST_STEPHEN = date(2026, 4, 3), date(2026, 12, 26)


def test_every_department_and_land_has_its_days():
    assert len(FRENCH_DEPARTMENTS) == len(set(FRENCH_DEPARTMENTS)) == 101
    assert len(GERMAN_LAENDER) == len(set(GERMAN_LAENDER)) == 16
    assert len(COMMON) == 11
    for code in FRENCH_DEPARTMENTS:
        assert closed_days("FR", code, 2026, 2026) >= COMMON, code
    for code in GERMAN_LAENDER:
        assert date(2026, 10, 3) in closed_days("DE", code, 2026, 2026), code
    assert {"987", "2A", "68"} <= set(regions("FR"))
    assert regions("IT") == ()


@pytest.mark.parametrize("code", ["57", "67", "68"])
def test_alsace_moselle(code):
    assert closed_days("FR", code, 2026, 2026) - COMMON == {GOOD_FRIDAY, ST_STEPHEN}


@pytest.mark.parametrize("code", [c for c in FRENCH_DEPARTMENTS if len(c) == 2 and c not in
                                  {"57", "67", "68"}])  # fmt: skip
def test_the_other_departments_of_the_mainland_are_alike(code):
    assert closed_days("FR", code, 2026, 2026) == COMMON


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("971", date(2026, 5, 27)),
        ("972", date(2026, 5, 22)),
        ("973", date(2026, 6, 10)),
        ("974", date(2026, 12, 20)),
        ("976", date(2026, 4, 27)),
    ],
)
def test_the_end_of_slavery_is_kept_where_it_happened(code, day):
    assert day in closed_days("FR", code, 2026, 2026)
    assert day not in COMMON


@pytest.mark.parametrize(
    ("code", "day", "kept"),
    [
        ("BY", date(2026, 1, 6), True),
        ("NW", date(2026, 1, 6), False),
        ("BE", date(2026, 3, 8), True),
        ("SN", date(2026, 11, 18), True),
        ("NW", date(2026, 6, 4), True),
        ("HH", date(2026, 6, 4), False),
    ],
)
def test_laender(code, day, kept):
    assert (day in closed_days("DE", code, 2026, 2026)) is kept


def test_years_and_places_that_are_not_known():
    both = closed_days("FR", "75", 2025, 2026)
    assert both == closed_days("FR", "75", 2025, 2025) | COMMON
    assert closed_days("FR", "99", 2026, 2026) == COMMON
    assert closed_days("XX", "", 2026, 2026) == frozenset()


def test_the_calendar_of_a_company_without_a_contract():
    calendar = default_calendar("DE", "Europe/Berlin")
    assert not calendar.is_business_day(date(2026, 10, 3))
    assert not calendar.is_business_day(date(2026, 10, 4))
    assert calendar.periods(date(2026, 10, 5)) == ((540, 750), (810, 1080))
