"""Handover notes, written and sent by our own services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.service_requests.handover.queries import list_items
from app.service_requests.handover.services import writing
from app.service_requests.services import standing_in
from tenants.permissions import system_actor
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting


def acts(person: Person, company: Company) -> Any:
    level = "review" if person.role == "supervisor" else "work"
    return person.actor(company, level=level)


def write_note(
    stage: Stage, company: Company, absence_id: UUID, absent: Person, *, by: Person | None = None,
    to: Person | None = None, words: str = "", own: Mapping[UUID, str] | None = None,
    send: bool = True, at: datetime | None = None,
) -> None:  # fmt: skip
    """`to` everything; else to whom it is proposed. `own` words by request."""
    by = by or absent
    who: dict[str, Any] = {"actor": acts(by, company), "now": at or now()}
    of: dict[str, Any] = {"absence_id": absence_id, "user_id": absent.id}
    with acting(stage, by.scope(company)):
        note = writing.begin(**of, **who)
        if note is None:
            return
        lines = [
            writing.Line(one.id, to.id if to else one.substitute_id,
                         (own or {}).get(one.request_id, one.words))
            for one in list_items(note_id=note.id)
        ]  # fmt: skip
        writing.keep(**of, words=words, lines=lines, **who)
        if send:
            writing.send(**of, **who)


def look_after(stage: Stage, company: Company, at: datetime | None = None) -> None:
    """What the schedule does every quarter of an hour."""
    with acting(stage, company.scope):
        standing_in.stand_in(actor=system_actor(company.id), now=at or now())
