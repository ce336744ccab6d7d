"""Effects outside (mail, Stripe, webhooks): a row in the caller's transaction, delivered by a job.

The dedupe key makes the effect once per fact; the idempotency key, stored before the first call, is
what the other side sees on every repeat.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model, db
from tenants.core.ids import uuid7
from tenants.jobs import enqueue
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned, current_scope

KINDS = ("mail", "stripe")
STATES = ("pending", "sending", "done", "dead")


class OutboxEffect(TenantOwned, Model):
    __tablename__ = "outbox"
    kind: Mapped[str] = mapped_column(Text)
    verb: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, server_default="pending")
    first_attempt_at: Mapped[datetime | None] = timestamp(nullable=True)
    result: Mapped[Any] = mapped_column(JSONB, nullable=True)
    error: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = timestamp(default=True)
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("state", STATES),
        UniqueConstraint("tenant_id", "dedupe_key"),
    )


def send(
    *, kind: str, verb: str, dedupe_key: str, params: dict[str, Any], queue: str = "default"
) -> UUID | None:
    """Promise one outside effect; None when this fact's effect was promised before."""
    tenant_id = current_scope().tenant_id
    effect_id = uuid7()
    row = db.session.execute(
        insert(OutboxEffect)
        .values(
            tenant_id=tenant_id,
            id=effect_id,
            kind=kind,
            verb=verb,
            dedupe_key=dedupe_key,
            idempotency_key=str(effect_id),
            params=params,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "dedupe_key"])
        .returning(OutboxEffect.id)
    ).scalar_one_or_none()
    if row is not None:
        enqueue(f"outbox.deliver_{kind}", queue=queue, max_attempts=12, effect_id=effect_id)
    return row


def get_effect(*, effect_id: UUID) -> OutboxEffect:
    return db.session.execute(
        select(OutboxEffect).where(
            OutboxEffect.tenant_id == current_scope().tenant_id, OutboxEffect.id == effect_id
        )
    ).scalar_one()


def start_sending(*, effect_id: UUID) -> OutboxEffect | None:
    """Note that the outside may hear of it from now on; None when it was done before."""
    effect = get_effect(effect_id=effect_id)
    if effect.state == "done":
        return None
    effect.state, effect.error = "sending", ""
    if effect.first_attempt_at is None:
        effect.first_attempt_at = func.now()
    db.session.flush()
    return effect


def mark_done(*, effect_id: UUID, result: Any = None) -> None:
    effect = get_effect(effect_id=effect_id)
    effect.state, effect.result = "done", result
    db.session.flush()


def mark_dead(*, effect_id: UUID, error: str) -> None:
    effect = get_effect(effect_id=effect_id)
    effect.state, effect.error = "dead", error
    db.session.flush()
