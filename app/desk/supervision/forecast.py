"""How much work a request still is, and which ones are not going to be in time.

Somebody does what ends first before the rest. Where more work is due until a moment than they have
hours, the request that ends then is at risk.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from app.desk.supervision.capacity import Office

SOON = timedelta(days=7)
QUARTER = 15
# Of a kind of work that nobody was measured at yet.
USUAL = 60
# Somebody else has it: the client, or a client's approver.
ELSEWHERE = ("awaiting_approval", "quote_needed")


class Work(Protocol):
    """An open request: `next_at` is when the next of its running clocks ends, `answer_next` says
    that a first answer is what is due then."""

    @property
    def id(self) -> UUID: ...
    @property
    def tenant_id(self) -> UUID: ...
    @property
    def line(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def assignee_id(self) -> UUID | None: ...
    @property
    def raised_at(self) -> datetime: ...
    @property
    def state_since(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def next_at(self) -> datetime | None: ...
    @property
    def answer_next(self) -> bool: ...
    @property
    def estimate_minutes(self) -> int: ...
    @property
    def steps_done(self) -> int: ...
    @property
    def steps_total(self) -> int | None: ...


def minutes_left(work: Work, usual: Mapping[str, int]) -> int:
    """What was estimated, else what such work takes usually, as far as its checklist is open."""
    whole = work.estimate_minutes or usual.get(work.item) or USUAL
    if work.steps_total:
        whole = round(whole * max(work.steps_total - work.steps_done, 0) / work.steps_total)
    return max(whole, QUARTER)


def is_late(work: Work, now: datetime) -> bool:
    return work.next_at is not None and work.next_at < now


def is_due(work: Work, now: datetime) -> bool:
    return work.next_at is not None and now <= work.next_at < now + SOON


def at_risk(
    works: Iterable[Work], office: Office, usual: Mapping[str, int], now: datetime
) -> set[UUID]:
    """Of those due within seven days."""
    piled: dict[UUID, int] = {}
    found = set()
    running = (one for one in works if one.next_at is not None and one.next_at < now + SOON)
    for work in sorted(running, key=lambda one: (one.next_at, one.id)):
        needed = QUARTER if work.answer_next else minutes_left(work, usual)
        if work.assignee_id is not None:
            needed = piled[work.assignee_id] = piled.get(work.assignee_id, 0) + needed
        assert work.next_at is not None
        if work.next_at >= now and needed > office.minutes_of(work.assignee_id, now, work.next_at):
            found.add(work.id)
    return found
