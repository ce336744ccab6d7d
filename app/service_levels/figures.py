"""A month in figures, per line and clock."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.service_levels.judging import BREACHED, EXCLUDED, MET


class Judged(Protocol):
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def minutes(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def waited(self) -> int: ...
    @property
    def open(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """`median` and `p90` in business minutes, None without anything counted."""

    met: int
    breached: int
    excluded: Mapping[str, int]
    median: int | None
    p90: int | None
    late: int
    waited: int
    open: int

    @property
    def counted(self) -> int:
        return self.met + self.breached

    @property
    def share(self) -> float | None:
        return self.met / self.counted if self.counted else None

    @property
    def waiting_share(self) -> float | None:
        return self.waited / self.open if self.open else None

    def as_document(self) -> dict[str, Any]:
        return {
            "met": self.met, "breached": self.breached, "excluded": dict(self.excluded),
            "median": self.median, "p90": self.p90, "late": self.late, "waited": self.waited,
            "open": self.open,
        }  # fmt: skip


def figures_of(outcomes: Iterable[Judged]) -> Figures:
    found = list(outcomes)
    counted = [one for one in found if one.outcome != EXCLUDED]
    minutes = sorted(one.minutes for one in counted)
    return Figures(
        met=sum(one.outcome == MET for one in counted),
        breached=sum(one.outcome == BREACHED for one in counted),
        excluded=dict(
            sorted(Counter(one.reason for one in found if one.outcome == EXCLUDED).items())
        ),
        median=ranked(minutes, 50),
        p90=ranked(minutes, 90),
        late=sum(one.late for one in counted),
        waited=sum(one.waited for one in counted),
        open=sum(one.open for one in counted),
    )


def ranked(ascending: Sequence[int], percent: int) -> int | None:
    """The least value that so many percent don't exceed (nearest rank)."""
    if not ascending:
        return None
    rank = -(-len(ascending) * percent // 100)
    return ascending[max(rank, 1) - 1]
