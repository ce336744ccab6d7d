"""Time as a request's page shows it; no statement goes to the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.auth.identity import Identity
from app.service_requests.models import ServiceRequest
from app.service_requests.page_queries import Conversation
from app.timesheets.categories import CATEGORIES
from app.timesheets.rounding import billed, elapsed
from app.timesheets.services.timers import FORGOTTEN_SECONDS
from app.web.i18n import text
from tenants.core.text import _m
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class TimeRow:
    """`cites` is the day of the entry that a later row of another month takes back; `editable`
    ones may be corrected by whoever looks."""

    id: UUID
    minutes: int
    what: str
    kind: str
    who: str
    day: date
    billable: bool
    comment: str
    editable: bool
    taken_back: bool
    cites: date | None = None


@dataclass(frozen=True, slots=True)
class TimeTotal:
    """Minutes of a request, `billable` as they were recorded."""

    billable: int
    rest: int
    step: int
    shown: str

    @property
    def billed(self) -> int:
        return billed(self.billable, self.step)

    @property
    def all(self) -> int:
        return self.billed + self.rest

    @property
    def recorded(self) -> int:
        return self.billable + self.rest


@dataclass(frozen=True, slots=True)
class TimerHere:
    seconds: int
    running: bool
    since: datetime | None
    forgotten: bool

    @property
    def minutes(self) -> int:
        return self.seconds // 60


def rows(entries: Sequence[Any], actor: Actor, request: ServiceRequest) -> list[TimeRow]:
    """A pair of one month, an entry and what took it back, says nothing any more and is left out;
    across months both stand, since each month's sum needs its own."""
    by_id = {one.id: one for one in entries}
    reversed_by = {one.reverses_id: one for one in entries if one.reverses_id}
    reviews = actor.can("request.review", request.line)
    found = []
    for one in entries:
        other = reversed_by.get(one.id) or by_id.get(one.reverses_id)
        if other is not None and _month(other) == _month(one):
            continue
        own = one.request_id == request.id and (reviews or one.user_id == actor.user_id)
        found.append(
            TimeRow(
                id=one.id, minutes=one.minutes, who=_who(one), day=one.worked_on,
                what=one.activity or text(CATEGORIES[one.category]),
                kind=text(CATEGORIES[one.category]) if one.category != "work" else "",
                billable=one.billable, comment=one.comment or "",
                editable=other is None and one.minutes > 0 and own
                and actor.can("time.record", request.line),
                taken_back=one.id in reversed_by,
                cites=other.worked_on if other is not None and one.reverses_id else None,
            )
        )  # fmt: skip
    return found


def _who(entry: Any) -> str:
    if entry.user_name:
        return str(entry.user_name)
    return text(_m("Operator %(number)s"), {"number": entry.pseudonym})


def total_of(found: Conversation, request: ServiceRequest, shown: str) -> TimeTotal:
    """`shown` is what the client sees; the provider's side sees it all."""
    sums = found.time_sums or found.time_entries
    billable, rest = (
        sum(one.minutes for one in sums if one.billable is kind) for kind in (True, False)
    )
    return TimeTotal(billable, rest, request.time_step, shown)


def _month(entry: Any) -> tuple[int, int]:
    return entry.worked_on.year, entry.worked_on.month


def timer_here(identity: Identity | None, request_id: UUID, now: datetime) -> TimerHere | None:
    timer = identity.timer if identity else None
    if timer is None or timer.request_id != request_id:
        return None
    seconds = elapsed(seconds=timer.seconds, running_since=timer.since, now=now)
    return TimerHere(seconds, timer.since is not None, timer.since, seconds > FORGOTTEN_SECONDS)
