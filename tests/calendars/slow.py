"""The reference: look at every minute, ask what the clock on the wall says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar

MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Paris", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe",
    "America/St_Johns", "UTC",
)  # fmt: skip
# Around nights when the clocks change, a day that Apia never had, and midnights that came twice.
MOMENTS = tuple(
    datetime(*parts, tzinfo=UTC)
    for parts in (
        (2026, 3, 28, 20), (2026, 10, 24, 20), (2026, 3, 8, 2), (2026, 11, 1, 2), (2026, 10, 3, 10),
        (2026, 4, 4, 10), (2011, 12, 29, 6), (2010, 11, 6, 22), (2026, 12, 24, 10),
    )
)  # fmt: skip


def is_open(calendar: BusinessCalendar, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(calendar.zone))
    day = local.date()
    if day in calendar.closed:
        return False
    periods = calendar.half_days.get(day, calendar.week[day.weekday()])
    return any(begin <= local.hour * 60 + local.minute < end for begin, end in periods)


def minutes_between(calendar: BusinessCalendar, start: datetime, end: datetime) -> int:
    found, at = 0, start
    while at < end:
        found += is_open(calendar, at)
        at += MINUTE
    return found


def add_minutes(calendar: BusinessCalendar, start: datetime, minutes: int) -> datetime:
    at = start
    while minutes:
        minutes -= is_open(calendar, at)
        at += MINUTE
    return at


@st.composite
def periods(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    # Every edge matters most in the small hours, where the clocks change.
    edges = sorted(draw(st.sets(st.one_of(st.integers(0, 240), st.integers(0, 1440)),
                                min_size=2, max_size=6)))  # fmt: skip
    return tuple(zip(edges[::2], edges[1::2], strict=False))


DAYS = [(moment + timedelta(days=n)).date() for moment in MOMENTS for n in range(-2, 6)]


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    kinds = [(), *(draw(st.tuples(periods(), periods())))]
    week = draw(st.lists(st.integers(0, 2), min_size=7, max_size=7))
    week[draw(st.integers(0, 6))] = 1
    return BusinessCalendar(
        zone=draw(st.sampled_from(ZONES)),
        week=tuple(kinds[one] for one in week),
        closed=draw(st.frozensets(st.sampled_from(DAYS), max_size=6)),
        half_days={day: kinds[1] for day in draw(st.sets(st.sampled_from(DAYS), max_size=3))},
    )
