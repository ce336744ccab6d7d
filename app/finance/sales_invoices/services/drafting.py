"""Drafts: made, changed, thrown away. Nothing of a draft has left, and it has no number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, insert, update
from sqlalchemy.exc import IntegrityError

from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.years import out_of_range
from app.finance.sales_invoices import customers, queries
from app.finance.sales_invoices.amounts import add_up
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.freezing import as_json, from_json
from app.finance.sales_invoices.models import (
    TYPES,
    InvoiceBatchRow,
    InvoiceStanding,
    SalesInvoice,
)
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.deducting import left_in_deposits
from app.finance.sales_invoices.transitions import check
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

WORK = "sales_invoice.work"
MOST_LINES = 2_000
# PostgreSQL's bigint, with room for sums.
MOST = 10**15
_STANDING = insert(cast(Table, InvoiceStanding.__table__))


class InvoiceChanged(Conflict):
    code = "invoice_changed"
    message = _m("Somebody changed this invoice in the meantime. Look at it again, then go on.")


class NotADraft(Conflict):
    code = "not_a_draft"
    message = _m(
        "This invoice was validated and stays as it is. Correct it with a credit note or a "
        "corrective invoice."
    )


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a draft is to be; None leaves it to the customer's file and the company's settings."""

    content: Draft = field(default_factory=Draft)
    type: str = "380"
    customer_id: UUID | None = None
    series_id: UUID | None = None
    language: str = "fr"
    currency: str = "EUR"
    rate: Decimal | None = None
    issued_on: date | None = None
    due_on: date | None = None
    form: str = "facturx-en16931"


def create_draft(
    *,
    wish: Wish,
    actor: Actor,
    now: datetime,
    request_id: UUID | None = None,
    preceding_id: UUID | None = None,
    source_key: str | None = None,
) -> SalesInvoice:
    """With a `source_key` that was used before in this company, the earlier invoice comes back."""
    actor.require(WORK, "finance")
    if source_key is not None:
        earlier = queries.find_by_source(source_key)
        if earlier is not None:
            return earlier
    row = SalesInvoice(
        id=uuid7(), tenant_id=current_scope().tenant_id, preceding_id=preceding_id,
        request_id=request_id, source_key=source_key, created_by=actor.user_id,
        created_by_name=actor.name, created_at=now,
    )  # fmt: skip
    _write(row, wish)
    db.session.add(row)
    _flush()
    db.session.execute(
        _STANDING,
        {
            "tenant_id": row.tenant_id, "id": row.id, "state": "draft", "version": 1,
            "due_on": wish.due_on, "changed_at": now,
        },
    )  # fmt: skip
    audit.record(
        "finance.sales_invoice.drafted", actor=actor, now=now, object_type="sales_invoice",
        object_id=row.id, type=row.type, gross=row.gross, currency=row.currency,
    )  # fmt: skip
    return row


def change_draft(
    *, invoice_id: UUID, wish: Wish, expected_version: int | None, actor: Actor, now: datetime
) -> Kept:
    kept = open_draft(invoice_id=invoice_id, expected_version=expected_version, actor=actor)
    _write(kept.invoice, wish)
    kept.standing.version += 1
    kept.standing.due_on, kept.standing.changed_at = wish.due_on, now
    audit.record(
        "finance.sales_invoice.changed", actor=actor, now=now, object_type="sales_invoice",
        object_id=invoice_id, gross=kept.invoice.gross, version=kept.standing.version,
    )  # fmt: skip
    _flush()
    return kept


def delete_draft(*, invoice_id: UUID, actor: Actor, now: datetime) -> None:
    kept = open_draft(invoice_id=invoice_id, expected_version=None, actor=actor)
    audit.record(
        "finance.sales_invoice.deleted", actor=actor, now=now, object_type="sales_invoice",
        object_id=invoice_id, gross=kept.invoice.gross,
    )  # fmt: skip
    made_by = InvoiceBatchRow
    db.session.execute(
        update(made_by)
        .where(made_by.tenant_id == current_scope().tenant_id, made_by.invoice_id == invoice_id)
        .values(invoice_id=None)
        .execution_options(synchronize_session=False)
    )
    for model in (InvoiceStanding, SalesInvoice):
        db.session.execute(
            delete(model)
            .where(model.tenant_id == current_scope().tenant_id, model.id == invoice_id)
            .execution_options(synchronize_session=False)
        )
    db.session.expunge(kept.invoice)
    db.session.expunge(kept.standing)


def open_draft(*, invoice_id: UUID, expected_version: int | None, actor: Actor) -> Kept:
    """The draft, held until the transaction ends."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    if kept.standing.state != "draft":
        raise NotADraft
    check("validate", kept.standing.state)
    if expected_version is not None and kept.standing.version != expected_version:
        raise InvoiceChanged
    return kept


def wish_of(row: SalesInvoice) -> Wish:
    return Wish(
        content=content_of(row), type=row.type, customer_id=row.customer_id,
        series_id=row.series_id, language=row.language, currency=row.currency, rate=row.rate,
        issued_on=row.issued_on, due_on=row.due_on, form=row.form,
    )  # fmt: skip


def content_of(row: SalesInvoice) -> Draft:
    return from_json(Draft, row.content)


def _write(row: SalesInvoice, wish: Wish) -> None:
    if wish.type not in TYPES or wish.form not in FORMS:
        raise Invalid(field_errors={"form": [_m("Choose one of the list.")]})
    if len(wish.content.lines) > MOST_LINES:
        raise Invalid(
            field_errors={"lines": [_m("An invoice has at most 2,000 lines. Make several of it.")]}
        )
    if wrong := _wrong_days(wish):
        raise Invalid(field_errors=wrong)
    deposits = deposits_of(wish.content)
    prepaid = sum(one.left for one in deposits)
    _, _, totals = add_up(wish.content, currency=wish.currency, rate=wish.rate)
    if wish.type == "381" and row.preceding_id is not None:
        cited = queries.get_invoice(invoice_id=row.preceding_id)
        prepaid = left_in_deposits(cited, totals.gross)
    if (
        max(abs(totals.gross), abs(totals.net), *(abs(v) for v in (totals.tax_accounting or 0,)))
        > MOST
    ):
        raise Invalid(field_errors={"lines": [_m("This number is too large.")]})
    row.type, row.series_id, row.form = wish.type, wish.series_id, wish.form
    row.customer_id, row.customer_name = wish.customer_id, _name_of(wish)
    row.language, row.currency, row.rate = wish.language, wish.currency, wish.rate
    row.issued_on, row.due_on = wish.issued_on, wish.due_on
    row.net, row.tax, row.gross = totals.net, totals.tax, totals.gross
    row.prepaid, row.due, row.tax_eur = prepaid, totals.gross - prepaid, totals.tax_accounting
    row.content = as_json(wish.content)


def _wrong_days(wish: Wish) -> dict[str, list[str]]:
    content = wish.content
    return out_of_range(
        issued_on=wish.issued_on, due_on=wish.due_on, delivered_on=content.delivered_on,
        period_start=content.period_start, period_end=content.period_end,
    )  # fmt: skip


def deposits_of(content: Draft) -> list[Any]:
    if not content.deposits:
        return []
    return list(queries.list_deposits(ids=[UUID(one) for one in content.deposits]))


def _name_of(wish: Wish) -> str:
    if wish.customer_id is not None:
        return customers.get_buyer(wish.customer_id).party.name
    return wish.content.buyer.name if wish.content.buyer else ""


def _flush() -> None:
    """Another transaction may have taken the same source key, series or customer in between."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict from error
