"""From seconds of a timer to the minutes that are written down."""

from datetime import datetime

MINUTES_OF_A_DAY = 1440


def elapsed(*, seconds: int, running_since: datetime | None, now: datetime) -> int:
    """Seconds so far; a machine's clock that was set back takes nothing away."""
    if running_since is None:
        return seconds
    return seconds + max(0, int((now - running_since).total_seconds()))


def rounded(seconds: int, *, step: int = 1) -> int:
    """Whole steps of minutes, up; what was begun counts as one step."""
    whole = max(1, -(-seconds // (60 * step))) * step
    return min(whole, MINUTES_OF_A_DAY)
