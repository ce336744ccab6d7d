"""Rules of days against a reference that looks at every day."""

import time
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar
from app.calendars.date_rules import SHIFTS, BusinessDay, DateRule, FixedDay
from app.calendars.holidays import (
    FRENCH_DEPARTMENTS,
    GERMAN_LAENDER,
    USUAL_WEEK,
    default_calendar,
)
from app.calendars.periods import UNITS, Period, period_named, period_of
from app.calendars.repeating import Repeating, RuleError
from tests.effort import effort

DAY = timedelta(days=1)
PARIS = default_calendar("FR", "Europe/Paris")
looking = settings(max_examples=effort(80), deadline=None)

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
offsets = st.sampled_from((0, 0, -40, -3, -1, 1, 2, 40))
shifts = st.sampled_from(SHIFTS)


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    """Real ones of all Länder and departments, and odd ones with closures of a month."""
    if draw(st.booleans()):
        country = draw(st.sampled_from(("FR", "DE")))
        regions = FRENCH_DEPARTMENTS if country == "FR" else GERMAN_LAENDER
        return default_calendar(country, "Europe/Paris", draw(st.sampled_from(regions)))
    week = draw(st.lists(st.booleans(), min_size=7, max_size=7).filter(any))
    start, length = draw(days), draw(st.sampled_from((0, 1, 4, 33)))
    return BusinessCalendar(
        zone="Europe/Berlin",
        week=tuple(USUAL_WEEK[0] if one else () for one in week),
        closed=frozenset(start + n * DAY for n in range(length)),
    )


texts = st.sampled_from((
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=10", "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;INTERVAL=2;BYDAY=2MO", "FREQ=MONTHLY;BYMONTHDAY=1,15",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", "FREQ=YEARLY", "rrule:freq=monthly; bymonthday=5",
))  # fmt: skip


@st.composite
def rules(draw: st.DrawFn) -> DateRule:
    base = draw(st.one_of(
        st.builds(FixedDay, st.just("week"), st.integers(1, 7)),
        st.builds(FixedDay, st.just("month"), st.integers(1, 31)),
        st.builds(FixedDay, st.just("quarter"), st.integers(1, 31), st.integers(1, 3)),
        st.builds(FixedDay, st.just("year"), st.integers(1, 31), st.integers(1, 12)),
        st.builds(BusinessDay, st.sampled_from(("month", "quarter", "year")),
                  st.sampled_from((1, 2, 10, 23, -1, -3, -23))),
        st.builds(BusinessDay, st.just("year"), st.sampled_from((1, -3)), st.integers(1, 12)),
        st.builds(Repeating, texts, days),
    ))  # fmt: skip
    return DateRule(base, draw(shifts), draw(offsets))


@looking
@given(days, st.sampled_from(UNITS))
def test_periods_have_names_that_lead_back_and_cover_every_day(day, unit):
    period = period_of(unit, day)
    assert period.first_day <= day <= period.last_day
    assert period_named(period.name) == period
    assert period.moved(1).first_day == period.last_day + DAY
    assert period.moved(1).name > period.name


@pytest.mark.parametrize("name", ["", "2026-13", "2026-W54", "2026-Q5", "26", "2026-02-30", "x"])
def test_what_is_no_period_is_refused(name):
    with pytest.raises(ValueError, match="is no period"):
        period_named(name)


@looking
@given(rules(), calendars(), days, st.integers(0, 500))
def test_a_rule_says_each_period_once_in_order_and_alike_from_wherever_it_is_asked(
    rule, calendar, first, length
):
    last = first + length * DAY
    found = list(rule.between(first, last, calendar))
    assert all(first <= due.on <= last for due in found)
    assert all(a.on <= b.on and a.period.number < b.period.number for a, b in pairwise(found))
    middle = first + length // 2 * DAY
    parts = [*rule.between(first, middle, calendar), *rule.between(middle + DAY, last, calendar)]
    assert parts == found


@looking
@given(rules(), calendars(), days)
def test_a_shifted_day_is_open(rule, calendar, first):
    for due in rule.coming(first, calendar, most=20):
        if rule.shift != "none" or rule.offset:
            assert calendar.is_business_day(due.on)


@looking
@given(calendars(), days, st.sampled_from((1, 2, 5, 23, -1, -2, -5, -23)),
       st.sampled_from(("month", "quarter", "year")))  # fmt: skip
def test_the_nth_business_day_is_the_one_that_is_counted(calendar, day, nth, unit):
    period = period_of(unit, day)
    open_days = [
        one for n in range((period.last_day - period.first_day).days + 1)
        if calendar.is_business_day(one := period.first_day + n * DAY)
    ]  # fmt: skip
    found = BusinessDay(unit, nth).day(period, calendar)
    if len(open_days) >= abs(nth):
        assert found == open_days[nth - 1 if nth > 0 else nth]
    elif open_days:
        assert found == (open_days[-1] if nth > 0 else open_days[0])
    else:
        assert found > period.last_day
        assert calendar.is_business_day(found)


@looking
@given(texts, days, days)
def test_calendar_rules_say_what_their_standard_says(text, start, first):
    last = first + 800 * DAY
    midnight = datetime.min.time()
    theirs = rrulestr(
        text.upper().replace(" ", "").removeprefix("RRULE:"),
        dtstart=datetime.combine(start, midnight),
    ).between(datetime.combine(first, midnight), datetime.combine(last, midnight), inc=True)
    ours = DateRule(Repeating(text, start)).between(first, last, PARIS)
    assert [due.on for due in ours] == [one.date() for one in theirs]


@pytest.mark.parametrize("text", [
    "", "FREQ=HOURLY", "FREQ=DAILY;COUNT=10", "FREQ=DAILY;UNTIL=20271231", "FREQ=SECONDLY;INTERVAL=1",
    "FREQ=DAILY;BYHOUR=1", "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1", "FREQ=DAILY;FREQ=DAILY", "INTERVAL=2",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYDAY=MO",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "FREQ=WEEKLY;INTERVAL=53", "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYSETPOS=3", "FREQ=DAILY;INTERVAL=²", "FREQ=DAILY;" * 20,
    "FREQ=YEARLY;BYMONTH=0;BYMONTHDAY=1",
])  # fmt: skip
def test_rules_that_end_never_come_or_take_long_are_refused_at_once(text):
    begun = time.monotonic()
    with pytest.raises(RuleError):
        Repeating(text, date(2026, 2, 3))
    assert time.monotonic() - begun < 5


def test_a_period_keeps_its_name_when_its_day_moves_into_another():
    """1 November 2026 is a Sunday and All Saints'; New Year's Day moves back into the old year."""
    rule = DateRule(FixedDay("month", 1), "before")
    found = list(rule.between(date(2026, 10, 20), date(2027, 1, 10), PARIS))
    assert [(due.period.name, due.on.isoformat()) for due in found] == [
        ("2026-11", "2026-10-30"), ("2026-12", "2026-12-01"), ("2027-01", "2026-12-31"),
    ]  # fmt: skip


def test_a_new_holiday_moves_the_day_and_not_the_period():
    rule = DateRule(FixedDay("month", 16), "after", offset=-2)
    closures = PARIS.closed | {date(2026, 11, 13)}
    closed = BusinessCalendar("Europe/Paris", USUAL_WEEK, closures)
    november = Period("month", 2026 * 12 + 10)
    said = [
        next(due.on for due in rule.between(date(2026, 11, 1), date(2026, 11, 30), one)
             if due.period == november)
        for one in (PARIS, closed)
    ]  # fmt: skip
    assert said == [date(2026, 11, 12), date(2026, 11, 10)]


def test_never_more_than_four_hundred():
    every_day = DateRule(Repeating("FREQ=DAILY", date(2026, 1, 1)))
    assert len(every_day.coming(date(2026, 1, 1), PARIS, most=9999)) == 400
