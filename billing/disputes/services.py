"""Disputes of the client in scope: always as Stripe says it now, whatever an event said. They ask for
somebody's attention and suspend nobody."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from billing.connection import gateway
from billing.disputes.models import DECIDED, StripeDispute
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.scoping import scoped_tenant_id

D = StripeDispute


def call_note(*, dispute: str, invoice: str, now: datetime) -> None:
    _put(gateway().fetch_dispute(dispute), invoice, now=now)


def call_refresh(*, now: datetime) -> bool:
    """Those that aren't decided, asked for again; whether there were any."""
    rows = db.session.execute(
        select(D.stripe_dispute_id, D.stripe_invoice_id).where(
            D.tenant_id == scoped_tenant_id(), D.status.not_in(DECIDED)
        )
    ).all()
    for row in rows:
        _put(gateway().fetch_dispute(row.stripe_dispute_id), row.stripe_invoice_id, now=now)
    return bool(rows)


def is_disputed() -> bool:
    found = db.session.execute(
        select(D.id).where(D.tenant_id == scoped_tenant_id(), D.status.not_in(DECIDED)).limit(1)
    )
    return found.one_or_none() is not None


def list_disputes() -> Sequence[StripeDispute]:
    """Newest first."""
    return db.session.scalars(
        select(D).where(D.tenant_id == scoped_tenant_id()).order_by(D.opened_at.desc(), D.id)
    ).all()


def _put(given: dict[str, Any], invoice: str, *, now: datetime) -> None:
    due = (given.get("evidence_details") or {}).get("due_by")
    row = insert(D).values(
        tenant_id=scoped_tenant_id(), id=uuid7(), stripe_dispute_id=given["id"],
        stripe_invoice_id=invoice, amount=given["amount"], currency=given["currency"].upper(),
        reason=given["reason"] or "", status=given["status"],
        opened_at=datetime.fromtimestamp(given["created"], UTC),
        due_at=datetime.fromtimestamp(due, UTC) if due else None, fetched_at=now,
    )  # fmt: skip
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "stripe_dispute_id"],
            set_={
                name: row.excluded[name] for name in ("status", "amount", "due_at", "fetched_at")
            },
        )
    )
