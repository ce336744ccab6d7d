"""Opening hours of a day as people write them, “09:00-12:30, 13:30-17:30”, in minutes of the day."""

import re
from collections.abc import Iterable
from itertools import pairwise

from tenants.core.text import _m

Periods = tuple[tuple[int, int], ...]
_PERIOD = re.compile(r"(\d{1,2})[:h.]?(\d\d)?\s*[-\u2013\u2014]\s*(\d{1,2})[:h.]?(\d\d)?", re.ASCII)
WHOLE_DAY = 24 * 60

HOW_TO_WRITE = _m("Write the hours like 09:00-12:30, 13:30-17:30, or leave the day empty.")
IN_ORDER = _m("Write the hours one after the other; each must end after it begins.")


class PeriodsError(ValueError):
    pass


def read_periods(text: str) -> Periods:
    found = tuple(_period(part) for part in re.split(r"[,;\n]", text) if part.strip())
    if list(found) != sorted(found) or any(
        before[1] > after[0] for before, after in pairwise(found)
    ):
        raise PeriodsError(IN_ORDER)
    return found


def write_periods(periods: Iterable[tuple[int, int]]) -> str:
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in periods)


def _period(part: str) -> tuple[int, int]:
    match = _PERIOD.fullmatch(part.strip())
    if match is None:
        raise PeriodsError(HOW_TO_WRITE)
    from_hour, from_minute, to_hour, to_minute = (int(group or 0) for group in match.groups())
    if from_minute > 59 or to_minute > 59:
        raise PeriodsError(HOW_TO_WRITE)
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if not 0 <= start < end <= WHOLE_DAY:
        raise PeriodsError(IN_ORDER)
    return start, end


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
