"""Telling a company's receivers, in the transaction of what happened: nothing is lost, and the same
fact is told once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert

from app.webhooks import queries
from app.webhooks.catalogue import TEST, Event
from app.webhooks.models import WebhookEndpoint, WebhookMessage
from app.webhooks.services.endpoints import WebhookDeleted
from tenants import audit, outbox
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.schema import moment_text
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id


class WebhookOff(Conflict):
    code = "webhook_off"
    message = _m("This webhook is switched off. Switch it on first.")


def publish(events: Sequence[Event], *, at: datetime) -> int:
    """In the scope and transaction of the caller; answers how many messages are new."""
    listening = queries.list_listening()
    return _write(
        [
            _row(endpoint_id, event, at, event.line_for(lines))
            for endpoint_id, kinds, lines in listening
            for event in events
            if event.kind in kinds and event.concerns(lines)
        ]
    )


def send_test(*, endpoint: WebhookEndpoint, actor: Actor, now: datetime) -> UUID:
    """One message that says nothing, tried once."""
    actor.require("webhook.manage")
    require_on(endpoint)
    event = Event(TEST, key=str(uuid7()), data={})
    row = _row(endpoint.id, event, now)
    _write([row], verb="test")
    audit.record(
        "webhooks.endpoint.tested", actor=actor, now=now, object_type="webhook",
        object_id=endpoint.id,
    )  # fmt: skip
    made: UUID = row["id"]
    return made


def replay(
    *, endpoint: WebhookEndpoint, message: WebhookMessage, actor: Actor, now: datetime
) -> None:
    """The same message once more, signed anew; asked twice before it was tried, it goes once."""
    actor.require("webhook.manage", message.line)
    require_on(endpoint)
    if message.state == "pending":
        raise Conflict(_m("This message is on its way: it is tried again by itself."))
    promised = outbox.send(
        kind="webhook", verb="replay", dedupe_key=f"webhook:{message.id}:{message.tries}",
        params={"message_id": str(message.id), "by_hand": True},
    )  # fmt: skip
    if promised is not None:
        audit.record(
            "webhooks.message.replayed", actor=actor, now=now, object_type="webhook",
            object_id=endpoint.id, message=message.id,
        )  # fmt: skip


def require_on(endpoint: WebhookEndpoint) -> None:
    if endpoint.deleted_at is not None:
        raise WebhookDeleted
    if not endpoint.enabled:
        raise WebhookOff


def _row(endpoint_id: UUID, event: Event, at: datetime, line: str | None = None) -> dict[str, Any]:
    tenant_id = scoped_tenant_id()
    return {
        "tenant_id": tenant_id,
        "id": uuid7(),
        "endpoint_id": endpoint_id,
        "event_id": uuid5(tenant_id, f"{event.kind}:{event.key}"),
        "kind": event.kind,
        "line": line,
        "at": at,
        "body": {"type": event.kind, "timestamp": moment_text(at), "data": dict(event.data)},
    }


def _write(rows: Sequence[Mapping[str, Any]], *, verb: str = "message") -> int:
    if not rows:
        return 0
    made = db.session.scalars(
        insert(WebhookMessage)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["tenant_id", "endpoint_id", "event_id"])
        .returning(WebhookMessage.id)
    ).all()
    return outbox.send_many(
        kind="webhook", verb=verb,
        effects={f"webhook:{one}": {"message_id": str(one)} for one in made},
    )  # fmt: skip
