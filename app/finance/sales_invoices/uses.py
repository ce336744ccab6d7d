"""Which customers sales invoices refer to: validated ones, drafts, series of them and rows of a batch
that are to become one."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, any_, cast, literal, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from app.directory.uses import tell_uses
from app.finance.sales_invoices.models import InvoiceBatchRow, SalesInvoice
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from tenants.core.db import db
from tenants.core.text import _m
from tenants.scoping import scoped_tenant_id


def referred_to(party_ids: Collection[UUID]) -> set[UUID]:
    ids = any_(literal(list(party_ids), ARRAY(Uuid)))
    named = InvoiceBatchRow.wish["customer_id"].astext
    rows = select(cast(named, Uuid)).where(
        InvoiceBatchRow.tenant_id == scoped_tenant_id(), InvoiceBatchRow.state == "ready",
        named == any_(literal([str(one) for one in party_ids], ARRAY(Text))),
    )  # fmt: skip
    found = union(_of(SalesInvoice, ids), _of(InvoiceSchedule, ids), rows)
    return set(db.session.scalars(found))


def _of(model: type[SalesInvoice | InvoiceSchedule], ids: object) -> Select[UUID | None]:
    return select(model.customer_id).where(
        model.tenant_id == scoped_tenant_id(), model.customer_id == ids
    )


def init_invoice_uses() -> None:
    tell_uses("sales_invoices", referred_to, _m("A sales invoice, or a draft of one, is for it."))
