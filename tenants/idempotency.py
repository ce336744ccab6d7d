"""The first answer to a request that names an idempotency key, for whoever sends it again. The key
is claimed in the request's own transaction: what fails or dies leaves nothing behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model, db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import timestamp
from tenants.scoping import TenantOwned, current_scope

KEPT = timedelta(days=7)


class KeyReused(Invalid):
    code = "idempotency_key_reused"
    message = _m("This Idempotency-Key was sent before with another request. Use a new one.")


class RightsChanged(Forbidden):
    code = "rights_changed"
    message = _m(
        "Your rights changed since this was sent first. Read what you may see now, and send what is "
        "still to be done with a new Idempotency-Key."
    )


class IdempotencyKey(TenantOwned, Model):
    """`status` is 0 only inside the transaction that makes the answer."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[UUID] = mapped_column()
    key: Mapped[str] = mapped_column(Text)
    request_hash: Mapped[str] = mapped_column(Text)
    status: Mapped[int] = mapped_column(server_default="0")
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "key"),
        Index("ix_idempotency_keys_created_at", "tenant_id", "created_at"),
    )


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    headers: dict[str, str]
    body: str


def claim(
    *, user_id: UUID, key: str, request_hash: str, rights_hash: str, now: datetime
) -> KeptAnswer | None:
    """None: the key is ours now. While another request with this key is at work, this waits for
    it, and then answers as it did: to the rights that it was made for."""
    tenant_id = current_scope().tenant_id
    claimed = db.session.execute(
        insert(IdempotencyKey)
        .values(
            tenant_id=tenant_id, id=uuid7(), user_id=user_id, key=key,
            request_hash=f"{request_hash}.{rights_hash}", headers={}, created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "user_id", "key"])
        .returning(IdempotencyKey.id)
    ).first()  # fmt: skip
    if claimed is not None:
        return None
    first = db.session.execute(
        select(
            IdempotencyKey.request_hash,
            IdempotencyKey.status,
            IdempotencyKey.headers,
            IdempotencyKey.body,
        ).where(
            IdempotencyKey.tenant_id == tenant_id,
            IdempotencyKey.user_id == user_id,
            IdempotencyKey.key == key,
        )
    ).one()
    asked, _, rights = first.request_hash.partition(".")
    if asked != request_hash:
        raise KeyReused
    if rights != rights_hash:
        raise RightsChanged
    return KeptAnswer(first.status, first.headers, first.body)


def keep(*, user_id: UUID, key: str, answer: KeptAnswer) -> None:
    db.session.execute(
        update(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == current_scope().tenant_id,
            IdempotencyKey.user_id == user_id,
            IdempotencyKey.key == key,
        )
        .values(status=answer.status, headers=answer.headers, body=answer.body)
    )


def prune(*, now: datetime) -> int:
    """Forget what is older than a week, of the tenant in scope."""
    gone = db.session.execute(
        delete(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == current_scope().tenant_id,
            IdempotencyKey.created_at < now - KEPT,
        )
        .returning(IdempotencyKey.id)
    )
    return len(gone.all())
