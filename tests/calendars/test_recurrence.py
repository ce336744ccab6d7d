"""Rules against a reference that looks at every day and every minute."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar
from app.calendars.holidays import USUAL_WEEK, default_calendar
from app.calendars.recurrence import (
    Daily,
    DayOfMonth,
    Every,
    NthBusinessDay,
    Weekday,
    following,
    instant,
    latest,
)
from tests.calendars import slow
from tests.effort import effort

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PARIS = default_calendar("FR", "Europe/Paris")
EIGHT = time(8)
looking = settings(max_examples=effort(60), deadline=None)

walls = st.builds(time, st.integers(0, 4) | st.integers(0, 23), st.sampled_from((0, 1, 15, 30, 59)))
around = st.builds(
    lambda moment, days: (moment + days * DAY).date(),
    st.sampled_from(slow.MOMENTS), st.integers(-2, 3),
)  # fmt: skip
# Midnights that don't exist, changes of half an hour, before and after the date line, none at all.
MANY_ZONES = (
    *slow.ZONES, "America/Havana", "Asia/Beirut", "Africa/Casablanca", "Africa/Cairo",
    "America/Santiago", "Asia/Tehran", "Pacific/Kiritimati", "America/Nuuk", "Asia/Kolkata",
    "America/Martinique", "Indian/Reunion", "Europe/Lisbon", "Antarctica/Troll",
)  # fmt: skip
adjusts = st.sampled_from(("none", "before", "after"))


def reference_instant(day: date, at: time, zone: str) -> datetime:
    wall, there = datetime.combine(day, at), ZoneInfo(zone)
    found = datetime.combine(day, time(), UTC) - 2 * DAY
    while found.astimezone(there).replace(tzinfo=None) < wall:
        found += MINUTE
    return found


@st.composite
def rules(draw):
    at = draw(walls)
    return draw(
        st.one_of(
            st.builds(
                NthBusinessDay, st.just(at), st.sampled_from((1, 2, 3, 10, 20, 23, -1, -2, -5))
            ),
            st.builds(DayOfMonth, st.just(at), st.integers(1, 31), adjusts),
            st.builds(Weekday, st.just(at), st.integers(0, 6), adjusts),
            st.builds(Daily, st.just(at)),
            st.builds(Every, st.sampled_from((timedelta(minutes=10), timedelta(hours=1), 6 * DAY))),
        )
    )


@st.composite
def calendars(draw):
    """With closures that can swallow a whole month."""
    week = draw(st.lists(st.booleans(), min_size=7, max_size=7).filter(any))
    start, length = draw(around), draw(st.sampled_from((0, 1, 4, 40, 70)))
    return BusinessCalendar(
        zone=draw(st.sampled_from(slow.ZONES)),
        week=tuple(USUAL_WEEK[0] if open_ else () for open_ in week),
        closed=frozenset(start + n * DAY for n in range(length)),
    )


@lru_cache
def changes(zone: str, year: int) -> list[date]:
    """The days of a year on which the clocks change there, and the day before and after each."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons]
    found = [noons[n].date() for n in range(1, 366) if offsets[n] != offsets[n - 1]]
    return [day + n * DAY for day in found for n in (-1, 0, 1)]


@st.composite
def days_in_zones(draw):
    zone, year = draw(st.sampled_from(MANY_ZONES)), draw(st.integers(1995, 2037))
    usual = date(year, 1, 1) + draw(st.integers(0, 364)) * DAY
    return zone, draw(st.sampled_from([*changes(zone, year), usual]))


@looking
@given(days_in_zones(), walls)
def test_a_time_of_day_is_the_first_that_the_wall_shows(place, at):
    zone, day = place
    assert instant(day, at, zone) == reference_instant(day, at, zone)


@looking
@given(around, walls, st.sampled_from(slow.ZONES))
def test_so_it_is_on_the_strangest_nights(day, at, zone):
    assert instant(day, at, zone) == reference_instant(day, at, zone)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        # left out: the next that there is
        (date(2026, 3, 29), time(2, 30), "Europe/Paris", "2026-03-29T01:00:00+00:00"),
        (date(2026, 3, 29), time(3), "Europe/Paris", "2026-03-29T01:00:00+00:00"),
        # twice: the first
        (date(2026, 10, 25), time(2, 30), "Europe/Paris", "2026-10-25T00:30:00+00:00"),
        # half an hour only
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),
        # a day that never was
        (date(2011, 12, 30), EIGHT, "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_nights_when_the_clocks_change(day, at, zone, expected):
    assert instant(day, at, zone).isoformat() == expected


@looking
@given(
    calendars(),
    st.integers(2010, 2027),
    st.integers(1, 12),
    walls,
    st.sampled_from((1, 3, 23, -1, -4)),
)
def test_business_days_are_counted_day_by_day(calendar, year, month, at, nth):  # fmt: skip
    days = [date(year, month, n) for n in range(1, monthrange(year, month)[1] + 1)]
    open_days = [day for day in days if day not in calendar.closed and calendar.week[day.weekday()]]
    if not open_days:
        day = days[-1] + DAY
        while day in calendar.closed or not calendar.week[day.weekday()]:
            day += DAY
    elif nth > 0:
        day = open_days[nth - 1] if nth <= len(open_days) else open_days[-1]
    else:
        day = open_days[nth] if -nth <= len(open_days) else open_days[0]
    rule = NthBusinessDay(at, nth)
    assert rule.day(rule.number(f"{year}-{month:02}"), calendar) == day


@looking
@given(calendars(), around, st.integers(0, 6), adjusts, walls)
def test_a_day_moves_to_the_next_business_day_on_its_side(calendar, near, weekday, adjust, at):
    rule = Weekday(at, weekday, adjust)
    plain = near + (weekday - near.weekday()) % 7 * DAY
    day, step = plain, {"none": 0, "before": -1, "after": 1}[adjust]
    while step and (day in calendar.closed or not calendar.week[day.weekday()]):
        day += step * DAY
    assert rule.day(rule.number(plain.isoformat()), calendar) == day


@looking
@given(rules(), calendars(), around, st.integers(-3000, 3000))
def test_every_period_comes_once_and_in_order(rule, calendar, day, minutes):
    at = datetime.combine(day, time(), UTC) + minutes * MINUTE
    here = latest(rule, calendar, at)
    ahead = list(islice(following(rule, calendar, here.period), 5))
    assert here.at <= at < ahead[0].at
    assert [one.at for one in ahead] == sorted(one.at for one in ahead)
    names = [here.period, *(one.period for one in ahead)]
    numbers = [rule.number(name) for name in names]
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    assert [rule.name(number) for number in numbers] == names
    assert latest(rule, calendar, ahead[2].at).at == ahead[2].at


def test_the_third_business_day_knows_holidays_and_closures():
    rule = NthBusinessDay(EIGHT, 3)
    # 1 May is a Friday and a holiday
    assert _local(rule, "2026-05", PARIS) == "2026-05-06 08:00"
    closed = BusinessCalendar("Europe/Paris", USUAL_WEEK, PARIS.closed | {date(2026, 5, 5)})
    assert _local(rule, "2026-05", closed) == "2026-05-07 08:00"


def test_days_of_the_month_end_with_the_month():
    assert _local(DayOfMonth(EIGHT, 31), "2026-02", PARIS) == "2026-02-28 08:00"
    assert _local(DayOfMonth(EIGHT, 31, "before"), "2026-02", PARIS) == "2026-02-27 08:00"
    # it keeps its period where it falls into another month
    assert _local(DayOfMonth(EIGHT, 1, "before"), "2026-11", PARIS) == "2026-10-30 08:00"
    assert _local(DayOfMonth(EIGHT, 31, "after"), "2026-01", PARIS) == "2026-02-02 08:00"


def test_rules_say_in_words_what_they_are():
    assert [
        one.text
        for one in (
            NthBusinessDay(EIGHT, 3), NthBusinessDay(EIGHT, -1), NthBusinessDay(EIGHT, -2),
            DayOfMonth(EIGHT, 15, "after"), Weekday(time(18, 30), 4),
            Every(timedelta(minutes=90)), Every(timedelta(hours=2)), Every(timedelta(seconds=2)),
        )
    ] == [
        "3rd business day of the month, 08:00", "last business day of the month, 08:00",
        "2nd from the end business day of the month, 08:00",
        "day 15 of the month, 08:00 or the business day after", "Friday, 18:30",
        "every 90 min", "every 2 h", "every 2 s",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "period"),
    [
        (NthBusinessDay(EIGHT, 3), "2026-11-02"),
        (NthBusinessDay(EIGHT, 3), ""),
        (Weekday(EIGHT, 0), "2026-11-03"),
        (Every(timedelta(hours=1)), "2026-11-03T10:30:00Z"),
    ],
)
def test_the_period_of_another_rule_is_refused(rule, period):
    with pytest.raises(ValueError):  # noqa: PT011 - whoever noticed it
        rule.number(period)


@pytest.mark.parametrize("wrong", [lambda: NthBusinessDay(EIGHT, 0), lambda: DayOfMonth(EIGHT, 32),
                                   lambda: Weekday(EIGHT, 7)])  # fmt: skip
def test_rules_that_never_come_are_refused(wrong):
    with pytest.raises(ValueError, match="no month|no such"):
        wrong()


def _local(rule, period, calendar):
    at = rule.moment(rule.number(period), calendar)
    return f"{at.astimezone(ZoneInfo(calendar.zone)):%Y-%m-%d %H:%M}"
