"""From seconds of a timer to the minutes that are written down, and to those that are billed."""

from datetime import datetime

MINUTES_OF_A_DAY = 1440


def elapsed(*, seconds: int, running_since: datetime | None, now: datetime) -> int:
    """Seconds so far; a machine's clock that was set back takes nothing away."""
    if running_since is None:
        return seconds
    return seconds + max(0, int((now - running_since).total_seconds()))


def rounded(seconds: int) -> int:
    """Whole minutes, up; what was begun counts as one."""
    return min(max(1, -(-seconds // 60)), MINUTES_OF_A_DAY)


def billed(minutes: int, step: int) -> int:
    """What is billed of a request's whole time: up to the next step, once."""
    return -(-minutes // step) * step
