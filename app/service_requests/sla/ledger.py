"""Writing the ledger. Every verb adds rows, then sets anew what stands on the request."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.service_requests.models import ServiceRequest
from app.service_requests.sla import caching
from app.service_requests.sla.clock import CLOCKS, Event, cycles
from app.service_requests.sla.history import Past, read_past
from app.service_requests.sla.models import SlaEvent
from app.service_requests.sla.queries import event_of, list_rows
from app.service_requests.sla.rules import ANSWERED, Change, changes
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

# Of the pause that needs a question: the others wait for an offer, a decision, somebody else.
ASKS = "waiting_client"
UNDONE = "undone"


class PauseNeedsQuestion(Conflict):
    code = "pause_needs_question"
    message = _m("The clock stops only while the client has a question to answer. Ask it first.")


def follow(
    request: ServiceRequest,
    *,
    source: str | None,
    target: str,
    actor: Actor,
    now: datetime,
    question_id: UUID | None = None,
) -> None:
    """What a change of state means for the clocks. A request just raised is added and flushed here."""
    if target == ASKS and source != ASKS and question_id is None:
        raise PauseNeedsQuestion
    book = Book(request, actor=actor, now=now, new=source is None)
    found = changes(
        first=book.state("first_response"), resolution=book.state("resolution"), source=source,
        target=target, side=actor.side, third_party=book.terms.pauses_for_third_party,
    )  # fmt: skip
    book.write(found, question_id=question_id)


def answered(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Somebody of the provider wrote to the client, which counts as the first response."""
    waits = request.respond_by is not None or request.first_response_at is None
    if actor.side != "provider" or not waits:
        return
    book = Book(request, actor=actor, now=now)
    if book.state("first_response") == "running":
        book.write([Change("first_response", "stopped", ANSWERED)])


def recompute(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """After a change of priority, item, estimate or contract: other targets, same intervals."""
    Book(request, actor=actor, now=now).write([])


def late_input(
    request: ServiceRequest, *, cut_off: datetime, actor: Actor, now: datetime, reason: str
) -> None:
    """The client's input that was due at `cut_off` came now: the due date moves by the delay. Told
    again, it is the same input; a later one of the same cut-off moves the date by what it is later."""
    if now <= cut_off:
        return
    book = Book(request, actor=actor, now=now)
    runs = cycles(book.events, "resolution")
    known = runs[-1].late if runs else ()
    if not any(one.cut_off == cut_off and one.came_at >= now for one in known):
        book.write([Change("resolution", "moved", reason)], moment=cut_off)


def agree(request: ServiceRequest, *, due: datetime, actor: Actor, now: datetime) -> None:
    """A date that both sides agreed on, instead of the contract's target."""
    Book(request, actor=actor, now=now).write([Change("resolution", "agreed", "")], moment=due)


def keep_earliest(
    request: ServiceRequest, *, merged: ServiceRequest, actor: Actor, now: datetime
) -> None:
    """`merged` goes on in this one: what nobody answered there waits here since then, and the work
    began when its clock did. A clock that began anew since keeps its own start."""
    book = Book(request, actor=actor, now=now)
    for clock, start in _starts(merged).items():
        runs = cycles(book.events, clock)
        open_still = clock == "resolution" or runs[-1].last.state == "running"
        if len(runs) == 1 and open_still and start < runs[0].started_at:
            book.write([Change(clock, "merged", "")], moment=start)


def _starts(merged: ServiceRequest) -> dict[str, datetime]:
    """When the clocks of a request that was merged began, as far as they still matter."""
    events = [event_of(one) for one in list_rows(request_id=merged.id)]
    return {
        clock: runs[-1].started_at
        for clock in CLOCKS
        if (runs := cycles(events, clock))
        and (clock == "resolution" or merged.first_response_at is None)
    }


def void(request: ServiceRequest, *, pause_id: UUID, actor: Actor, now: datetime) -> None:
    """This pause was not justified: its time counts."""
    book = Book(request, actor=actor, now=now)
    book.write([Change("resolution", "voided", "contested")], voids=pause_id)


def unanswer(
    request: ServiceRequest, *, after: int, since: datetime, actor: Actor, now: datetime
) -> None:
    """What was written after this row and stopped the first response is taken back: that clock
    goes on from where it began. An answer from before `since` stays, whenever it was written."""
    book = Book(request, actor=actor, now=now)
    for one in book.events[after:]:
        if (one.clock, one.event) == ("first_response", "stopped") and one.at >= since:
            book.write([Change("first_response", "voided", UNDONE)], voids=one.id)


class Book:
    """The ledger of one request, open for writing."""

    def __init__(
        self, request: ServiceRequest, *, actor: Actor, now: datetime, new: bool = False
    ) -> None:
        self.request, self.actor, self.now, self.new = request, actor, now, new
        self.terms: ContractTerms = get_terms(now)
        self.rows: list[SlaEvent] = []
        rows = [] if new else list_rows(request_id=request.id)
        self.last = rows[-1].seq if rows else 0
        self.events: list[Event] = [event_of(one) for one in rows]
        if not rows and not new:
            self._begin()

    def state(self, clock: str) -> str:
        found = cycles(self.events, clock)
        return found[-1].last.state if found else "off"

    def write(self, found: Iterable[Change], **facts: Any) -> None:
        for one in found:
            self._add(one, self.now, **facts)
        caching.refresh(self.request, self.events, self.terms, self.now)
        if self.new:
            db.session.add(self.request)
            db.session.flush()
        db.session.add_all(self.rows)

    def _begin(self) -> None:
        """Of a request that came into being without a ledger: what its history says."""
        for clock in CLOCKS:
            self._add(Change(clock, "started", "new"), self.request.raised_at)
        for one in read_past(self.request.id):
            for change in self._meaning(one):
                if change.event != "paused" or change.reason != ASKS or one.question_id:
                    self._add(change, one.at, question_id=one.question_id)

    def _meaning(self, one: Past) -> Iterable[Change]:
        if one.target is None:
            running = self.state("first_response") == "running"
            return [Change("first_response", "stopped", ANSWERED)] if running else []
        return changes(
            first=self.state("first_response"), resolution=self.state("resolution"),
            source=one.source, target=one.target, side=one.side,
            third_party=self.terms.pauses_for_third_party,
        )  # fmt: skip

    def _add(
        self,
        change: Change,
        at: datetime,
        *,
        question_id: UUID | None = None,
        voids: UUID | None = None,
        moment: datetime | None = None,
    ) -> None:
        self.last += 1
        row = SlaEvent(
            id=uuid7(),
            request_id=self.request.id,
            seq=self.last,
            clock=change.clock,
            event=change.event,
            at=at,
            reason=change.reason,
            question_id=question_id if change.event == "paused" else None,
            voids=voids,
            moment=moment,
            line=self.request.line,
            item=self.request.item,
            priority=self.request.priority,
            actor_id=self.actor.user_id,
            actor_name=self.actor.name,
        )
        self.rows.append(row)
        self.events.append(event_of(row))
