"""How many people and how much room a company has, and when somebody should hear of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FEATURES = ("seats", "storage_gb")
# As the pages write sizes.
GB = 10**9
STEPS = (80, 100)


class Agreed(Protocol):
    @property
    def feature(self) -> str: ...
    @property
    def value(self) -> int: ...
    @property
    def verdict(self) -> str | None: ...
    @property
    def decided_at(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` is what counts, None for no limit; `plan` is what the plan alone has."""

    feature: str
    most: int | None
    plan: int | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """`used` and `most` in people or bytes."""

    limit: Limit
    used: int
    most: int | None

    @property
    def feature(self) -> str:
        return self.limit.feature

    @property
    def step(self) -> int:
        return step_of(self.used, self.most)

    @property
    def left(self) -> int | None:
        return None if self.most is None else max(0, self.most - self.used)


def effective(feature: str, plan: int | None, agreed: Iterable[Agreed], now: datetime) -> Limit:
    """Of what was approved and isn't over, the one approved last; else the plan's."""
    found = [
        one
        for one in agreed
        if one.feature == feature and one.verdict == "approved" and now < one.expires_at
    ]
    if not found:
        return Limit(feature, plan, plan)
    last = max(found, key=lambda one: one.decided_at or one.expires_at)
    return Limit(feature, last.value, plan, last.expires_at)


def standing(limit: Limit, used: int) -> Standing:
    most = limit.most
    if most is not None and limit.feature == "storage_gb":
        most *= GB
    return Standing(limit, used, most)


def fits(now_used: int, more: int, most: int | None) -> bool:
    return most is None or now_used + more <= most


def step_of(used: int, most: int | None) -> int:
    """The last of the steps that was reached, 0 for none."""
    if most is None:
        return 0
    return max((step for step in STEPS if used * 100 >= most * step), default=0)


def used_up(used: Mapping[str, int], included: Mapping[str, int]) -> list[str]:
    """The meters of which a trial has nothing left: what is included is the most. One without
    included units is used up by its first."""
    return [meter for meter, most in included.items() if used.get(meter, 0) >= max(most, 1)]
