"""Whether an item is covered by the client's contract this month, or needs an offer first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.contracts.terms import ContractTerms

IN_SCOPE, QUOTA_USED_UP, OUT_OF_SCOPE, AGREED = (
    "in_scope", "quota_used_up", "out_of_scope", "agreed",
)  # fmt: skip
# Nothing is done before the client accepted a price.
NEEDS_OFFER = (QUOTA_USED_UP, OUT_OF_SCOPE)
# Nobody worked on these: they give their place in the quota back.
NOT_COUNTED = ("cancelled", "rejected", "merged", "duplicate")


@dataclass(frozen=True, slots=True)
class Standing:
    """`quota` is None for an item without one; `used` counts this month's requests in scope."""

    scope: str
    quota: int | None = None
    used: int = 0

    @property
    def needs_offer(self) -> bool:
        return self.scope in NEEDS_OFFER

    @property
    def left(self) -> int | None:
        return None if self.quota is None else max(0, self.quota - self.used)


def stand(terms: ContractTerms, item: str, used: int) -> Standing:
    """For one more request, after `used` of this month."""
    if not terms.in_scope(item):
        return Standing(OUT_OF_SCOPE)
    quota = terms.quota(item)
    if quota is None:
        return Standing(IN_SCOPE)
    return Standing(IN_SCOPE if used < quota else QUOTA_USED_UP, quota, used)


def month_of(at: datetime, zone: str) -> tuple[datetime, datetime]:
    """From midnight of the first to midnight of the next month's first, on this zone's clocks."""
    local = at.astimezone(ZoneInfo(zone))
    first = datetime(local.year, local.month, 1, tzinfo=ZoneInfo(zone))
    years, month = divmod(local.month, 12)
    following = datetime(local.year + years, month + 1, 1, tzinfo=ZoneInfo(zone))
    return first.astimezone(UTC), following.astimezone(UTC)
