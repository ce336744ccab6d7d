"""When a message is tried again, and when an endpoint is left alone."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

# Just over three days in all.
PAUSES = tuple(
    timedelta(seconds=one)
    for one in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)  # fmt: skip
# Nothing got through for so long: the endpoint is switched off.
PATIENCE = timedelta(days=5)
OLD_SECRET_SIGNS = timedelta(hours=24)
KEPT = timedelta(days=30)

Verdict = Literal["delivered", "again", "failed"]


def is_taken(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def is_gone(status: int | None) -> bool:
    return status == 410


def next_try(*, tries: int, now: datetime, asked: timedelta | None = None) -> datetime | None:
    """After so many tries; None once it is given up. `asked` is the pause that the receiver wants:
    ours may become longer by it, up to our longest."""
    if tries > len(PAUSES):
        return None
    return now + max(PAUSES[tries - 1], min(asked or timedelta(), PAUSES[-1]))


def asked_pause(status: int | None, retry_after: str, *, now: datetime) -> timedelta | None:
    """What a busy receiver said in Retry-After, in seconds or as a date; None for nonsense."""
    value = retry_after.strip()
    if status not in (429, 503) or not value:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value):
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta())
