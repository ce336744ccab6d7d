"""The days of invoices that come again, and the words that are put into their texts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.schedules import placeholders
from app.finance.sales_invoices.schedules.recurrence import (
    ABOUT,
    Days,
    length_of,
    month_of,
    span_of,
)

dates = st.dates(date(1990, 1, 1), date(2090, 12, 31))
rules = st.builds(
    Days, months=st.integers(1, 24), day=st.integers(1, 31), starts_on=dates,
    ends_on=st.none() | dates,
)  # fmt: skip


@given(rules)
def test_days_come_in_order_so_many_months_apart_never_outside_of_what_was_said(rule):
    found = list(islice(rule.every(), 30))
    assert all(one >= rule.starts_on for one in found)
    assert rule.ends_on is None or all(one <= rule.ends_on for one in found)
    assert all(one.day == min(rule.day, length_of(month_of(one))) for one in found)
    assert all(month_of(b) - month_of(a) == rule.months for a, b in pairwise(found))
    if rule.ends_on is None:
        # None that could be first is left out.
        assert len(found) == 30
        assert found[0] - rule.starts_on < timedelta(days=31)


@given(rules, dates)
def test_the_next_day_is_the_first_that_is_not_before(rule, since):
    found = rule.first(since)
    if found is None:
        assert rule.ends_on is not None
        return
    assert found >= since
    assert not [one for one in islice(rule.every(), 2000) if since <= one < found]
    assert rule.after(found) == rule.first(found + timedelta(days=1))
    assert rule.coming(since, most=1) == [found]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (Days(1, 31, date(2027, 1, 31)), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (Days(1, 30, date(2028, 2, 1)), ["2028-02-29", "2028-03-30", "2028-04-30", "2028-05-30"]),
        (Days(3, 1, date(2026, 1, 15)), ["2026-02-01", "2026-05-01", "2026-08-01", "2026-11-01"]),
        (Days(12, 29, date(2024, 2, 29)), ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
        (Days(1, 5, date(2026, 1, 1), date(2026, 2, 5)), ["2026-01-05", "2026-02-05"]),
        (Days(1, 5, date(2026, 1, 6), date(2026, 2, 4)), []),
    ],
)
def test_month_ends_and_limits(rule, days):
    assert [one.isoformat() for one in islice(rule.every(), 4)] == days


@given(st.integers(1, 24), st.integers(1, 31), st.sampled_from(list(ABOUT)))
def test_days_end_before_the_calendar_does(months, day, about):
    assert Days(months, day, date(9999, 12, 31)).first(date(9999, 12, 31)) is None
    *_, last = Days(months, day, date(9980, 1, 1)).every()
    assert span_of(last, months=months, about=about).last < date.max


@given(dates, st.integers(1, 24), st.sampled_from(list(ABOUT)))
def test_periods_are_whole_months_and_follow_each_other(day, months, about):
    found = span_of(day, months=months, about=about)
    assert found.first.day == 1
    assert (found.last + timedelta(days=1)).day == 1
    assert month_of(found.last) - month_of(found.first) == months - 1
    month = month_of(day) + months
    later = date(month // 12, month % 12 + 1, 1)
    assert span_of(later, months=months, about=about).first == found.last + timedelta(days=1)


def test_which_months_an_invoice_is_about():
    day = date(2026, 12, 31)
    assert span_of(day, months=3, about="ends").first == date(2026, 10, 1)
    assert span_of(day, months=1, about="ahead").last == date(2027, 1, 31)
    assert span_of(date(2027, 1, 1), months=3, about="before").last == date(2026, 12, 31)
    assert span_of(date(2027, 1, 1), months=3, about="begins").last == date(2027, 3, 31)


def test_texts_get_the_words_of_their_language_and_nothing_else_changes():
    content = Draft(
        lines=(DraftLine(name="Loyer {month} {year}", description="du {from} au {to}, {quarter}"),),
        note="{year}", order="PO-7",
    )  # fmt: skip
    span = span_of(date(2026, 8, 1), months=1, about="begins")
    filled = placeholders.filled_in(content, placeholders.words_of(span, "fr"))
    assert filled.lines[0].name == "Loyer août 2026"
    assert filled.lines[0].description == "du 01/08/2026 au 31/08/2026, T3"
    assert (filled.note, filled.order) == ("2026", "PO-7")
    german = placeholders.words_of(span, "de")
    assert (german["month"], german["quarter"], german["to"]) == ("August", "Q3", "31.08.2026")


@pytest.mark.parametrize(
    "text", ["", "Conseil", "{month}{year}", "100 % {from}-{to} %(x)s {quarter}"]
)
def test_what_is_written_right_is_taken(text):
    assert placeholders.wrong_in(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "{Month}",
        "{mois}",
        "{ month }",
        "{}",
        "{month.__class__}",
        "{0}",
        "{month",
        "x}",
        "{{month}}",
    ],
)
def test_what_is_no_placeholder_is_said_to_be_none(text):
    assert placeholders.wrong_in(text) in (placeholders.UNKNOWN, placeholders.ALONE)


@given(dates, st.integers(1, 24), st.sampled_from(list(ABOUT)), st.sampled_from(["fr", "de", "en"]))
def test_no_word_is_longer_than_is_counted_for(day, months, about, language):
    words = placeholders.words_of(span_of(day, months=months, about=about), language)
    assert max(map(len, words.values())) <= placeholders.LONGEST
    assert set(words) == set(placeholders.PLACES)
