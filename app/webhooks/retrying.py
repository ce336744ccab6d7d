"""When a message is tried again, and when an endpoint is left alone."""

from datetime import datetime, timedelta
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


def next_try(*, tries: int, now: datetime) -> datetime | None:
    """After so many tries; None once it is given up."""
    return now + PAUSES[tries - 1] if tries <= len(PAUSES) else None
