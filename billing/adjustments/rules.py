"""What usage costs that Stripe's meters don't take any more: the price of its own month, beyond what
that month includes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

# Stripe takes nothing that is older.
TAKEN_FOR = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Record:
    source_type: str
    source_id: UUID
    occurred_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class Share:
    """What of a source's usage in one month is to be charged by itself."""

    source_type: str
    source_id: UUID
    month: datetime
    occurred_at: datetime
    quantity: int


def month_of(at: datetime) -> tuple[datetime, datetime]:
    """In UTC, as Stripe's periods are."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def too_old(at: datetime, now: datetime) -> bool:
    return at < now - TAKEN_FOR


def beyond_included(*, used: int, quantity: int, included: int) -> int:
    """How much of `quantity` is charged after `used` units of the same month."""
    return max(0, used + quantity - included) - max(0, used - included)


def shares(records: Sequence[Record], quantity: int) -> list[Share]:
    """`quantity` of these records, which come latest first, by source and month; what was taken back
    of a source counts against it."""
    whole: dict[tuple[str, UUID, datetime], int] = {}
    latest: dict[tuple[str, UUID, datetime], datetime] = {}
    for one in records:
        key = (one.source_type, one.source_id, month_of(one.occurred_at)[0])
        whole[key] = whole.get(key, 0) + one.quantity
        latest.setdefault(key, one.occurred_at)
    found: list[Share] = []
    for key, total in whole.items():
        taken = min(quantity, total)
        if taken > 0:
            found.append(Share(*key, latest[key], taken))
            quantity -= taken
    return found
