"""The few figures that stand first, over all lines."""

from dataclasses import dataclass
from typing import Any

from app.reporting.content import Content


@dataclass(frozen=True, slots=True)
class Sums:
    """`kept` and `counted` by clock; `rating` in hundredths, None without one."""

    kept: dict[str, int]
    counted: dict[str, int]
    raised: int
    delivered: int
    open: int
    credit: int
    ratings: int
    rating: int | None


def sums_of(content: Content) -> Sums:
    levels: list[dict[str, Any]] = content["levels"]
    clocks = ("first_response", "resolution")
    kept = {one: sum(row["met"] for row in levels if row["clock"] == one) for one in clocks}
    missed = {one: sum(row["breached"] for row in levels if row["clock"] == one) for one in clocks}
    volumes, ratings = content["volumes"], content["ratings"]
    return Sums(
        kept=kept, counted={one: kept[one] + missed[one] for one in clocks},
        raised=sum(row["raised"] for row in volumes),
        delivered=sum(row["delivered"] for row in volumes),
        open=len(content["open"]), credit=sum(row["amount"] for row in content["credits"]),
        ratings=ratings["count"], rating=average(ratings),
    )  # fmt: skip


def average(ratings: dict[str, Any]) -> int | None:
    """In hundredths, half up."""
    count, added = ratings["count"], ratings["sum"]
    return (200 * added + count) // (2 * count) if count else None
