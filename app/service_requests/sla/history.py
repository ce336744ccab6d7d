"""What happened to a request before there was a ledger of its clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.service_requests.models import ClientMessage, Question, RequestMove
from tenants.core.db import db
from tenants.scoping import current_scope

M, C, Q = RequestMove, ClientMessage, Question


@dataclass(frozen=True, slots=True)
class Past:
    """A move, or a person of the provider who wrote to the client: then without a target."""

    at: datetime
    source: str | None
    target: str | None
    side: str
    question_id: UUID | None = None


def read_past(request_id: UUID) -> list[Past]:
    """In the order in which it happened; the request's own beginning isn't among it."""
    asked = db.session.execute(_of(Q, request_id, Q.asked_at, Q.id).order_by(Q.asked_at)).all()
    moves = db.session.execute(
        _of(M, request_id, M.at, M.source, M.target, M.actor_side)
        .where(M.source.is_not(None), M.source != M.target)
        .order_by(M.at, M.id)
    ).all()
    written = db.session.execute(
        _of(C, request_id, C.at).where(C.author_side == "provider", C.author_id.is_not(None))
    ).all()
    found = [
        Past(one.at, one.source, one.target, one.actor_side, _waits_for(asked, one.at))
        for one in moves
    ]
    found += [Past(one.at, None, None, "provider") for one in written]
    return sorted(found, key=lambda one: one.at)


def _waits_for(asked: Sequence[Any], at: datetime) -> UUID | None:
    """The question that was the last one by then."""
    return next((one.id for one in reversed(asked) if one.asked_at <= at), None)


def _of(model: Any, request_id: UUID, *columns: Any) -> Select[Any]:
    return select(*columns).where(
        model.tenant_id == current_scope().tenant_id, model.request_id == request_id
    )
