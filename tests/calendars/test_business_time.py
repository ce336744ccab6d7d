from datetime import UTC, date, datetime, timedelta
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar, NeverOpen
from app.calendars.holidays import MORNING_AND_AFTERNOON, USUAL_WEEK, default_calendar
from tests.calendars import slow
from tests.calendars.slow import MINUTE, calendars
from tests.effort import effort

# A minute at a time is slow, on purpose.
looking = settings(
    max_examples=effort(80), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
instants = st.builds(
    lambda moment, minutes: moment + timedelta(minutes=minutes),
    st.sampled_from(slow.MOMENTS),
    st.integers(-600, 3000),
)
YEAR = timedelta(days=365)
seconds = st.integers(0, 59_999_999).map(lambda found: timedelta(microseconds=found))


@looking
@given(calendars(), instants, st.integers(0, 4 * 1440))
def test_counts_what_looking_at_every_minute_counts(calendar, start, length):
    end = start + length * MINUTE
    assert calendar.minutes_between(start, end) == slow.minutes_between(calendar, start, end)
    assert calendar.minutes_between(end, start) == -calendar.minutes_between(start, end)


@looking
@given(calendars(), instants, st.integers(0, 600))
def test_adds_to_where_looking_at_every_minute_ends(calendar, start, minutes):
    assert calendar.add_minutes(start, minutes) == slow.add_minutes(calendar, start, minutes)


@looking
@given(calendars(), instants, seconds, st.integers(0, 20_000))
def test_what_was_added_is_what_lies_between(calendar, start, more, minutes):
    start += more
    try:
        end = calendar.add_minutes(start, minutes)
    except NeverOpen:
        # Hardly ever open: a lifetime holds fewer minutes than that.
        assert calendar.minutes_between(start, start + 80 * YEAR) < minutes
        return
    assert calendar.minutes_between(start, end) == minutes
    if minutes:
        just_before = end - timedelta(microseconds=1)
        assert calendar.minutes_between(start, just_before) == minutes - 1


@looking
@given(calendars(), instants, seconds, st.integers(1, 20_000))
def test_what_was_taken_off_is_what_lies_between(calendar, end, more, minutes):
    end += more
    try:
        start = calendar.add_minutes(end, -minutes)
    except NeverOpen:
        assert calendar.minutes_between(end - 80 * YEAR, end) < minutes
        return
    assert calendar.minutes_between(start, end) == minutes
    assert calendar.time_between(start + timedelta(microseconds=1), end) < minutes * MINUTE


@looking
@given(calendars(), instants, seconds, seconds, st.integers(0, 3000))
def test_time_adds_up(calendar, start, more, further, length):
    middle = start + more
    end = middle + length * MINUTE + further
    parts = calendar.time_between(start, middle) + calendar.time_between(middle, end)
    assert parts == calendar.time_between(start, end)


@looking
@given(calendars(), instants)
def test_open_and_next_open(calendar, at):
    assert calendar.is_open(at) == slow.is_open(calendar, at)
    opening = calendar.next_open(at)
    assert opening >= at
    assert slow.is_open(calendar, opening)
    assert calendar.minutes_between(at, opening) == 0


@looking
@given(calendars(), st.sampled_from(slow.MOMENTS), st.integers(1, 40))
def test_business_days(calendar, moment, count):
    day = moment.date()
    found = calendar.add_business_days(day, count)
    between = [day + timedelta(days=n) for n in range(1, (found - day).days + 1)]
    assert sum(calendar.is_business_day(one) for one in between) == count
    assert calendar.is_business_day(found)
    assert calendar.add_business_days(found, 0) == found
    back = calendar.add_business_days(found, -count)
    assert back <= day
    assert calendar.add_business_days(back, count) == found


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


ALL_DAY = ((0, 1440),)


@pytest.mark.parametrize(
    ("zone", "start", "end", "minutes"),
    [
        ("Europe/Paris", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22), 23 * 60),
        ("Europe/Paris", utc(2026, 10, 24, 22), utc(2026, 10, 25, 23), 25 * 60),
        ("Australia/Lord_Howe", utc(2026, 4, 4, 13), utc(2026, 4, 5, 13, 30), 24 * 60 + 30),
        # The 30th of December 2011 never was in Apia: two local days, one night apart.
        ("Pacific/Apia", utc(2011, 12, 29, 10), utc(2011, 12, 31, 10), 48 * 60),
    ],
)
def test_days_have_the_hours_that_they_have(zone, start, end, minutes):
    calendar = BusinessCalendar(zone=zone, week=(ALL_DAY,) * 7)
    assert calendar.minutes_between(start, end) == minutes


def test_a_period_in_the_hour_that_is_missing_or_twice():
    night = BusinessCalendar(zone="Europe/Berlin", week=((),) * 6 + (((90, 210),),))
    lost, twice = utc(2026, 3, 28, 12), utc(2026, 10, 24, 12)
    assert night.minutes_between(lost, lost + timedelta(days=1)) == 60
    assert night.minutes_between(twice, twice + timedelta(days=1)) == 180
    # 01:30-03:30 local is 00:30-01:30 UTC when 02:00-03:00 is left out.
    assert night.add_minutes(lost, 45) == utc(2026, 3, 29, 1, 15)


def test_friday_evening_over_easter():
    calendar = default_calendar("FR", "Europe/Paris", "67")
    # Thursday before Good Friday, 17:30 in Strasbourg, half an hour before the end.
    start = utc(2026, 4, 2, 15, 30)
    assert calendar.add_minutes(start, 30) == utc(2026, 4, 2, 16)
    assert calendar.add_minutes(start, 31) == utc(2026, 4, 7, 7, 1)
    elsewhere = default_calendar("FR", "Europe/Paris", "75")
    assert elsewhere.add_minutes(start, 31) == utc(2026, 4, 3, 7, 1)


def test_far_jumps_are_fast():
    calendar = default_calendar("FR", "Europe/Paris")
    start = utc(2026, 3, 27, 16)
    calendar.add_minutes(start, 400_000)
    began = perf_counter()
    for _ in range(100):
        end = calendar.add_minutes(start, 240_000)
        assert calendar.minutes_between(start, end) == 240_000
    assert perf_counter() - began < 0.5
    assert end - start > timedelta(days=700)


def test_half_days_and_closures():
    christmas_eve, bridge = date(2026, 12, 24), date(2026, 12, 23)
    calendar = BusinessCalendar(
        zone="Europe/Berlin",
        week=USUAL_WEEK,
        closed=frozenset({bridge}),
        half_days={christmas_eve: ((9 * 60, 12 * 60),)},
    )
    assert calendar.minutes_between(utc(2026, 12, 23, 0), utc(2026, 12, 25, 0)) == 180
    assert not calendar.is_business_day(bridge)
    assert calendar.add_business_days(date(2026, 12, 22), 1) == christmas_eve


@pytest.mark.parametrize(
    "week",
    [((),) * 7, (MORNING_AND_AFTERNOON,) * 5, (((60, 30),),) * 7, (((0, 90), (60, 120)),) * 7],
)
def test_a_week_that_makes_no_sense_is_refused(week):
    with pytest.raises(ValueError, match="day"):
        BusinessCalendar(zone="UTC", week=week)


def test_a_calendar_that_is_never_open_again_says_so():
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(366 * 210)]
    calendar = BusinessCalendar(zone="UTC", week=(ALL_DAY,) * 7, closed=frozenset(days))
    with pytest.raises(NeverOpen):
        calendar.add_minutes(utc(2026, 1, 5, 12), 1)
