"""What the pages of handover notes show, read over all clients that are open to the reader."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.desk.queries import DeskContext
from app.service_requests import presenting
from app.service_requests.catalogue import item_of
from app.service_requests.handover import across
from app.service_requests.handover.rules import waits_for_return
from app.service_requests.handover.services.writing import OPEN
from app.service_requests.pills import Pill
from app.staffing.models import Absence
from app.web.i18n import text
from tenants.core.text import _m
from tenants.queries import Workspace

STATES: Mapping[str, Pill] = {
    "draft": Pill(_m("Not sent yet"), "edit"),
    "sent": Pill(_m("Waits for an answer"), "hourglass", "wait"),
    "kept": Pill(_m("Waits for the return"), "calendar-event", "info"),
    "accepted": Pill(_m("Accepted"), "user-check", "good"),
    "declined": Pill(_m("Declined"), "user-off", "bad"),
    "void": Pill(_m("Nothing to do any more"), "check"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """An absence, for reading in other scopes than the office's own."""

    id: UUID
    user_id: UUID
    first: date
    last: date
    starts_at: datetime
    ends_at: datetime


def span_of(row: Absence) -> Span:
    return Span(row.id, row.user_id, row.first, row.last, row.starts_at, row.ends_at)


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a note, as it is shown; `next` is the checklist's next step in the reader's words."""

    row: Any
    client: Workspace
    subject: str
    request_state: Pill
    state: Pill
    next: str
    key: str
    later: bool = False
    said_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.row.state in OPEN

    @property
    def answer_day(self) -> datetime | None:
        """The last moment of the day by whose end the answer has to be there."""
        until: datetime | None = self.row.answer_by
        return until - timedelta(seconds=1) if until else None


@dataclass(slots=True)
class Part:
    """What concerns one client."""

    client: Workspace
    note: Any = None
    items: list[Item] = field(default_factory=list)
    held: int = 0

    @property
    def left_out(self) -> int:
        """How much is in their hands that the note doesn't name."""
        named = sum(
            1 for one in self.items
            if one.row.assignee_id == one.row.user_id and one.row.state != "void"
        )  # fmt: skip
        return max(self.held - named, 0)


@dataclass(slots=True)
class Handed:
    """What one person who is away hands to the reader."""

    absence: Span
    name: str
    parts: list[Part] = field(default_factory=list)

    @property
    def waiting(self) -> list[Item]:
        return [one for part in self.parts for one in part.items if one.row.state == "sent"]

    @property
    def answer_day(self) -> datetime | None:
        """By whose end the first answer has to be there."""
        return min((one.answer_day for one in self.waiting if one.answer_day), default=None)


def read_parts(
    session: Session, *, context: DeskContext, absence: Span,
    lines_of: Mapping[UUID, Sequence[str]],
) -> list[Part]:  # fmt: skip
    """The note of one absence by client, with what they hold there."""
    clients = {one.tenant_id: one for one in context.clients}
    held = across.count_held(session, user_id=absence.user_id, lines_of=lines_of)
    notes = across.list_notes(session, absence_ids=[absence.id], tenants=list(lines_of))
    by_client = {note.tenant_id: note for note in notes}
    found: dict[UUID, Part] = {}
    for row in across.list_items_of(session, absence_id=absence.id, lines_of=lines_of):
        part = found.setdefault(row.tenant_id, Part(clients[row.tenant_id]))
        part.items.append(_item(row, part.client, absence))
    for tenant_id in [*held, *by_client]:
        found.setdefault(tenant_id, Part(clients[tenant_id]))
    for tenant_id, part in found.items():
        part.note, part.held = by_client.get(tenant_id), held.get(tenant_id, 0)
    return sorted(found.values(), key=lambda one: (one.client.name, one.client.slug))


def read_handed(
    session: Session, *, context: DeskContext, user_id: UUID, absences: Mapping[UUID, Span]
) -> list[Handed]:
    """By who is away, those who go first before; without absences that are over."""
    clients = {one.tenant_id: one for one in context.clients}
    found: dict[UUID, Handed] = {}
    rows = across.list_handed_to(session, user_id=user_id, lines_of=context.worked())
    for row in sorted(rows, key=lambda one: clients[one.tenant_id].name):
        absence = absences.get(row.absence_id)
        if absence is None:
            continue
        handed = found.setdefault(absence.id, Handed(absence, row.user_name))
        if not handed.parts or handed.parts[-1].client.tenant_id != row.tenant_id:
            handed.parts.append(Part(clients[row.tenant_id]))
        part = handed.parts[-1]
        part.items.append(_item(row, part.client, absence))
    return sorted(found.values(), key=lambda one: (one.absence.starts_at, one.name))


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A request that nobody takes, or (without one) an absence that began without a note."""

    client: Workspace
    absence_id: UUID
    name: str
    why: str
    item: Item | None = None


def read_left_alone(
    session: Session, *, context: DeskContext, absences: Mapping[UUID, Span], now: datetime
) -> list[LeftAlone]:
    """On the lines that the reader reviews; what is due first comes first."""
    clients = {one.tenant_id: one for one in context.clients}
    lines_of = context.reviewed()
    missing = [
        LeftAlone(clients[one.tenant_id], one.absence_id, one.user_name,
                  text(_m("Away without a handover note")))
        for one in across.list_missing(session, tenants=list(lines_of))
        if one.absence_id in absences
    ]  # fmt: skip
    raised = [
        LeftAlone(clients[row.tenant_id], row.absence_id, row.user_name, _why(row, now),
                  _item(row, clients[row.tenant_id], absences[row.absence_id]))
        for row in across.list_raised(session, lines_of=lines_of)
        if row.absence_id in absences
    ]  # fmt: skip
    return [*missing, *raised]


def workers_of(
    rows: Sequence[Any], absences: Collection[Span], absence: Span
) -> dict[tuple[UUID, str], list[tuple[str, str]]]:
    """Whom each line of each client can be handed to; who is away meanwhile says so."""
    busy = {
        one.user_id for one in absences
        if one.starts_at < absence.ends_at and one.ends_at > absence.starts_at
    }  # fmt: skip
    away = text(_m("%(name)s (away at that time)"))
    found: dict[tuple[UUID, str], list[tuple[str, str]]] = {}
    for row in rows:
        if row.user_id != absence.user_id:
            name = away % {"name": row.name} if row.user_id in busy else row.name
            found.setdefault((row.tenant_id, row.line), []).append((str(row.user_id), name))
    return found


def _why(row: Any, now: datetime) -> str:
    if row.state == "declined":
        return text(_m("%(name)s declined: %(reason)s"), {
            "name": row.substitute_name, "reason": row.reason})  # fmt: skip
    if row.state == "kept":
        return text(_m("Nobody is named"))
    late = row.answer_by is not None and now >= row.answer_by
    words = _m("%(name)s did not answer") if late else _m("%(name)s can't answer in time")
    return text(words, {"name": row.substitute_name})


def _item(row: Any, client: Workspace, absence: Span) -> Item:
    look = STATES[row.state]
    return Item(
        row=row, client=client, subject=presenting.subject_of(row.item, row.title),
        request_state=presenting.state_pill(row.request_state, "provider"),
        state=Pill(text(look.label), look.icon, look.tone), next=_next(row),
        key=f"{client.slug}/{row.id}", later=waits_for_return(row.due_at, absence.ends_at),
        said_at=datetime.fromisoformat(said["at"]) if (said := row.facts.get("said")) else None,
    )  # fmt: skip


def _next(row: Any) -> str:
    step = row.facts.get("next")
    if not step or step["own"]:
        return step["label"] if step else ""
    return text(item_of(row).step_words(step["label"]))
