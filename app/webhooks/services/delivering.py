"""One try of one message, and what follows from its answer."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, select

from app.notifications import audiences
from app.notifications.services import tell
from app.webhooks import queries, signing
from app.webhooks.catalogue import TEST
from app.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from app.webhooks.retrying import KEPT, PATIENCE, asked_pause, is_gone, is_taken, next_try
from app.webhooks.sending import Answer, sender
from app.webhooks.services.endpoints import secrets_of
from tenants import audit
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id


@dataclass(frozen=True, slots=True)
class Letter:
    """`alone`: asked for by a person. It isn't repeated and says nothing of the endpoint's health."""

    message: WebhookMessage
    url: str
    headers: dict[str, str]
    body: bytes
    alone: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """`at` is when it is tried again, `tries` how many there were."""

    verdict: Literal["done", "again", "failed"]
    tries: int
    at: datetime | None = None


def open_letter(*, message_id: UUID, by_hand: bool, now: datetime) -> Letter | None:
    """None when nothing is to be sent any more."""
    message = queries.find_message(message_id=message_id)
    if message is None or (message.state == "delivered" and not by_hand):
        return None
    endpoint = queries.get_endpoint(endpoint_id=message.endpoint_id)
    if not endpoint.enabled:
        _note_off(message, now)
        return None
    body = json.dumps(message.body, sort_keys=True, separators=(",", ":")).encode()
    return Letter(
        message=message,
        url=endpoint.url,
        headers=signing.headers(
            message_id=message.public_id, timestamp=int(now.timestamp()), body=body,
            keys=secrets_of(endpoint, now=now),
        ),
        body=body,
        alone=by_hand or message.kind == TEST or message.state != "pending",
    )  # fmt: skip


def _note_off(message: WebhookMessage, now: datetime) -> None:
    """It counts as a try, so that it can be asked for again."""
    if message.state == "pending":
        message.state, message.next_try_at = "dropped", None
    _note(message, Answer(None, "off", "", 0), by_hand=False, now=now)
    db.session.flush()


def _note(message: WebhookMessage, answer: Answer, *, by_hand: bool, now: datetime) -> None:
    message.tries += 1
    db.session.add(
        WebhookAttempt(
            id=uuid7(), message_id=message.id, at=now, status=answer.status,
            trouble=answer.trouble, duration_ms=answer.milliseconds, answer=answer.text,
            by_hand=by_hand,
        )
    )  # fmt: skip


def post(letter: Letter) -> Answer:
    return sender().post(letter.url, headers=letter.headers, body=letter.body)


def settle(letter: Letter, answer: Answer, *, now: datetime) -> Outcome:
    message = letter.message
    _note(message, answer, by_hand=letter.alone, now=now)
    taken = is_taken(answer.status)
    outcome = _alone(message, taken) if letter.alone else _in_turn(message, answer, taken, now)
    db.session.flush()
    return outcome


def _alone(message: WebhookMessage, taken: bool) -> Outcome:
    if taken:
        message.state = "delivered"
    elif message.state == "pending":
        message.state = "failed"
    return Outcome("done" if taken else "failed", message.tries)


def _in_turn(message: WebhookMessage, answer: Answer, taken: bool, now: datetime) -> Outcome:
    endpoint = queries.get_endpoint(endpoint_id=message.endpoint_id, lock=True)
    message.next_try_at = None
    if taken:
        endpoint.failures, endpoint.failing_since, endpoint.last_success_at = 0, None, now
        message.state = "delivered"
        return Outcome("done", message.tries)
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    if is_gone(answer.status):
        _switch_off(endpoint, "gone", now)
    elif now - endpoint.failing_since >= PATIENCE:
        _switch_off(endpoint, "failing", now)
    asked = asked_pause(answer.status, answer.retry_after, now=now)
    at = next_try(tries=message.tries, now=now, asked=asked) if endpoint.enabled else None
    message.state, message.next_try_at = ("pending", at) if at else ("failed", None)
    return Outcome("again" if at else "failed", message.tries, at)


def _switch_off(endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
    if not endpoint.enabled:
        return
    endpoint.off_reason = reason
    actor = system_actor(scoped_tenant_id())
    audit.record(
        "webhooks.endpoint.switched_off", actor=actor, now=now, object_type="webhook",
        object_id=endpoint.id, reason=reason,
    )  # fmt: skip
    facts: dict[str, Any] = {} if reason == "gone" else {"days": PATIENCE.days}
    tell(
        f"webhook.{reason}", audience=audiences.administrators(), actor=actor,
        key=f"{endpoint.id}:{now.isoformat()}", link=f"webhooks/{endpoint.id}", **facts,
    )  # fmt: skip


def prune(*, now: datetime, kept: timedelta = KEPT) -> int:
    """Forget messages of the company in scope, and endpoints that were deleted, once they are old."""
    tenant_id = scoped_tenant_id()
    old = select(WebhookMessage.id).where(
        WebhookMessage.tenant_id == tenant_id, WebhookMessage.at < now - kept,
        WebhookMessage.state != "pending",
    )  # fmt: skip
    db.session.execute(
        delete(WebhookAttempt).where(
            WebhookAttempt.tenant_id == tenant_id, WebhookAttempt.message_id.in_(old)
        )
    )
    gone = db.session.execute(
        delete(WebhookMessage)
        .where(WebhookMessage.tenant_id == tenant_id, WebhookMessage.id.in_(old))
        .returning(WebhookMessage.id)
    ).all()
    left = select(WebhookMessage.endpoint_id).where(WebhookMessage.tenant_id == tenant_id)
    db.session.execute(
        delete(WebhookEndpoint).where(
            WebhookEndpoint.tenant_id == tenant_id, WebhookEndpoint.deleted_at < now - kept,
            WebhookEndpoint.id.not_in(left),
        )
    )  # fmt: skip
    return len(gone)
