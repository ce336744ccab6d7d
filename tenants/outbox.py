"""Effects outside (mail, Stripe, webhooks): a row in the caller's transaction, delivered by a job.

The dedupe key makes the effect once per fact; the idempotency key, stored before the first call, is
what the other side sees on every repeat.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from tenants import keys
from tenants.core.db import Model, db
from tenants.core.ids import uuid7
from tenants.jobs import enqueue, enqueue_many
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned, current_scope

KINDS = ("mail", "stripe", "webhook")
STATES = ("pending", "sending", "done", "dead")
# Mails carry single-use links: their text never lies in the database readable.
SEALED = ("mail",)


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
    made = _promise(kind, verb, {dedupe_key: params}, queue)
    return made[0] if made else None


def send_many(
    *, kind: str, verb: str, effects: Mapping[str, dict[str, Any]], queue: str = "default"
) -> int:
    """Many effects by their dedupe keys, in three statements; answers how many are new."""
    return len(_promise(kind, verb, effects, queue)) if effects else 0


def _promise(
    kind: str, verb: str, effects: Mapping[str, dict[str, Any]], queue: str
) -> Sequence[UUID]:
    rows = [
        {
            "tenant_id": current_scope().tenant_id,
            "id": effect_id,
            "kind": kind,
            "verb": verb,
            "dedupe_key": dedupe_key,
            "idempotency_key": str(effect_id),
            "params": _seal(effect_id, params) if kind in SEALED else params,
        }
        for effect_id, (dedupe_key, params) in ((uuid7(), one) for one in effects.items())
    ]
    made = (
        db.session.execute(
            insert(OutboxEffect)
            .values(rows)
            .on_conflict_do_nothing(index_elements=["tenant_id", "dedupe_key"])
            .returning(OutboxEffect.id)
        )
        .scalars()
        .all()
    )
    enqueue_many(
        f"outbox.deliver_{kind}",
        queue=queue,
        max_attempts=12,
        args=[{"effect_id": str(one)} for one in made],
        subjects=("effect", made),
    )
    return made


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


def params_of(effect: OutboxEffect) -> dict[str, Any]:
    sealed = effect.params.get("sealed")
    if sealed is None:
        return dict(effect.params)
    opened: dict[str, Any] = json.loads(keys.ring().open(sealed, _place(effect.id)))
    return opened


def try_again(*, effect_id: UUID, at: datetime, tries: int) -> None:
    """The same effect by a job of its own: for pauses that are longer than a job's."""
    effect = get_effect(effect_id=effect_id)
    enqueue(
        f"outbox.deliver_{effect.kind}",
        key=f"outbox:{effect_id}:{tries}",
        run_at=at,
        max_attempts=12,
        subject=("effect", effect_id),
        effect_id=str(effect_id),
    )


def mark_done(*, effect_id: UUID, result: Any = None) -> None:
    """What was sealed is dropped: nobody needs a delivered mail's text again."""
    effect = get_effect(effect_id=effect_id)
    effect.state, effect.result = "done", result
    if "sealed" in effect.params:
        effect.params = {}
    db.session.flush()


def mark_dead(*, effect_id: UUID, error: str) -> None:
    effect = get_effect(effect_id=effect_id)
    effect.state, effect.error = "dead", error
    db.session.flush()


def _seal(effect_id: UUID, params: dict[str, Any]) -> dict[str, Any]:
    return {"sealed": keys.ring().seal(json.dumps(params).encode(), _place(effect_id))}


def _place(effect_id: UUID) -> str:
    return f"{current_scope().tenant_id}|outbox.params|{effect_id}"
