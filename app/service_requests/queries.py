from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from app.service_requests.models import (
    Approval,
    ClientMessage,
    Deliverable,
    InternalNote,
    Question,
    RequestFile,
    RequestMove,
    Review,
    ServiceRequest,
    TimeEntry,
)
from app.service_requests.transitions import OPEN, PAUSED
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import (
    PAGE_SIZE,
    Page,
    decode_cursor,
    encode_cursor,
    moment,
    small_int,
)
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.scoping import current_scope

A, D, F, R = RequestFile, Deliverable, StoredFile, ServiceRequest
LIST_COLUMNS: tuple[Any, ...] = (
    R.id, R.number, R.item, R.line, R.title, R.priority, R.state, R.version, R.assignee_id,
    R.assignee_name, R.raised_by_name, R.due_at, R.raised_at, R.state_since,
)  # fmt: skip


def get_request(*, actor: Actor, number: int) -> ServiceRequest:
    """NotFound for another tenant's, a missing one, and one of a line that the actor can't see."""
    if number >= 2**31:
        raise NotFound
    row = db.session.execute(
        select(R).where(
            R.tenant_id == current_scope().tenant_id,
            R.number == number,
            R.line.in_(actor.visible_lines),
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def get_request_by_id(*, request_id: UUID) -> ServiceRequest:
    row = db.session.get(R, (current_scope().tenant_id, request_id))
    if row is None:
        raise NotFound
    return row


def list_requests(
    *, actor: Actor, state: str | None = None, search: str = "", cursor: str | None = None
) -> Page[Row[Any]]:
    """Newest first. `state` may be a state, 'open' or 'ended'; `search` a number or a word."""
    query = (
        select(*LIST_COLUMNS)
        .where(R.tenant_id == current_scope().tenant_id, R.line.in_(actor.visible_lines))
        .order_by(R.number.desc())
        .limit(PAGE_SIZE + 1)
    )
    if state == "open":
        query = query.where(R.state.in_(OPEN))
    elif state == "ended":
        query = query.where(R.state.not_in(OPEN))
    elif state:
        query = query.where(R.state == state)
    if search.strip().lstrip("#").isdecimal():
        query = query.where(R.number == min(int(search.strip().lstrip("#")), 2**31 - 1))
    elif search.strip():
        query = query.where(R.title.icontains(search.strip(), autoescape=True))
    if cursor:
        query = query.where(R.number < decode_cursor(cursor, small_int)[0])
    rows = db.session.execute(query).all()
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Page(rows, encode_cursor(rows[-1].number) if more else None)


def list_waiting_for_client(*, actor: Actor) -> Sequence[Row[Any]]:
    """What waits for this person: decide, provide, read; oldest first."""
    states = ["waiting_client", "delivered"]
    if actor.can("request.approve"):
        states.append("awaiting_approval")
    return db.session.execute(
        select(*LIST_COLUMNS)
        .where(
            R.tenant_id == current_scope().tenant_id,
            R.line.in_(actor.visible_lines),
            R.state.in_(states),
        )
        .order_by(R.state_since, R.id)
        .limit(100)
    ).all()


def count_open_by_state(*, actor: Actor) -> Mapping[str, int]:
    rows = db.session.execute(
        select(R.state, func.count())
        .where(
            R.tenant_id == current_scope().tenant_id,
            R.line.in_(actor.visible_lines),
            R.state.in_(OPEN),
        )
        .group_by(R.state)
    ).all()
    return {state: count for state, count in rows}


def list_open_questions(*, request_id: UUID) -> list[Question]:
    return list(
        db.session.execute(
            select(Question).where(
                Question.tenant_id == current_scope().tenant_id,
                Question.request_id == request_id,
                Question.answered_at.is_(None),
                Question.withdrawn_at.is_(None),
            )
        ).scalars()
    )


def get_question(*, request: ServiceRequest, question_id: UUID) -> Question:
    row = db.session.execute(
        select(Question).where(
            Question.tenant_id == request.tenant_id,
            Question.request_id == request.id,
            Question.id == question_id,
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_current_deliverables(*, request_id: UUID) -> list[Deliverable]:
    return list(
        db.session.execute(
            select(Deliverable)
            .where(
                Deliverable.tenant_id == current_scope().tenant_id,
                Deliverable.request_id == request_id,
                Deliverable.superseded_at.is_(None),
            )
            .order_by(Deliverable.kind)
        ).scalars()
    )


def get_request_file(*, request: ServiceRequest, file_id: UUID) -> StoredFile:
    """A file of this request: uploaded, or a deliverable of any version."""
    attached = select(RequestFile.file_id).where(
        RequestFile.tenant_id == request.tenant_id, RequestFile.request_id == request.id
    )
    delivered = select(Deliverable.file_id).where(
        Deliverable.tenant_id == request.tenant_id, Deliverable.request_id == request.id
    )
    row = db.session.execute(
        select(StoredFile).where(
            StoredFile.tenant_id == request.tenant_id,
            StoredFile.id == file_id,
            or_(StoredFile.id.in_(attached), StoredFile.id.in_(delivered)),
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_files(*, request_id: UUID) -> Sequence[Row[Any]]:
    columns: tuple[Any, ...] = (
        F.id, F.name, F.size, F.sha256, F.content_type, A.slot, A.message_id,
        A.added_by_name, A.added_side, A.at,
    )  # fmt: skip
    return db.session.execute(
        select(*columns)
        .join(F, and_(F.tenant_id == A.tenant_id, F.id == A.file_id))
        .where(A.tenant_id == current_scope().tenant_id, A.request_id == request_id)
        .order_by(A.at, F.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything of one request's page; notes, reviews and time only for the provider's side."""

    messages: Sequence[ClientMessage]
    questions: Sequence[Question]
    notes: Sequence[InternalNote]
    moves: Sequence[RequestMove]
    files: Sequence[Row[Any]]
    deliverables: Sequence[Row[Any]]
    approvals: Sequence[Approval]
    reviews: Sequence[Review]
    time_entries: Sequence[TimeEntry]


def get_conversation(*, actor: Actor, request: ServiceRequest) -> Conversation:
    def rows(model: Any, order: Any) -> Sequence[Any]:
        return (
            db.session.execute(
                select(model)
                .where(model.tenant_id == request.tenant_id, model.request_id == request.id)
                .order_by(order, model.id)
            )
            .scalars()
            .all()
        )

    provider = actor.side == "provider"
    return Conversation(
        messages=rows(ClientMessage, ClientMessage.at),
        questions=rows(Question, Question.asked_at),
        notes=rows(InternalNote, InternalNote.at) if provider else [],
        moves=rows(RequestMove, RequestMove.at),
        files=list_files(request_id=request.id),
        deliverables=list_deliverables(request_id=request.id),
        approvals=rows(Approval, Approval.at),
        reviews=rows(Review, Review.at) if provider else [],
        time_entries=rows(TimeEntry, TimeEntry.at),
    )


def list_deliverables(*, request_id: UUID) -> Sequence[Row[Any]]:
    return db.session.execute(
        select(
            D.id, D.kind, D.version, D.title, D.sha256, D.measures, D.slip, D.added_by_name, D.at,
            D.superseded_at, D.file_id, F.name, F.size, F.content_type,
        )
        .join(F, and_(F.tenant_id == D.tenant_id, F.id == D.file_id))
        .where(D.tenant_id == current_scope().tenant_id, D.request_id == request_id)
        .order_by(D.superseded_at.is_not(None), D.kind, D.version.desc())
    ).all()  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The desk's filters, as they stand in the URL."""

    state: str = ""
    client: str = ""
    line: str = ""
    mine: bool = False
    unassigned: bool = False
    overdue: bool = False
    search: str = ""


def list_queue(
    session: Session,
    *,
    granted: Sequence[tuple[UUID, str]],
    user_id: UUID,
    now: datetime,
    chosen: QueueFilter,
    limit: int = PAGE_SIZE,
    cursor: str | None = None,
) -> Page[RowMapping]:
    """Open requests of all granted (tenant, line) pairs by due time, in one statement.

    `session` comes from `across_tenants`; each tenant gives its own top rows by index.
    """
    wheres, params = _conditions(chosen, user_id=user_id, now=now)
    if cursor:
        due, last = decode_cursor(cursor, moment, UUID)
        wheres.append("(r.due_at, r.id) > (CAST(:due AS timestamptz), CAST(:last AS uuid))")
        params |= {"due": due, "last": last}
    lines_of: dict[UUID, list[str]] = {}
    for tenant_id, line in granted:
        lines_of.setdefault(tenant_id, []).append(line)
    # `wheres` holds fixed texts only; every value is bound.
    statement = text(f"""
        WITH top AS MATERIALIZED (
            SELECT q.*
            FROM unnest(CAST(:tenants AS uuid[]), CAST(:lines AS text[])) AS g(tenant_id, lines)
            CROSS JOIN LATERAL (
                SELECT r.tenant_id, r.id, r.number, r.item, r.line, r.title, r.priority, r.state,
                    r.version, r.assignee_id, r.assignee_name, r.raised_by_name, r.due_at,
                    r.raised_at
                FROM requests r
                WHERE r.tenant_id = g.tenant_id AND r.state NOT IN ('closed', 'cancelled')
                AND r.line = ANY (string_to_array(g.lines, ','))
                AND {" AND ".join(wheres)}
                ORDER BY r.due_at, r.id LIMIT :limit
            ) q
            ORDER BY q.due_at, q.id LIMIT :limit
        )
        SELECT t.slug, t.name AS client_name, t.code AS client_code, top.*
        FROM top JOIN tenants t ON t.id = top.tenant_id
        ORDER BY top.due_at, top.id
    """)  # noqa: S608 - see above
    rows = (
        session.execute(
            statement,
            {
                **params,
                "tenants": list(lines_of),
                "lines": [",".join(lines) for lines in lines_of.values()],
                "limit": limit + 1,
            },
        )
        .mappings()
        .all()
    )
    more = len(rows) > limit
    rows = rows[:limit]
    following = encode_cursor(rows[-1]["due_at"].isoformat(), rows[-1]["id"]) if more else None
    return Page(rows, following)


def count_queue(
    session: Session, *, granted: Sequence[tuple[UUID, str]], user_id: UUID, now: datetime
) -> Mapping[str, int]:
    """Figures of the desk's views, over the granted pairs: all, mine, unassigned, overdue, review."""
    row = session.execute(
        select(
            func.count().label("all"),
            func.count().filter(R.assignee_id == user_id).label("mine"),
            func.count().filter(R.assignee_id.is_(None)).label("unassigned"),
            func.count().filter(R.due_at < now, R.state.not_in(PAUSED)).label("overdue"),
            func.count().filter(R.state == "in_review").label("in_review"),
        ).where(
            R.state.in_([state for state in OPEN if state != "delivered"]),
            tuple_(R.tenant_id, R.line).in_(list(granted)),
        )
    ).one()
    return dict(row._mapping)


def _conditions(
    chosen: QueueFilter, *, user_id: UUID, now: datetime
) -> tuple[list[str], dict[str, Any]]:
    number = chosen.search.strip().lstrip("#")
    conditions: tuple[tuple[bool, str, dict[str, Any]], ...] = (
        (bool(chosen.state), "r.state = :state", {"state": chosen.state}),
        (not chosen.state, "r.state <> 'delivered'", {}),
        (bool(chosen.line), "r.line = :line", {"line": chosen.line}),
        (chosen.mine, "r.assignee_id = :me", {"me": user_id}),
        (chosen.unassigned, "r.assignee_id IS NULL", {}),
        (
            chosen.overdue,
            "r.due_at < :now AND r.state NOT IN ('waiting_client', 'awaiting_approval')",
            {"now": now},
        ),
        (
            number.isdecimal(),
            "r.number = :number",
            {"number": min(int(number), 2**31 - 1) if number.isdecimal() else 0},
        ),
        (
            bool(number) and not number.isdecimal(),
            "r.title ILIKE :search ESCAPE '/'",
            {"search": f"%{_escaped(chosen.search.strip())}%"},
        ),
    )
    params = {name: value for on, _, given in conditions if on for name, value in given.items()}
    return [text_ for on, text_, _ in conditions if on], params


def _escaped(word: str) -> str:
    for char in "/%_":
        word = word.replace(char, f"/{char}")
    return word
