"""What follows an invoice that was validated: credit notes, corrective and final invoices, copies.
Each begins as a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from app.finance.einvoicing.document import Allowance
from app.finance.einvoicing.totals import share_of
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.models import SalesInvoice
from app.finance.sales_invoices.services.citing import CreditInstead, DepositNotCorrected
from app.finance.sales_invoices.services.deducting import check_free
from app.finance.sales_invoices.services.drafting import (
    WORK,
    Wish,
    content_of,
    create_draft,
    wish_of,
)
from app.finance.sales_invoices.transitions import MoveRefused, check
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor

CREDIT_NOTE, CORRECTIVE, DEPOSIT, INVOICE = "381", "384", "386", "380"
# E-invoices take no more decimals of a price.
MILLIONTH = Decimal("0.000001")


class NothingLeft(Conflict):
    code = "nothing_left_to_credit"
    message = _m("Credit notes have taken back the whole invoice already.")


def credit(
    *, invoice_id: UUID, actor: Actor, now: datetime, reason: str = "",
    share: Decimal | None = None,
) -> SalesInvoice:  # fmt: skip
    """A draft of a credit note with the invoice's lines, or with so many per cent of each; lines are
    taken away or lowered by hand. It cites the invoice."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id)
    check("credit", kept.standing.state)
    if kept.invoice.type == CREDIT_NOTE:
        raise MoveRefused(state=_m("Credit note"))
    if kept.standing.credited >= kept.invoice.gross:
        raise NothingLeft
    check_free(kept.invoice)
    if share is not None and not 0 < share <= 100:
        raise Invalid(field_errors={"share": [_m("Between 0 and 100 per cent.")]})
    content = content_of(kept.invoice)
    if share is not None and share != 100:
        content = replace(
            content,
            lines=tuple(
                replace(line, unit_price=_share(line.unit_price, share)) for line in content.lines
            ),
            allowances=tuple(_part(one, share) for one in content.allowances),
        )
    content = replace(content, reason=reason.strip(), deposits=(), terms_days=None)
    wish = replace(
        wish_of(kept.invoice), type=CREDIT_NOTE, content=content, series_id=None, issued_on=None,
        due_on=None,
    )  # fmt: skip
    return create_draft(
        wish=wish, actor=actor, now=now, preceding_id=invoice_id,
        request_id=kept.invoice.request_id,
    )  # fmt: skip


def correct(*, invoice_id: UUID, actor: Actor, now: datetime) -> SalesInvoice:
    """A draft of a corrective invoice: when it is validated, it stands in the first one's place."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id)
    check("credit", kept.standing.state)
    if kept.invoice.type == CREDIT_NOTE:
        raise MoveRefused(state=_m("Credit note"))
    if kept.invoice.type == DEPOSIT:
        raise DepositNotCorrected
    if kept.standing.settled or kept.standing.credited:
        raise CreditInstead
    check_free(kept.invoice)
    wish = replace(
        wish_of(kept.invoice), type=CORRECTIVE, series_id=None, issued_on=None, due_on=None
    )
    return create_draft(
        wish=wish, actor=actor, now=now, preceding_id=invoice_id,
        request_id=kept.invoice.request_id,
    )  # fmt: skip


def finish(*, deposit_id: UUID, actor: Actor, now: datetime) -> SalesInvoice:
    """A draft of the final invoice: what was done in full, less what is left of this deposit."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=deposit_id)
    if kept.invoice.type != DEPOSIT or not kept.invoice.number:
        raise Conflict(_m("Only a validated deposit invoice is deducted."), code="no_deposit")
    if kept.standing.credited >= kept.invoice.gross:
        raise NothingLeft
    content = replace(content_of(kept.invoice), deposits=(str(deposit_id),))
    return create_draft(
        wish=_again(kept.invoice, INVOICE, content=content), actor=actor, now=now,
        request_id=kept.invoice.request_id,
    )  # fmt: skip


def copy(*, invoice_id: UUID, actor: Actor, now: datetime) -> SalesInvoice:
    actor.require(WORK, "finance")
    row = queries.get_invoice(invoice_id=invoice_id).invoice
    kind = row.type if row.type in (INVOICE, DEPOSIT) else INVOICE
    content = replace(content_of(row), deposits=(), reason="")
    return create_draft(
        wish=_again(row, kind, content=content), actor=actor, now=now, request_id=row.request_id
    )


def _share(price: Decimal, share: Decimal) -> Decimal:
    found = price * share / 100
    return found if found == round(found, 6) else found.quantize(MILLIONTH, ROUND_HALF_UP)


def _part(allowance: Allowance, share: Decimal) -> Allowance:
    base = None if allowance.base is None else share_of(allowance.base, share)
    return replace(allowance, amount=share_of(allowance.amount, share), base=base)


def _again(row: SalesInvoice, kind: str, *, content: Draft) -> Wish:
    return replace(
        wish_of(row),
        type=kind,
        content=content,
        series_id=None,
        issued_on=None,
        due_on=None,
    )
