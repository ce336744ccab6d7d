"""Handover notes over several clients, for those who hold grants there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from app.service_requests.assignment.queries import TO_DO
from app.service_requests.handover.models import HandoverItem, HandoverNote
from app.service_requests.models import ServiceRequest
from tenants.models import Grant, StaffMember

N, I, R = HandoverNote, HandoverItem, ServiceRequest
Lines = Mapping[UUID, Sequence[str]]
MOST = 500
ITEM: tuple[Any, ...] = (
    I.tenant_id, I.id, I.note_id, I.request_id, I.line, I.substitute_id, I.substitute_name,
    I.words, I.facts, I.state, I.answer_by, I.answered_by, I.answered_by_name, I.answered_at,
    I.reason, I.given_at, I.raised_at, R.number, R.title, R.item, R.item_version, R.due_at,
    R.assignee_id, R.assignee_name, R.state.label("request_state"), N.absence_id, N.user_id,
    N.user_name, N.words.label("note_words"),
)  # fmt: skip
# Still with the person who is away.
WITH_THEM = and_(R.assignee_id == N.user_id, R.state.in_(TO_DO))


def list_notes(session: Session, *, absence_ids: Sequence[UUID], tenants: Sequence[UUID]) -> Any:
    """What was written at each client for these absences."""
    if not tenants or not absence_ids:
        return []
    return session.scalars(
        select(N).where(N.tenant_id.in_(tenants), N.absence_id.in_(absence_ids))
    ).all()


def list_items_of(session: Session, *, absence_id: UUID, lines_of: Lines) -> Sequence[Row[Any]]:
    """By what is due first; what is over and was never sent is left out."""
    return _items(
        session, lines_of, N.absence_id == absence_id,
        or_(I.state != "void", I.sent_at.is_not(None)),
    )  # fmt: skip


def list_handed_to(session: Session, *, user_id: UUID, lines_of: Lines) -> Sequence[Row[Any]]:
    """What somebody has to answer, and what they accepted and will get."""
    return _items(
        session, lines_of, I.substitute_id == user_id, WITH_THEM,
        or_(I.state == "sent", and_(I.state == "accepted", I.given_at.is_(None))),
    )  # fmt: skip


def list_raised(session: Session, *, lines_of: Lines) -> Sequence[Row[Any]]:
    """What nobody took."""
    return _items(
        session, lines_of, I.raised_at.is_not(None), I.state.in_(("sent", "declined", "kept")),
        WITH_THEM,
    )  # fmt: skip


def list_missing(session: Session, *, tenants: Sequence[UUID]) -> Sequence[HandoverNote]:
    """Absences that began without a note."""
    if not tenants:
        return []
    return session.scalars(
        select(N)
        .where(
            N.tenant_id.in_(tenants), N.missing_at.is_not(None), N.sent_at.is_(None),
            N.settled_at.is_(None),
        )
        .order_by(N.missing_at, N.id)
        .limit(MOST)
    ).all()  # fmt: skip


def count_held(session: Session, *, user_id: UUID, lines_of: Lines) -> Mapping[UUID, int]:
    """How much somebody has to do at each client."""
    if not lines_of:
        return {}
    rows = session.execute(
        select(R.tenant_id, func.count().label("held"))
        .where(_mine(R, lines_of), R.assignee_id == user_id, R.state.in_(TO_DO))
        .group_by(R.tenant_id)
    )
    return {row.tenant_id: row.held for row in rows}


def list_workers(session: Session, *, lines_of: Lines, now: datetime) -> Sequence[Row[Any]]:
    """Who may work where, by name."""
    if not lines_of:
        return []
    columns: tuple[Any, ...] = (
        Grant.tenant_id, Grant.line, Grant.user_id, StaffMember.display_name.label("name"),
    )  # fmt: skip
    return session.execute(
        select(*columns)
        .join(StaffMember, StaffMember.user_id == Grant.user_id)
        .where(
            _mine(Grant, lines_of), Grant.ended_at.is_(None), Grant.expires_at > now,
            Grant.level.in_(("work", "review")), StaffMember.active,
        )
        .order_by(StaffMember.display_name, Grant.user_id)
        .distinct()
    ).all()  # fmt: skip


def _items(session: Session, lines_of: Lines, *wheres: Any) -> Sequence[Row[Any]]:
    if not lines_of:
        return []
    return session.execute(
        select(*ITEM)
        .join(N, and_(N.tenant_id == I.tenant_id, N.id == I.note_id))
        .join(R, and_(R.tenant_id == I.tenant_id, R.id == I.request_id))
        .where(_mine(I, lines_of), *wheres)
        .order_by(R.due_at, I.tenant_id, R.number)
        .limit(MOST)
    ).all()


def _mine(model: Any, lines_of: Lines) -> Any:
    return or_(
        *(and_(model.tenant_id == one, model.line.in_(lines)) for one, lines in lines_of.items())
    )
