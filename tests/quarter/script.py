"""What is to happen in the simulated time, drawn from a seed. Nobody looks at the product here, so
that the ledger can read the same script."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.quarter.days import DAY, every_day

OFFICE = ZoneInfo("Europe/Paris")
# When things happen, in UTC: the same date everywhere that a company of the script is.
EARLY, MORNING, WORK, CLIENTS, NOON, EVENING = (
    time(4, 30), time(6, 30), time(8), time(9), time(15), time(16),
)  # fmt: skip
LINES = ("administration", "finance", "sales")
ITEM = {line: f"{line}_question" for line in LINES}
# How the catalogue has results of these items checked.
POLICY = {
    "administration_question": "never", "finance_question": "always", "sales_question": "sampled",
    "letter_draft": "never",
}  # fmt: skip
GATED = "letter_draft"
SKILL = "quotes"


def at(day: date, when: time) -> datetime:
    return datetime.combine(day, when, UTC)


@dataclass(frozen=True)
class Firm:
    place: int
    country: str
    region: str
    zone: str
    closed: frozenset[date]
    six_days: bool
    joins: date


@dataclass(frozen=True)
class Hand:
    """One of the provider's people; `leaves` is the day on which they go for good."""

    place: int
    role: str
    skilled: bool = False
    leaves: date | None = None


@dataclass(frozen=True)
class Grant:
    """From the morning of `since` until that of `until`."""

    firm: int
    hand: int
    line: str
    level: str
    since: date
    until: date | None = None

    def live(self, moment: datetime) -> bool:
        ended = self.until is not None and at(self.until, MORNING) <= moment
        return at(self.since, MORNING) <= moment and not ended


@dataclass(frozen=True)
class Order:
    """Who gets a client's work of a line."""

    firm: int
    line: str
    operator: int | None = None
    deputy: int | None = None
    by_load: bool = False
    skill: str = ""


@dataclass(frozen=True)
class Absence:
    """Entered in the morning of `entered`; half days begin or end at one o'clock in the office."""

    hand: int
    entered: date
    first: date
    last: date
    from_noon: bool = False
    until_noon: bool = False

    def span(self) -> tuple[datetime, datetime]:
        noon = time(13)
        begin = datetime.combine(self.first, noon if self.from_noon else time(), OFFICE)
        if self.until_noon:
            return begin, datetime.combine(self.last, noon, OFFICE)
        return begin, datetime.combine(self.last + DAY, time(), OFFICE)

    def covers(self, moment: datetime) -> bool:
        begin, end = self.span()
        return begin <= moment < end and at(self.entered, MORNING) <= moment


@dataclass(frozen=True)
class Change:
    """`kind` is 'pause', 'go_on', 'skip', 'end' or 'backfill', done in the morning of `on`."""

    kind: str
    on: date
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Repeat:
    """`twins` have a title in common: they are the same work, asked for twice."""

    firm: int
    title: str
    line: str
    rule: dict[str, Any]
    begun: date
    starts_on: date
    ends_on: date | None = None
    lead: int = 0
    assignee: int | None = None
    asks: bool = False
    twins: int = 1
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Letter:
    """`twice` and how: '' once, 'same' bytes, 'received' with other lines above it."""

    number: int
    firm: int
    at: datetime
    kind: str
    line: str
    twice: str = ""


@dataclass(frozen=True)
class Asked:
    """What a client asks for on its pages."""

    firm: int
    on: date
    item: str


@dataclass
class Script:
    seed: int
    first: date
    last: date
    firms: list[Firm] = field(default_factory=list)
    hands: list[Hand] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    # Days on which nobody dispatches, on which somebody does early too, on which two do, and on
    # which the database is away for a while.
    dark: set[date] = field(default_factory=set)
    early: set[date] = field(default_factory=set)
    twin: set[date] = field(default_factory=set)
    cut_off: set[date] = field(default_factory=set)

    @property
    def days(self) -> list[date]:
        return every_day(self.first, self.last)

    @property
    def end(self) -> datetime:
        return at(self.last, EVENING) + timedelta(hours=2)

    def away(self, hand: int, moment: datetime) -> datetime | None:
        """Until when, of what is known by then."""
        ends = [one.span()[1] for one in self.absences if one.hand == hand and one.covers(moment)]
        return max(ends, default=None)

    def gone(self, hand: int, moment: datetime) -> bool:
        leaves = self.hands[hand].leaves
        return leaves is not None and at(leaves, MORNING) <= moment

    def level(self, hand: int, firm: int, line: str, moment: datetime) -> str:
        """Empty for who has no access to the line."""
        if self.gone(hand, moment):
            return ""
        found = [
            one.level for one in self.grants
            if (one.hand, one.firm, one.line) == (hand, firm, line) and one.live(moment)
        ]  # fmt: skip
        return found[-1] if found else ""
