"""Validation: the draft becomes an invoice with a number, once and for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, insert

from app.documents.templating.filling import Wording
from app.documents.templating.queries import wording_for
from app.finance.einvoicing.document import InvoiceDocument, Party, Preceding
from app.finance.einvoicing.forms import FORMS
from app.finance.sales_invoices import building, customers, queries
from app.finance.sales_invoices.amounts import add_up
from app.finance.sales_invoices.building import Facts
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.customers import Buyer
from app.finance.sales_invoices.freezing import as_json, digest
from app.finance.sales_invoices.models import InvoiceEvent, SalesInvoice
from app.finance.sales_invoices.problems import problems_of
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.seller import Seller
from app.finance.sales_invoices.services import deducting, series, settings
from app.finance.sales_invoices.services.citing import problems_of_citing
from app.finance.sales_invoices.services.drafting import content_of, deposits_of, open_draft
from app.finance.sales_invoices.services.telling import tell
from app.finance.sales_invoices.wordings import problems_on
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.scoping import current_scope

# Stands for the number where none was given yet.
DRAFT_NUMBER = "-"
_EVENT = insert(cast(Table, InvoiceEvent.__table__))


class NotComplete(Invalid):
    code = "invoice_not_complete"
    message = _m("This invoice can't be validated yet. What is missing stands below.")


def validate_draft(
    *, invoice_id: UUID, expected_version: int | None, actor: Actor, now: datetime
) -> Kept:
    """The number comes last: its counter stays locked until the transaction ends, and a rolled-back
    validation leaves no gap. The files are made by a job afterwards."""
    kept = open_draft(invoice_id=invoice_id, expected_version=expected_version, actor=actor)
    row = kept.invoice
    content = content_of(row)
    preceding = _hold(row, content)
    document, found = _preview(row, content, now)
    if found:
        raise NotComplete(field_errors=_by_field(found))
    numbering = series.series_for(kind=row.type, series_id=row.series_id, actor=actor, now=now)
    _credit(row, document, preceding, now)
    deducting.deduct(row, deposits_of(content))
    _move(kept, document, actor, now)
    db.session.flush()
    year, sequence, number = series.next_number(series=numbering, issued_on=document.issued_on)
    _seal(row, numbering.id, year, sequence, replace(
        document, number=number, remittance=number if document.remittance else ""
    ), actor, now)  # fmt: skip
    changes = [("validated", kept)]
    if preceding is not None:
        changes.append(("credited", preceding))
    tell(*changes, now=now)
    return kept


def preview(row: SalesInvoice, *, now: datetime) -> tuple[InvoiceDocument, list[tuple[str, str]]]:
    """The invoice as it would be validated now, and what keeps it from that: field and sentence."""
    return _preview(row, content_of(row), now)


def _preview(
    row: SalesInvoice, content: Draft, now: datetime
) -> tuple[InvoiceDocument, list[tuple[str, str]]]:
    today = now.astimezone(ZoneInfo(get_tenant().time_zone)).date()
    seller = settings.get_seller()
    buyer = buyer_of(row, content, today)
    found: list[tuple[str, str]] = []
    if buyer is None:
        buyer = Buyer(party=Party(name=""), business=True)
        found.append(("customer_id", _m("Choose a customer.")))
    deposits = deposits_of(content)
    # One of which nothing is left is no part of the invoice: it is said and taken out.
    left = [one for one in deposits if one.left > 0]
    cited = None
    if row.preceding_id is not None:
        cited = queries.get_invoice(invoice_id=row.preceding_id)
    facts = _facts(row, content, left, cited, seller, buyer, today)
    document = building.build(content, seller, facts)
    found += deducting.problems_of_deposits(row, deposits, issued_on=document.issued_on)
    found += problems_of_citing(row, document, cited)
    found += check_content(content, document, seller, form=row.form, today=today)
    return document, found


def check_content(
    content: Draft, document: InvoiceDocument, seller: Seller, *, form: str, today: date,
    wording: Callable[..., Wording] = wording_for,
) -> list[tuple[str, str]]:  # fmt: skip
    """What keeps the document itself from being validated today: field and sentence."""
    found: list[tuple[str, str]] = []
    if document.issued_on > today:
        # Numbers follow the days, so that one wrong year would end the series.
        found.append(("issued_on", _m("This day is still to come. Leave it empty for today.")))
    found += problems_of(content, document, seller, FORMS[form])
    found += problems_on(document, wording)
    return found


def buyer_of(row: SalesInvoice, content: Draft, today: date) -> Buyer | None:
    if row.customer_id is not None:
        buyer = customers.get_buyer(row.customer_id, on=row.issued_on or today)
        if content.contact:
            return buyer.in_hands_of(content.contact, content.contact_phone, content.contact_email)
        return buyer
    return customers.named_in_draft(content.buyer) if content.buyer else None


def _facts(
    row: SalesInvoice, content: Draft, deposits: Sequence[Any], cited: Kept | None, seller: Seller,
    buyer: Buyer, today: date,
) -> Facts:  # fmt: skip
    issued_on = row.issued_on or today
    before = [Preceding(number=one.number, issued_on=one.issued_on) for one in deposits]
    prepaid = sum(one.left for one in deposits)
    if cited is not None:
        # France takes no other beside the one that is corrected, and that one names the deposits.
        before = [Preceding(number=cited.invoice.number, issued_on=cited.invoice.issued_on)]
        if row.type == "381":
            _, _, totals = add_up(content, currency=row.currency, rate=row.rate)
            prepaid = deducting.left_in_deposits(cited, totals.gross)
    return Facts(
        number=DRAFT_NUMBER, type=row.type, issued_on=issued_on,
        due_on=issued_on
        if row.type == "381"
        else row.due_on or building.due_on(content, seller, issued_on),
        currency=row.currency, rate=row.rate, language=row.language, buyer=buyer.party,
        business=buyer.business,
        preceding=before, prepaid=prepaid, deducts=prepaid > 0,
    )  # fmt: skip


def _hold(row: SalesInvoice, content: Draft) -> Kept | None:
    """The invoice it cites and its deposits, until the transaction ends and in the order of ids as
    everywhere: two final invoices at once don't deduct the same deposit, and none is credited while
    it is deducted."""
    wanted = {UUID(one) for one in content.deposits}
    if row.preceding_id is not None:
        wanted.add(row.preceding_id)
    held = {one: queries.get_invoice(invoice_id=one, for_change=True) for one in sorted(wanted)}
    return held[row.preceding_id] if row.preceding_id is not None else None


def _credit(
    row: SalesInvoice, document: InvoiceDocument, preceding: Kept | None, now: datetime
) -> None:
    from app.finance.sales_invoices.services.standing import settle

    if preceding is None or row.type not in ("381", "384"):
        return
    if row.type == "381":
        taken, free = document.totals.gross, document.totals.prepaid
    else:
        taken, free = preceding.invoice.gross, deducting.sum_deducted(preceding.invoice)
    preceding.standing.credited += taken
    preceding.standing.version += 1
    deducting.release(preceding, free, now=now)
    settle(preceding, now=now)
    note_event(
        preceding.invoice.id, "credited" if row.type == "381" else "replaced", "", now,
        amount=taken, currency=row.currency, by=str(row.id),
    )  # fmt: skip


def _move(kept: Kept, document: InvoiceDocument, actor: Actor, now: datetime) -> None:
    row, standing = kept.invoice, kept.standing
    job_id = enqueue(
        "sales_invoices.make_files", key=f"sales_invoice.files:{row.id}", actor_id=actor.user_id,
        title=_m("Writing the files of an invoice"), for_client=True, subject=("sales_invoice", row.id),
        invoice_id=row.id, actor_name=actor.name,
    )  # fmt: skip
    note_event(row.id, "validated", actor.name, now)
    # After the job, so that its row is written once.
    standing.state, standing.files, standing.job_id = "validated", "making", job_id
    standing.version += 1
    standing.due_on = None if row.type == "381" else document.due_on
    standing.changed_at = now
    audit.record(
        "finance.sales_invoice.validated", actor=actor, now=now, object_type="sales_invoice",
        object_id=row.id, type=row.type, gross=document.totals.gross, currency=row.currency,
    )  # fmt: skip


def _seal(
    row: SalesInvoice, series_id: UUID, year: int, sequence: int, document: InvoiceDocument,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    frozen = as_json(document)
    totals = document.totals
    row.series_id, row.year, row.sequence = series_id, year, sequence
    row.number, row.issued_on, row.due_on = document.number, document.issued_on, document.due_on
    row.net, row.tax, row.gross = totals.net, totals.tax, totals.gross
    row.prepaid, row.due, row.tax_eur = totals.prepaid, totals.due, totals.tax_accounting
    row.customer_name = document.buyer.name
    row.document, row.sha256 = frozen, digest(frozen)
    row.validated_by, row.validated_by_name, row.validated_at = actor.user_id, actor.name, now
    db.session.flush()


def note_event(invoice_id: UUID, verb: str, by_name: str, now: datetime, **facts: Any) -> None:
    db.session.execute(
        _EVENT,
        {
            "tenant_id": current_scope().tenant_id, "id": uuid7(), "invoice_id": invoice_id,
            "at": now, "verb": verb, "by_name": by_name, "facts": facts,
        },
    )  # fmt: skip


def _by_field(found: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name, sentence in found:
        if sentence not in errors.setdefault(name, []):
            errors[name].append(sentence)
    return errors
