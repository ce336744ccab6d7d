"""Which reports are to be prepared: pure."""

from collections.abc import Iterable, Sequence
from datetime import date


def to_prepare(signed: Iterable[date], reported: Sequence[date]) -> list[date]:
    """The last signed month, and all since the last report; oldest first."""
    last = max(reported, default=None)
    missing = sorted(set(signed) - set(reported))
    return missing[-1:] if last is None else [one for one in missing if one > last]
