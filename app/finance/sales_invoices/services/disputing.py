"""A customer disagrees, and how that ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.finance.sales_invoices import queries
from app.finance.sales_invoices.models import InvoiceDispute
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.drafting import WORK
from app.finance.sales_invoices.services.standing import settle
from app.finance.sales_invoices.services.telling import tell
from app.finance.sales_invoices.services.validating import note_event
from app.finance.sales_invoices.transitions import check
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope


def dispute(*, invoice_id: UUID, reason: str, actor: Actor, now: datetime) -> Kept:
    """It is owed no longer than the customer agrees: reminders stop meanwhile."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    check("dispute", kept.standing.state)
    if not reason.strip():
        raise Invalid(field_errors={"reason": [_m("Say what the customer disagrees with.")]})
    db.session.add(
        InvoiceDispute(
            id=uuid7(), tenant_id=kept.invoice.tenant_id, invoice_id=invoice_id,
            reason=reason.strip(), opened_at=now, opened_by=actor.user_id,
            opened_by_name=actor.name,
        )
    )  # fmt: skip
    kept.standing.state, kept.standing.changed_at = "disputed", now
    kept.standing.version += 1
    _note("disputed", kept, actor, now)
    return kept


def resolve(*, invoice_id: UUID, outcome: str, actor: Actor, now: datetime) -> Kept:
    """Afterwards the amounts say how it is: open, partly paid, paid, credited."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    check("resolve", kept.standing.state)
    if not outcome.strip():
        raise Invalid(field_errors={"outcome": [_m("Say how it ended.")]})
    row = db.session.scalars(
        select(InvoiceDispute).where(
            InvoiceDispute.tenant_id == current_scope().tenant_id,
            InvoiceDispute.invoice_id == invoice_id, InvoiceDispute.resolved_at.is_(None),
        )
    ).one()  # fmt: skip
    row.outcome, row.resolved_at = outcome.strip(), now
    row.resolved_by, row.resolved_by_name = actor.user_id, actor.name
    kept.standing.state = "sent"
    kept.standing.version += 1
    settle(kept, now=now)
    _note("resolved", kept, actor, now)
    return kept


def _note(verb: str, kept: Kept, actor: Actor, now: datetime) -> None:
    invoice_id = kept.invoice.id
    note_event(invoice_id, verb, actor.name, now)
    audit.record(
        f"finance.sales_invoice.{verb}", actor=actor, now=now, object_type="sales_invoice",
        object_id=invoice_id,
    )  # fmt: skip
    tell(("disputed", kept), now=now)
    db.session.flush()
