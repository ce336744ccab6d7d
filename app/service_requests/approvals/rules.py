"""How many have to approve, with which proof, and until when."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.calendars.business_time import BusinessCalendar
from app.catalogue.item import CatalogueItem

# Money and payroll.
ALWAYS_A_CODE = ("finance", "hr")


class HasSlip(Protocol):
    @property
    def slip(self) -> dict[str, Any]: ...


def amount_of(deliverables: Iterable[HasSlip]) -> int | None:
    """The money that the results stand for, in cents; None where none of them says."""
    found = [row.slip["amount"] for row in deliverables if isinstance(row.slip.get("amount"), int)]
    return sum(abs(one) for one in found) if found else None


def needed(item: CatalogueItem, *, amount: int | None, limit: int | None) -> int:
    """Two above the contract's limit. What doesn't say its amount can't be above it."""
    above = limit is not None and amount is not None and amount > limit
    return max(item.approvals, 2 if above else 1)


def asks_code(item: CatalogueItem) -> bool:
    return item.code_asked or item.line in ALWAYS_A_CODE


def expiry(*, asked_at: datetime, days: int, calendar: BusinessCalendar) -> datetime:
    """The end of the so-many-th business day after the day of asking."""
    day = calendar.add_business_days(calendar.local_day(asked_at), days) + timedelta(days=1)
    return datetime.combine(day, time(), ZoneInfo(calendar.zone)).astimezone(UTC)
