"""Deposits that an invoice deducts: each by one invoice at a time, and no more than is left of it.
A credit note that takes the whole invoice back gives back no more money than the invoice asked for:
what deposits had paid is theirs again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.directory.queries import get_current_party
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.models import InvoiceDeduction, SalesInvoice
from app.finance.sales_invoices.problems import DEDUCTING
from app.finance.sales_invoices.queries import Kept
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m

DEPOSIT, CORRECTIVE = "386", "384"


class DepositDeducted(Conflict):
    code = "deposit_deducted"
    message = _m("A final invoice deducts this deposit. Credit or correct the final invoice first.")


class DepositGivenBack(Conflict):
    code = "deposit_given_back"
    message = _m("Credit notes of its final invoice have given this deposit back already.")


def check_free(row: SalesInvoice) -> None:
    refusal = find_refusal(row)
    if refusal is not None:
        raise refusal


def find_refusal(row: SalesInvoice) -> type[Conflict] | None:
    """Why a deposit is neither credited nor corrected; None of any other invoice."""
    if row.type != DEPOSIT:
        return None
    for one in queries.list_deposits(ids=[row.id]):
        if one.deducted_by is not None:
            final = queries.get_invoice(invoice_id=one.deducted_by)
            whole = final.standing.credited >= final.invoice.gross
            return DepositGivenBack if whole else DepositDeducted
    return None


def left_in_deposits(cited: Kept, gross: int) -> int:
    """What a credit note over so much doesn't pay back: all that its invoice deducts, once nothing is
    left of the invoice. Where credit notes before gave back a part of the deposits, this one gives
    back the rest, and they stay deducted: it never asks for money."""
    if not cited.invoice.prepaid or cited.standing.credited + gross < cited.invoice.gross:
        return 0
    deducted = sum_deducted(cited.invoice)
    return deducted if deducted <= gross else 0


def sum_deducted(row: SalesInvoice) -> int:
    d = InvoiceDeduction
    found = db.session.scalars(
        select(func.coalesce(func.sum(d.amount), 0)).where(
            d.tenant_id == row.tenant_id, d.invoice_id == row.id, d.released_at.is_(None)
        )
    ).one()
    return int(found)


def problems_of_deposits(
    row: SalesInvoice, deposits: Sequence[Any], *, issued_on: date
) -> list[tuple[str, str]]:
    """A corrective invoice takes over what the one deducts in whose place it stands."""
    if deposits and row.type not in DEDUCTING:
        return [("deposits", _m("Only an invoice deducts deposits."))]
    instead_of = row.preceding_id if row.type == CORRECTIVE else None
    found: list[tuple[str, str]] = []
    for one in deposits:
        if one.deducted_by is not None and one.deducted_by != instead_of:
            found.append(
                ("deposits", _m("Another invoice has deducted this deposit already. Take it out."))
            )
        elif one.left <= 0:
            found.append(
                ("deposits", _m("Credit notes have taken back this whole deposit. Take it out."))
            )
        elif one.currency != row.currency or not _is_theirs(one, row):
            # A draft keeps its deposits when its customer or its currency changes.
            found.append(
                (
                    "deposits",
                    _m("This deposit is another customer’s or in another currency. Take it out."),
                )
            )
        elif one.issued_on > issued_on:
            found.append(
                (
                    "issued_on",
                    _m("This day is before a deposit that it deducts. Leave it empty for today."),
                )
            )
    return found


def _is_theirs(deposit: Any, row: SalesInvoice) -> bool:
    if deposit.customer_id == row.customer_id:
        return True
    if row.customer_id is None or deposit.customer_id is None:
        return False
    return is_same_customer(deposit.customer_id, row.customer_id)


def is_same_customer(one: UUID, other: UUID) -> bool:
    """Also where one of them became part of the other since."""
    if one == other:
        return True
    return get_current_party(party_id=one).id == get_current_party(party_id=other).id


def deduct(row: SalesInvoice, deposits: Sequence[Any]) -> None:
    """The deposits are held by the caller's transaction."""
    for one in deposits:
        db.session.add(
            InvoiceDeduction(
                tenant_id=row.tenant_id, invoice_id=row.id, deposit_id=one.id, amount=one.left
            )
        )  # fmt: skip


def release(kept: Kept, amount: int, *, now: datetime) -> None:
    """What an invoice deducted, so much in all, is free again. Its standing is held."""
    if not amount:
        return
    kept.standing.released += amount
    d = InvoiceDeduction
    db.session.execute(
        update(d)
        .where(
            d.tenant_id == kept.invoice.tenant_id, d.invoice_id == kept.invoice.id,
            d.released_at.is_(None),
        )
        .values(released_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
