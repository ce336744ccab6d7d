from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)

from app.contracts.calendar_of import CONTRACT_IN_FORCE
from app.service_requests.links.queries import with_merged
from app.service_requests.models import (
    ClientMessage,
    Deliverable,
    InternalNote,
    Question,
    RequestFile,
    RequestMove,
    ServiceRequest,
)
from app.service_requests.searching import files_with_words, said_with_words
from app.service_requests.transitions import ENDED, OPEN, seen_by, states_seen_as
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of, small_int
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.scoping import current_scope

Listed = TypeVar("Listed", ClientMessage, InternalNote, Question)
A, D, F, R = RequestFile, Deliverable, StoredFile, ServiceRequest
# By which results become the client's: a second person let them pass, or none is asked for.
HANDED_OVER = ("pass", "deliver")
# The table's own: what is selected by an entity's attributes passes through the ORM.
C = R.__table__.c
LIST_COLUMNS: tuple[Any, ...] = (
    C.number, C.item, C.line, C.title, C.priority, C.state, C.version, C.assignee_name,
    C.raised_by_name, C.due_at, C.respond_by, C.breach_at, C.raised_at, C.state_since,
)  # fmt: skip


def get_request(*, actor: Actor, number: int, any_line: bool = False) -> ServiceRequest:
    """NotFound for another tenant's, a missing one, and one of a line that the actor can't see."""
    if number >= 2**31:
        raise NotFound
    query = select(R).where(R.tenant_id == current_scope().tenant_id, R.number == number)
    if not any_line:
        query = query.where(R.line.in_(actor.visible_lines))
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def find_request_by_id(*, request_id: UUID) -> ServiceRequest | None:
    return db.session.get(R, (current_scope().tenant_id, request_id))


def get_request_by_id(*, request_id: UUID) -> ServiceRequest:
    row = find_request_by_id(request_id=request_id)
    if row is None:
        raise NotFound
    return row


# What a list may be narrowed by; a value of the same name goes with each.
CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "tenant_id": C.tenant_id == bindparam("tenant_id"),
    "lines": C.line == any_(bindparam("lines", type_=ARRAY(Text))),
    "line": C.line == bindparam("line"),
    "item": C.item == bindparam("item"),
    "updated_since": C.state_since >= bindparam("updated_since"),
    "number": C.number == bindparam("number"),
    "words": or_(
        C.title.icontains(bindparam("words"), escape="/"),
        C.id.in_(said_with_words(bindparam("tenant_id"), bindparam("words"))),
        C.id.in_(files_with_words(bindparam("tenant_id"), bindparam("words"))),
    ),
    "before": C.number < bindparam("before"),
}


@lru_cache(maxsize=256)
def _listing(
    limit: int, states: tuple[str, ...] | None, with_contract: bool, *names: str
) -> Select[Any]:
    """Built once: putting a statement together costs as much as running it. The limit and our own
    names of states stand in its text, since PostgreSQL plans anew each time for what it doesn't
    know."""
    wheres = [CONDITIONS[name] for name in names]
    if states is not None:
        wheres.append(C.state.in_([literal_column(f"'{state}'", Text) for state in states]))
    columns = (*LIST_COLUMNS, CONTRACT_IN_FORCE) if with_contract else LIST_COLUMNS
    return (
        select(*columns)
        .where(*wheres)
        .order_by(C.number.desc())
        .limit(literal_column(str(limit), Integer))
    )


def list_requests(
    *,
    actor: Actor,
    state: str | None = None,
    search: str = "",
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    line: str | None = None,
    item: str | None = None,
    updated_since: datetime | None = None,
    today: date | None = None,
) -> Page[Row[Any]]:
    """Newest first. `state` may be a state, 'open' or 'ended'; `search` a number or a word. With
    `today`, the client's own day, each row also has the `contract_id` of the version in force."""
    chosen = {"line": line, "item": item, "updated_since": updated_since}
    values = {
        "tenant_id": current_scope().tenant_id,
        "lines": actor.visible_lines,
        **_of_search(search.strip()),
        **{name: value for name, value in chosen.items() if value},
    }
    if cursor:
        values["before"] = decode_cursor(cursor, small_int)[0]
    listing = _listing(limit + 1, _of_state(state, actor.side), today is not None, *values)
    rows = db.session.execute(listing, values | {"today": today} if today else values).all()
    return page_of(rows, limit=limit, place=lambda row: (row.number,))


def _of_state(state: str | None, side: str) -> tuple[str, ...] | None:
    """Only what the table of states knows ever stands in a statement's text."""
    if not state:
        return None
    if state == "open":
        return tuple(OPEN)
    if state == "ended":
        return ENDED
    return tuple(states_seen_as(side, state))


def _of_search(search: str) -> dict[str, Any]:
    if search.lstrip("#").isdecimal():
        return {"number": min(int(search.lstrip("#")), 2**31 - 1)}
    for special in "/%_":
        search = search.replace(special, f"/{special}")
    return {"words": search} if search else {}


def list_waiting_for_client(*, actor: Actor, delegated: Collection[str] = ()) -> Sequence[Row[Any]]:
    """What waits for this person: decide, provide, read; oldest first. `delegated` are the lines on
    which they decide on results for somebody else; prices are the approvers' own to accept."""
    states = ["waiting_client", "delivered"]
    if actor.can("request.approve"):
        states += ["awaiting_approval", "quote_needed"]
    theirs = and_(C.state == "awaiting_approval", C.line.in_(delegated))
    return db.session.execute(
        select(*LIST_COLUMNS)
        .where(
            C.tenant_id == current_scope().tenant_id,
            C.line.in_(actor.visible_lines),
            or_(C.state.in_(states), theirs) if delegated else C.state.in_(states),
        )
        .order_by(C.state_since, C.id)
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
    found: Counter[str] = Counter()
    for state, count in rows:
        found[seen_by(actor.side, state)] += count
    return found


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


def find_question(*, request_id: UUID, question_id: UUID) -> Question | None:
    return db.session.execute(
        select(Question).where(
            Question.tenant_id == current_scope().tenant_id,
            Question.request_id == request_id,
            Question.id == question_id,
        )
    ).scalar_one_or_none()


def get_question(*, request: ServiceRequest, question_id: UUID) -> Question:
    row = find_question(request_id=request.id, question_id=question_id)
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


def _passed(actor: Actor, request: ServiceRequest) -> ColumnElement[bool]:
    """The client sees results that a second person let pass, none that are still being checked."""
    if actor.side != "client":
        return true()
    last = (
        select(func.max(RequestMove.at))
        .where(
            RequestMove.tenant_id == request.tenant_id,
            RequestMove.request_id == request.id,
            RequestMove.verb.in_(HANDED_OVER),
        )
        .scalar_subquery()
    )
    return D.at <= last


def get_request_file(*, actor: Actor, request: ServiceRequest, file_id: UUID) -> StoredFile:
    """A file of this request: uploaded, or a deliverable of any version that the actor may see."""
    attached = select(RequestFile.file_id).where(
        RequestFile.tenant_id == request.tenant_id, RequestFile.request_id == request.id
    )
    delivered = select(Deliverable.file_id).where(
        Deliverable.tenant_id == request.tenant_id,
        Deliverable.request_id == request.id,
        _passed(actor, request),
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


def select_files(*, request_id: UUID) -> Select[Any]:
    columns: tuple[Any, ...] = (
        F.id, F.name, F.size, F.sha256, F.content_type, F.certificate, A.slot, A.message_id,
        A.added_by_name, A.added_side, A.at,
    )  # fmt: skip
    return (
        select(*columns)
        .join(F, and_(F.tenant_id == A.tenant_id, F.id == A.file_id))
        .where(A.tenant_id == current_scope().tenant_id, A.request_id == request_id)
        .order_by(A.at, F.id)
    )


def list_files(*, request_id: UUID) -> Sequence[Row[Any]]:
    return db.session.execute(select_files(request_id=request_id)).all()


def select_all(*, model: Any, request: ServiceRequest, merged: bool = False) -> Select[Any]:
    """Every row of a request in one of the tables of its history, oldest first; with those of the
    requests that were merged into it."""
    at = Question.asked_at if model is Question else model.at
    whose = model.request_id == request.id
    if merged:
        whose = model.request_id.in_(with_merged(request))
    return select(model).where(model.tenant_id == request.tenant_id, whose).order_by(at, model.id)


def list_all(*, model: Any, request: ServiceRequest, merged: bool = False) -> Sequence[Any]:
    found = select_all(model=model, request=request, merged=merged)
    return db.session.execute(found).scalars().all()


def select_deliverables(*, actor: Actor, request: ServiceRequest) -> Select[Any]:
    columns: tuple[Any, ...] = (
        D.id, D.kind, D.version, D.title, D.sha256, D.measures, D.slip, D.added_by_name, D.at,
        D.superseded_at, D.file_id, F.name, F.size, F.content_type, F.certificate,
    )  # fmt: skip
    return (
        select(*columns)
        .join(F, and_(F.tenant_id == D.tenant_id, F.id == D.file_id))
        .where(
            D.tenant_id == request.tenant_id,
            D.request_id == request.id,
            _passed(actor, request),
        )
        .order_by(D.superseded_at.is_not(None), D.kind, D.version.desc())
    )


def list_deliverables(*, actor: Actor, request: ServiceRequest) -> Sequence[Row[Any]]:
    return db.session.execute(select_deliverables(actor=actor, request=request)).all()


def list_of_request(*, model: type[Listed], request: ServiceRequest, cursor: str | None = None,
                    limit: int = PAGE_SIZE) -> Page[Listed]:  # fmt: skip
    """Messages, notes or questions of one request, oldest first; ids are in the order of time."""
    query = select(model).where(
        model.tenant_id == request.tenant_id, model.request_id == request.id
    )
    if cursor:
        query = query.where(model.id > decode_cursor(cursor, UUID)[0])
    rows = db.session.execute(query.order_by(model.id).limit(limit + 1)).scalars().all()
    return page_of(rows, limit=limit, place=lambda row: (row.id,))


def list_open_of_assignee(*, user_id: UUID) -> Sequence[ServiceRequest]:
    """What this operator works on at the client in scope."""
    return (
        db.session.execute(
            select(R)
            .where(
                R.tenant_id == current_scope().tenant_id,
                R.assignee_id == user_id,
                R.state.in_(OPEN),
            )
            .order_by(R.id)
        )
        .scalars()
        .all()
    )
