"""What payment control's confirmed matches paid of our invoices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.finance.models import Match, OpenItem, StatementLine
from app.finance.sales_invoices.models import InvoicePayment, InvoiceStanding, SalesInvoice
from app.finance.sales_invoices.queries import JOINED, Kept
from app.finance.sales_invoices.services.standing import settle
from app.finance.sales_invoices.services.telling import tell
from app.finance.sales_invoices.services.validating import note_event
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.scoping import current_scope


def follow_matches(*, control_id: UUID, now: datetime) -> int:
    """Bring what is paid of our invoices to what this control's matches say now; answers how many
    invoices changed. An open item is an invoice of ours when number and currency are the same."""
    db.session.flush()
    rows = [row for row in _matches(control_id) if _differs(row)]
    if not rows:
        return 0
    _keep(rows, control_id, now)
    invoices = sorted({row.invoice_id for row in rows})
    told: list[tuple[str, Kept]] = []
    for kept, paid, settled, last in _paid(invoices):
        changed = (kept.standing.paid, kept.standing.settled) != (paid, settled)
        kept.standing.paid, kept.standing.settled = paid, settled
        kept.standing.version += 1
        settle(kept, now=now, paid_on=last)
        if changed:
            told.append(("paid", kept))
            note_event(
                kept.invoice.id, "paid", "", now, amount=paid, currency=kept.invoice.currency,
                state=kept.standing.state,
            )  # fmt: skip
    tell(*told, now=now)
    db.session.flush()
    return len(invoices)


def _matches(control_id: UUID) -> Sequence[Any]:
    """Confirmed ones of our invoices, and those that paid one before."""
    m, i, s, p = Match, OpenItem, SalesInvoice, InvoicePayment
    return db.session.execute(
        select(
            m.id.label("match_id"), m.state, m.amount, m.difference, s.id.label("invoice_id"),
            func.coalesce(StatementLine.valued_on, StatementLine.booked_on).label("received_on"),
            p.state.label("kept"), p.amount.label("kept_amount"),
            p.difference.label("kept_difference"),
        )
        .join(i, and_(i.tenant_id == m.tenant_id, i.id == m.item_id))
        .join(
            s,
            and_(s.tenant_id == i.tenant_id, s.number == i.number, s.currency == i.currency,
                 s.number != "", s.type != "381"),
        )
        .join(
            StatementLine,
            and_(StatementLine.tenant_id == m.tenant_id, StatementLine.id == m.line_id),
        )
        .outerjoin(p, and_(p.tenant_id == m.tenant_id, p.match_id == m.id))
        .where(
            m.tenant_id == current_scope().tenant_id, m.control_id == control_id,
            or_(m.state == "confirmed", p.id.is_not(None)),
        )
        .order_by(m.id)
    ).all()  # fmt: skip


def _differs(row: Row[Any]) -> bool:
    state = "live" if row.state == "confirmed" else "undone"
    kept = (row.kept, row.kept_amount, row.kept_difference)
    return kept != (state, row.amount, row.difference)


def _keep(rows: Sequence[Any], control_id: UUID, now: datetime) -> None:
    kept = insert(InvoicePayment).values(
        [
            {
                "tenant_id": current_scope().tenant_id, "id": uuid7(), "match_id": row.match_id,
                "invoice_id": row.invoice_id, "control_id": control_id, "amount": row.amount,
                "difference": row.difference, "received_on": row.received_on,
                "state": "live" if row.state == "confirmed" else "undone", "noted_at": now,
            }
            for row in rows
        ]
    )  # fmt: skip
    names = ("amount", "difference", "received_on", "state", "noted_at")
    db.session.execute(
        kept.on_conflict_do_update(
            index_elements=["tenant_id", "match_id"],
            set_={name: kept.excluded[name] for name in names},
        )
    )


def _paid(invoice_ids: Sequence[UUID]) -> list[tuple[Kept, int, int, Any]]:
    """Each invoice, held in the order of ids, with what its live payments come to."""
    held = db.session.execute(
        select(SalesInvoice, InvoiceStanding)
        .join(InvoiceStanding, JOINED)
        .where(
            SalesInvoice.tenant_id == current_scope().tenant_id, SalesInvoice.id.in_(invoice_ids)
        )
        .order_by(SalesInvoice.id)
        .with_for_update(of=InvoiceStanding)
        .execution_options(populate_existing=True)
    ).all()
    p = InvoicePayment
    sums = {
        row.invoice_id: row
        for row in db.session.execute(
            select(
                p.invoice_id, func.sum(p.amount).label("paid"),
                func.sum(p.amount + p.difference).label("settled"),
                func.max(p.received_on).label("last"),
            )
            .where(
                p.tenant_id == current_scope().tenant_id, p.invoice_id.in_(invoice_ids),
                p.state == "live",
            )
            .group_by(p.invoice_id)
        )
    }  # fmt: skip
    found = []
    for invoice, standing in held:
        row = sums.get(invoice.id)
        found.append(
            (
                Kept(invoice, standing), int(row.paid) if row else 0,
                int(row.settled) if row else 0, row.last if row else None,
            )
        )  # fmt: skip
    return found
