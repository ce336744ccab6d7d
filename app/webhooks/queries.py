from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, func, or_, select

from app.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

_E = cast(Table, WebhookEndpoint.__table__).c
# Built once: whatever happens asks who listens.
_LISTENING = select(_E.id, _E.kinds, _E.lines).where(
    _E.tenant_id == bindparam("tenant"), _E.deleted_at.is_(None), _E.off_reason == ""
)


def list_endpoints() -> Sequence[WebhookEndpoint]:
    """Without deleted ones, the newest first; there are few."""
    return db.session.scalars(
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.tenant_id == scoped_tenant_id(), WebhookEndpoint.deleted_at.is_(None)
        )
        .order_by(WebhookEndpoint.id.desc())
    ).all()


def list_listening() -> Sequence[tuple[UUID, list[str], list[str]]]:
    """Id, kinds and lines of those that are on."""
    rows = db.session.execute(_LISTENING, {"tenant": scoped_tenant_id()})
    return [(row.id, row.kinds, row.lines) for row in rows]


def count_endpoints() -> int:
    return db.session.execute(
        select(func.count()).where(
            WebhookEndpoint.tenant_id == scoped_tenant_id(), WebhookEndpoint.deleted_at.is_(None)
        )
    ).scalar_one()


def get_endpoint(*, endpoint_id: UUID, lock: bool = False) -> WebhookEndpoint:
    """A deleted one too, as long as it is kept."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.tenant_id == scoped_tenant_id(), WebhookEndpoint.id == endpoint_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_messages(
    *, endpoint_id: UUID, actor: Actor, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[WebhookMessage]:
    """Of the lines that the actor sees, the newest first."""
    query = select(WebhookMessage).where(
        WebhookMessage.tenant_id == scoped_tenant_id(),
        WebhookMessage.endpoint_id == endpoint_id,
        _seen(actor),
    )
    if cursor:
        query = query.where(WebhookMessage.id < decode_cursor(cursor, UUID)[0])
    rows = db.session.scalars(query.order_by(WebhookMessage.id.desc()).limit(limit + 1)).all()
    return page_of(rows, limit=limit, place=lambda row: (row.id,))


def get_message(*, endpoint_id: UUID, message_id: UUID, actor: Actor) -> WebhookMessage:
    row = db.session.scalars(
        select(WebhookMessage).where(
            WebhookMessage.tenant_id == scoped_tenant_id(),
            WebhookMessage.endpoint_id == endpoint_id,
            WebhookMessage.id == message_id,
            _seen(actor),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def find_message(*, message_id: UUID) -> WebhookMessage | None:
    """Locked: of two tries at once the second waits and looks again."""
    return db.session.scalars(
        select(WebhookMessage)
        .where(WebhookMessage.tenant_id == scoped_tenant_id(), WebhookMessage.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def list_attempts(*, message_ids: Sequence[UUID]) -> Mapping[UUID, list[WebhookAttempt]]:
    """The newest first."""
    found: dict[UUID, list[WebhookAttempt]] = {one: [] for one in message_ids}
    rows = db.session.scalars(
        select(WebhookAttempt)
        .where(
            WebhookAttempt.tenant_id == scoped_tenant_id(),
            WebhookAttempt.message_id.in_(message_ids),
        )
        .order_by(WebhookAttempt.id.desc())
    )
    for row in rows:
        found[row.message_id].append(row)
    return found


def _seen(actor: Actor) -> ColumnElement[bool]:
    return or_(WebhookMessage.line.is_(None), WebhookMessage.line.in_(actor.visible_lines))
