"""Files by their names, as far as the reader sees the requests that they belong to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select, true, union

from app.service_requests.models import Deliverable, RequestFile, RequestMove, ServiceRequest
from app.service_requests.queries import HANDED_OVER
from tenants.core.db import db
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.scoping import current_scope

A, D, F, M, R = RequestFile, Deliverable, StoredFile, RequestMove, ServiceRequest


def find_files(*, actor: Actor, words: str, limit: int) -> Sequence[Row[Any]]:
    """Attached ones and results, those of the newest requests first."""
    found = union(_named(A, actor, words), _named(D, actor, words, _handed_over(actor))).subquery()
    columns: tuple[Any, ...] = (found.c.number, found.c.name)
    query = select(*columns).order_by(found.c.number.desc(), found.c.name).limit(limit)
    return db.session.execute(query).all()


def _named(model: Any, actor: Actor, words: str, *more: ColumnElement[bool]) -> Any:
    return (
        select(R.number, F.name)
        .join(model, and_(model.tenant_id == R.tenant_id, model.request_id == R.id))
        .join(F, and_(F.tenant_id == model.tenant_id, F.id == model.file_id))
        .where(
            R.tenant_id == current_scope().tenant_id,
            R.line.in_(actor.visible_lines),
            F.name.icontains(words, autoescape=True),
            *more,
        )
    )


def _handed_over(actor: Actor) -> ColumnElement[bool]:
    """The client finds a result once it is theirs."""
    if actor.side != "client":
        return true()
    last = select(func.max(M.at)).where(
        M.tenant_id == D.tenant_id, M.request_id == D.request_id, M.verb.in_(HANDED_OVER)
    )
    return D.at <= last.correlate(D).scalar_subquery()
