from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_

from billing.credits.models import Credit, CreditBalance, CreditNote
from billing.credits.rules import Left, left_of
from billing.models import StripeInvoice, StripeInvoiceLine
from billing.plans import KEYS_OF
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, moment, page_of
from tenants.scoping import scoped_tenant_id

C, I, L, N = Credit, StripeInvoice, StripeInvoiceLine, CreditNote
CREDITABLE = ("open", "paid")


def get_credit(*, credit_id: UUID) -> Credit:
    row = db.session.execute(
        select(C)
        .where(C.tenant_id == scoped_tenant_id(), C.id == credit_id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def find_by_source(*, source: str) -> Credit | None:
    return db.session.execute(
        select(C).where(C.tenant_id == scoped_tenant_id(), C.source == source)
    ).scalar_one_or_none()


def list_of_month(*, line: str, month: date) -> Sequence[Credit]:
    """What a line's month of service levels gave back, its later corrections among them."""
    return (
        db.session.execute(
            select(C)
            .where(
                C.tenant_id == scoped_tenant_id(), C.line == line, C.month == month,
                C.source.like("sla:%"),
            )
            .order_by(C.asked_at, C.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )  # fmt: skip


def list_approved() -> Sequence[Credit]:
    return (
        db.session.execute(
            select(C)
            .where(C.tenant_id == scoped_tenant_id(), C.state == "approved")
            .order_by(C.asked_at, C.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )


def list_shown(*, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Credit]:
    """What the client sees, newest first: not what somebody only thinks of giving."""
    query = select(C).where(
        C.tenant_id == scoped_tenant_id(),
        or_(C.state.in_(("approved", "issuing", "issued")),
            (C.state == "void") & (C.number != ""),
            (C.kind != "goodwill") & (C.state == "draft")),
    )  # fmt: skip
    if cursor:
        at, last = decode_cursor(cursor, moment, UUID)
        query = query.where(tuple_(C.asked_at, C.id) < tuple_(at, last))
    rows = (
        db.session.execute(query.order_by(C.asked_at.desc(), C.id.desc()).limit(limit + 1))
        .scalars()
        .all()
    )
    return page_of(rows, limit=limit, place=lambda row: (row.asked_at, row.id))


def list_notes(*, stripe_invoice_ids: Sequence[str]) -> Mapping[str, Sequence[CreditNote]]:
    """By invoice, oldest first."""
    found: dict[str, list[CreditNote]] = defaultdict(list)
    if stripe_invoice_ids:
        rows = db.session.execute(
            select(N)
            .where(
                N.tenant_id == scoped_tenant_id(), N.stripe_invoice_id.in_(stripe_invoice_ids),
                N.status == "issued",
            )
            .order_by(N.issued_at, N.id)
        ).scalars()  # fmt: skip
        for row in rows:
            found[row.stripe_invoice_id].append(row)
    return found


def notes_of(*, credit_ids: Sequence[UUID]) -> Mapping[UUID, CreditNote]:
    rows = db.session.execute(
        select(N).where(N.tenant_id == scoped_tenant_id(), N.credit_id.in_(credit_ids))
    ).scalars()
    return {row.credit_id: row for row in rows if row.credit_id}


def numbers_of(stripe_invoice_ids: Sequence[str | None]) -> Mapping[str, str]:
    rows = db.session.execute(
        select(I.stripe_invoice_id, I.number).where(
            I.tenant_id == scoped_tenant_id(),
            I.stripe_invoice_id.in_([one for one in stripe_invoice_ids if one]),
        )
    )
    return {stripe_id: number for stripe_id, number in rows if number}


def find_balance() -> CreditBalance | None:
    return db.session.execute(
        select(CreditBalance).where(CreditBalance.tenant_id == scoped_tenant_id())
    ).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Target:
    """An invoice and what of its lines nobody credited yet, before VAT."""

    invoice: StripeInvoice
    lines: Sequence[Left]

    @property
    def left(self) -> int:
        return sum(one.amount for one in self.lines)


def find_invoice(*, stripe_invoice_id: str) -> StripeInvoice | None:
    return db.session.execute(
        select(I).where(I.tenant_id == scoped_tenant_id(), I.stripe_invoice_id == stripe_invoice_id)
    ).scalar_one_or_none()


def find_invoice_of_month(month: date) -> StripeInvoice | None:
    """The renewal whose period holds this month's first moment, in UTC as Stripe's periods are. The
    month in which a subscription began has its own from that day on."""
    start = datetime.combine(month, time(), UTC)
    following = datetime.combine(
        date(month.year + month.month // 12, month.month % 12 + 1, 1), time(), UTC
    )
    return db.session.execute(
        select(I)
        .where(
            I.tenant_id == scoped_tenant_id(), I.billing_reason == "subscription_cycle",
            I.status != "void", I.period_start < following, I.period_end > start,
            I.period_end <= following,
        )
        .order_by(I.invoiced_at.desc())
        .limit(1)
    ).scalar_one_or_none()  # fmt: skip


def target_of(invoice: StripeInvoice, *, meter_key: str = "", but: UUID | None = None) -> Target:
    """`but` leaves out what this credit itself took in an earlier try."""
    query = select(L.stripe_line_id, L.amount).where(
        L.tenant_id == scoped_tenant_id(), L.stripe_invoice_id == invoice.stripe_invoice_id,
        L.amount > 0,
    )  # fmt: skip
    if meter_key:
        query = query.where(L.lookup_key.in_(KEYS_OF[meter_key]))
    lines = [(line_id, amount) for line_id, amount in db.session.execute(query.order_by(L.place))]
    return Target(invoice, left_of(lines, _given(invoice.stripe_invoice_id, but)))


def _given(stripe_invoice_id: str, but: UUID | None) -> Mapping[str, int]:
    """By line: credit notes as Stripe has them, and our own that it may not have told of yet."""
    given: dict[str, int] = defaultdict(int)
    known = list_notes(stripe_invoice_ids=[stripe_invoice_id]).get(stripe_invoice_id, [])
    parts: list[Any] = [part for note in known for part in note.lines]
    mirrored = {note.credit_id for note in known}
    ours = db.session.execute(
        select(C.id, C.lines).where(
            C.tenant_id == scoped_tenant_id(), C.target_invoice_id == stripe_invoice_id,
            C.state.in_(("issuing", "issued")),
        )
    ).all()  # fmt: skip
    parts += [part for row in ours if row.id not in mirrored and row.id != but
              for part in row.lines]  # fmt: skip
    for part in parts:
        given[part["line"]] += part["amount"]
    return given


def list_targets(*, limit: int = 24) -> Sequence[Target]:
    """Invoices that something may be credited on, newest first."""
    rows = db.session.execute(
        select(I)
        .where(I.tenant_id == scoped_tenant_id(), I.status.in_(CREDITABLE), I.subtotal > 0)
        .order_by(I.invoiced_at.desc())
        .limit(limit)
    ).scalars()
    return [found for found in (target_of(row) for row in rows) if found.left]
