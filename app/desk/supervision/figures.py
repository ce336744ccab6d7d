"""What the page counts of open requests: each figure and the list behind it by the same rule."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.desk.supervision.capacity import WEEKS, Office
from app.desk.supervision.forecast import ELSEWHERE, Work, at_risk, is_due, is_late, minutes_left

MARKS = ("late", "risk", "due", "open")
# An approval that waits for so many days and longer.
AGES = (0, 3, 6, 11)
LATER = WEEKS


@dataclass(slots=True)
class Tally:
    open: int = 0
    due: int = 0
    late: int = 0
    risk: int = 0

    @property
    def worst(self) -> str:
        """What gives a cell its colour."""
        return next((one for one in MARKS if getattr(self, one)), "")

    @property
    def urgency(self) -> tuple[int, ...]:
        return tuple(getattr(self, one) for one in MARKS)


@dataclass(slots=True)
class Load:
    """`planned` are minutes by week, those without a promised day and of later ones in the last
    place; `requests` how many there are; `hours` what the person has, none for nobody."""

    person: UUID | None
    planned: list[int] = field(default_factory=lambda: [0] * (WEEKS + 1))
    requests: list[int] = field(default_factory=lambda: [0] * (WEEKS + 1))
    hours: Sequence[int] = ()

    def share(self, week: int) -> float | None:
        if not self.hours or not (self.planned[week] or self.hours[week]):
            return None
        return self.planned[week] / self.hours[week] if self.hours[week] else float("inf")

    @property
    def total(self) -> int:
        return sum(self.requests)


@dataclass(frozen=True)
class Figures:
    """Of all open requests on the lines that the reader reviews."""

    works: Sequence[Any]
    office: Office
    usual: Mapping[str, int]
    now: datetime
    risk: frozenset[UUID] = field(init=False)
    _ends: Sequence[datetime] = field(init=False)

    def __post_init__(self) -> None:
        risk = frozenset(at_risk(self.works, self.office, self.usual, self.now))
        object.__setattr__(self, "risk", risk)
        object.__setattr__(self, "_ends", [end for _, end in self.office.weeks(self.now)])

    def marks(self, work: Work) -> list[str]:
        found = ["open"]
        if is_late(work, self.now):
            found.append("late")
        elif is_due(work, self.now):
            found.append("due")
            if work.id in self.risk:
                found.append("risk")
        return found

    def heat(self, works: Iterable[Work]) -> dict[tuple[UUID, str], Tally]:
        """By client and line."""
        found: dict[tuple[UUID, str], Tally] = {}
        for work in works:
            tally = found.setdefault((work.tenant_id, work.line), Tally())
            for mark in self.marks(work):
                setattr(tally, mark, getattr(tally, mark) + 1)
        return found

    def is_load(self, work: Work) -> bool:
        return work.state not in ELSEWHERE

    def waits(self, work: Work) -> bool:
        return work.state == "awaiting_approval"

    def week(self, work: Work) -> int:
        """In which it is due: what is late in the present one, what has no promised day later."""
        if work.due_at <= work.raised_at:
            return LATER
        return bisect_right(self._ends, work.due_at)

    def loads(self, able: Iterable[UUID]) -> list[Load]:
        """Everybody with work, and whoever could take some."""
        found: dict[UUID | None, Load] = {one: Load(one) for one in able}
        for work in self.works:
            if self.is_load(work):
                load = found.setdefault(work.assignee_id, Load(work.assignee_id))
                load.planned[self.week(work)] += minutes_left(work, self.usual)
                load.requests[self.week(work)] += 1
        for person, load in found.items():
            if person is not None:
                load.hours = self.office.by_week(person, self.now)
        return list(found.values())

    def age(self, work: Work) -> int:
        """Which of AGES an approval has reached."""
        days = (self.now - work.state_since) // timedelta(days=1)
        return bisect_right(AGES, max(days, 0)) - 1

    def approvals(self, works: Iterable[Work]) -> dict[UUID, list[int]]:
        """How many of each age wait, by client."""
        found: dict[UUID, list[int]] = {}
        for work in works:
            if self.waits(work):
                found.setdefault(work.tenant_id, [0] * len(AGES))[self.age(work)] += 1
        return found


def add(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for one in tallies:
        for mark in MARKS:
            setattr(total, mark, getattr(total, mark) + getattr(one, mark))
    return total
