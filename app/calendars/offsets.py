"""A time zone as stretches of one offset each: inside a stretch local time is plain arithmetic."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
# Between two looks at a zone's offset; no zone changes twice within it.
STEP = timedelta(hours=6)


def micros(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND


def instant_of(found: int) -> datetime:
    return EPOCH + timedelta(microseconds=found)


def stretches(zone: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(from, to, offset) in microseconds UTC, in order, covering start to end."""
    at = start
    while at < end:
        year = instant_of(at).year
        for begins, ends, offset in stretches_of_year(zone, year):
            if begins <= at < ends:
                yield at, min(ends, end), offset
                at = ends
            if at >= end:
                return


def stretches_back(zone: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The same, from the latest to the earliest."""
    at = end
    while at > start:
        year = instant_of(at - 1).year
        for begins, ends, offset in reversed(stretches_of_year(zone, year)):
            if begins < at <= ends:
                yield max(begins, start), at, offset
                at = begins
            if at <= start:
                return


@lru_cache(maxsize=1024)
def stretches_of_year(name: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """(from, to, offset) of a UTC year, from its first instant to the next year's."""
    zone = ZoneInfo(name)
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found, since, at = [], begin, begin
    while at < end:
        following = min(at + STEP, end)
        if _offset(zone, at) != _offset(zone, following):
            change = _change(zone, at, following)
            found.append((since, change))
            since = change
        at = following
    found.append((since, end))
    return tuple((micros(a), micros(b), _offset(zone, a) // MICROSECOND) for a, b in found if a < b)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first instant with the later offset, to the second."""
    old = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found
