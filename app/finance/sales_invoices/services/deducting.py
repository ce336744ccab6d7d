"""Deposits that an invoice deducts: each by one invoice at a time, and no more than is left of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.directory.queries import list_family
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


def check_free(row: SalesInvoice) -> None:
    if is_deducted(row):
        raise DepositDeducted


def is_deducted(row: SalesInvoice) -> bool:
    return row.type == DEPOSIT and any(
        one.deducted_by is not None for one in queries.list_deposits(ids=[row.id])
    )


def problems_of_deposits(row: SalesInvoice, deposits: Sequence[Any]) -> list[tuple[str, str]]:
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
    return found


def _is_theirs(deposit: Any, row: SalesInvoice) -> bool:
    if deposit.customer_id == row.customer_id:
        return True
    if row.customer_id is None:
        return False
    return deposit.customer_id in list_family(party_id=row.customer_id)


def deduct(row: SalesInvoice, deposits: Sequence[Any]) -> None:
    """The deposits are held by the caller's transaction."""
    for one in deposits:
        db.session.add(
            InvoiceDeduction(
                tenant_id=row.tenant_id, invoice_id=row.id, deposit_id=one.id, amount=one.left
            )
        )  # fmt: skip


def release(kept: Kept, *, now: datetime) -> None:
    """What an invoice deducted is free again once nothing is left of the invoice."""
    if kept.standing.credited < kept.invoice.gross:
        return
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
