from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from app.service_requests.assignment.queries import TO_DO
from app.service_requests.checklists.models import ChecklistStep
from app.service_requests.handover.models import HandoverItem, HandoverNote
from app.service_requests.models import ClientMessage, Question, ServiceRequest
from app.staffing.queries import Away, list_away
from tenants.core.db import db
from tenants.core.errors import Conflict, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.scoping import current_scope

N, I, R = HandoverNote, HandoverItem, ServiceRequest
# As far ahead as absences are looked at.
AHEAD = timedelta(days=800)
# Of what people wrote, for somebody who opens the request anyway.
EXCERPT = 400


class NoAbsence(Conflict):
    code = "no_absence"
    message = _m("This absence was cancelled or is over: there is nothing to hand over.")


def find_absence(*, absence_id: UUID, user_id: UUID, now: datetime) -> Away | None:
    """One that counts and isn't over."""
    found = list_away(user_ids=[user_id], since=now, until=now + AHEAD)
    return next((one for one in found if one.absence_id == absence_id), None)


def get_absence(*, absence_id: UUID, user_id: UUID, now: datetime) -> Away:
    found = find_absence(absence_id=absence_id, user_id=user_id, now=now)
    if found is None:
        raise NoAbsence
    return found


def find_note(*, absence_id: UUID, lock: bool = False) -> HandoverNote | None:
    query = select(N).where(
        N.tenant_id == current_scope().tenant_id, N.absence_id == absence_id
    )  # fmt: skip
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalar_one_or_none()


def get_note(*, note_id: UUID) -> HandoverNote:
    return db.session.get_one(N, (current_scope().tenant_id, note_id))


def begin_note(*, absence_id: UUID, user_id: UUID, user_name: str, now: datetime) -> HandoverNote:
    """It is there once, and held."""
    db.session.execute(
        insert(N)
        .values(
            tenant_id=current_scope().tenant_id, id=uuid7(), absence_id=absence_id,
            user_id=user_id, user_name=user_name, changed_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "absence_id"])
    )  # fmt: skip
    found = find_note(absence_id=absence_id, lock=True)
    assert found is not None
    return found


def list_items(*, note_id: UUID, lock: bool = False) -> Sequence[HandoverItem]:
    query = (
        select(I)
        .where(I.tenant_id == current_scope().tenant_id, I.note_id == note_id)
        .order_by(I.id)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalars().all()


def get_item(*, item_id: UUID) -> HandoverItem:
    row = db.session.get(I, (current_scope().tenant_id, item_id))
    if row is None:
        raise NotFound
    return row


def lock_item(item: HandoverItem) -> HandoverItem:
    """As it is now."""
    db.session.refresh(item, with_for_update=True)
    return item


def list_open_items() -> Sequence[tuple[HandoverItem, HandoverNote, ServiceRequest]]:
    """What isn't settled of all notes of the client in scope: sent, declined, kept, or accepted and
    not yet given."""
    rows = db.session.execute(
        select(I, N, R)
        .join(N, (N.tenant_id == I.tenant_id) & (N.id == I.note_id))
        .join(R, (R.tenant_id == I.tenant_id) & (R.id == I.request_id))
        .where(
            I.tenant_id == current_scope().tenant_id,
            I.state.in_(("sent", "declined", "kept", "accepted")), I.given_at.is_(None),
        )
        .order_by(I.id)
    ).all()  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]


def list_missing() -> Sequence[HandoverNote]:
    """Notes of the client in scope that supervisors miss still."""
    return (
        db.session.execute(
            select(N).where(
                N.tenant_id == current_scope().tenant_id, N.missing_at.is_not(None),
                N.sent_at.is_(None), N.settled_at.is_(None),
            )
        )
        .scalars()
        .all()
    )  # fmt: skip


def handed_over(*, absence_id: UUID) -> Mapping[UUID, str]:
    """The states of what was sent for this absence, by request."""
    rows = db.session.execute(
        select(I.request_id, I.state)
        .join(N, (N.tenant_id == I.tenant_id) & (N.id == I.note_id))
        .where(
            I.tenant_id == current_scope().tenant_id, N.absence_id == absence_id,
            I.sent_at.is_not(None),
        )
    )  # fmt: skip
    return {row.request_id: row.state for row in rows}


def held_by(*, user_id: UUID, lines: Collection[str]) -> Sequence[ServiceRequest]:
    """What somebody has to do, what is due first first."""
    return (
        db.session.execute(
            select(R)
            .where(
                R.tenant_id == current_scope().tenant_id, R.assignee_id == user_id,
                R.state.in_(TO_DO), R.line.in_(lines),
            )
            .order_by(R.due_at, R.number)
        )
        .scalars()
        .all()
    )  # fmt: skip


def earlier_words(*, user_id: UUID, request_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What they wrote last about these, in notes for other absences."""
    rows = db.session.execute(
        select(I.request_id, I.words)
        .ext(distinct_on(I.request_id))
        .join(N, (N.tenant_id == I.tenant_id) & (N.id == I.note_id))
        .where(
            I.tenant_id == current_scope().tenant_id, N.user_id == user_id, I.words != "",
            I.request_id.in_(request_ids),
        )
        .order_by(I.request_id, I.id.desc())
    )  # fmt: skip
    return {row.request_id: row.words for row in rows}


def facts_of(requests: Collection[ServiceRequest]) -> dict[UUID, dict[str, Any]]:
    """What a substitute has to know of each: what the client said last, what they are asked, what
    comes next."""
    ids = [one.id for one in requests]
    found: dict[UUID, dict[str, Any]] = {one: {} for one in ids}
    if not ids:
        return found
    for row in db.session.execute(_last_messages(ids)):
        found[row.request_id]["said"] = {
            "by": row.author_name, "at": row.at.isoformat(), "words": _short(row.body),
        }  # fmt: skip
    for row in db.session.execute(_open_questions(ids)):
        found[row.request_id].setdefault("asked", []).append(_short(row.body))
    for row in db.session.execute(_next_steps(ids)):
        found[row.request_id]["next"] = {"label": row.label, "own": row.client_rule}
    return found


def _short(words: str) -> str:
    one_line = " ".join(words.split())
    return one_line if len(one_line) <= EXCERPT else f"{one_line[:EXCERPT]}…"


def _last_messages(ids: Collection[UUID]) -> Any:
    m = ClientMessage
    return (
        select(m.request_id, m.author_name, m.at, m.body)
        .ext(distinct_on(m.request_id))
        .where(
            m.tenant_id == current_scope().tenant_id, m.request_id.in_(ids),
            m.author_side == "client",
        )
        .order_by(m.request_id, m.at.desc(), m.id.desc())
    )  # fmt: skip


def _open_questions(ids: Collection[UUID]) -> Any:
    q = Question
    return (
        select(q.request_id, q.body)
        .where(
            q.tenant_id == current_scope().tenant_id, q.request_id.in_(ids),
            q.answered_at.is_(None), q.withdrawn_at.is_(None),
        )
        .order_by(q.asked_at, q.id)
    )  # fmt: skip


def _next_steps(ids: Collection[UUID]) -> Any:
    s = ChecklistStep
    return (
        select(s.request_id, s.label, s.client_rule)
        .ext(distinct_on(s.request_id))
        .where(s.tenant_id == current_scope().tenant_id, s.request_id.in_(ids), s.done_at.is_(None))
        .order_by(s.request_id, s.position)
    )
