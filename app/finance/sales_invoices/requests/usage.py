"""Which invoice a usage record counts, and whether its evidence is whole: it is validated, and its
file was kept with a slip that said all rules passed. Rules of later days don't take that back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, select

from app.documents.models import ValidationSlip
from app.finance.sales_invoices.models import InvoiceStanding, SalesInvoice
from app.finance.sales_invoices.queries import JOINED
from app.finance.sales_invoices.services.making import SOURCE
from app.service_requests.models import ServiceRequest
from billing.sources import Source, register
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

I, S, R = SalesInvoice, InvoiceStanding, ServiceRequest
_SOUND = and_(
    I.number != "",
    exists().where(
        ValidationSlip.tenant_id == S.tenant_id, ValidationSlip.version_id == S.file_version_id,
        ValidationSlip.outcome == "valid",
    ),
)  # fmt: skip


def init_invoice_source() -> None:
    register(SOURCE, _find, _proven)


def _find(ids: Sequence[UUID]) -> Mapping[UUID, Source]:
    rows = db.session.execute(
        select(I.id, I.number, I.customer_name, R.number.label("request"), _SOUND.label("sound"))
        .join(S, JOINED)
        .outerjoin(R, and_(R.tenant_id == I.tenant_id, R.id == I.request_id))
        .where(I.tenant_id == scoped_tenant_id(), I.id.in_(ids))
    )
    return {
        row.id: Source(
            row.request, f"{row.number} {row.customer_name}".strip(), "finance", row.sound,
            (SOURCE, row.id),
        )
        for row in rows
    }  # fmt: skip


def _proven() -> Select[Any]:
    return select(I.id).join(S, JOINED).where(I.tenant_id == scoped_tenant_id(), _SOUND)


def list_sources(request_id: UUID) -> list[tuple[str, UUID]]:
    """For the evidence of a request: the invoices that were issued for it."""
    rows = db.session.scalars(
        select(I.id)
        .where(I.tenant_id == scoped_tenant_id(), I.request_id == request_id, I.number != "")
        .order_by(I.id)
    )
    return [(SOURCE, one) for one in rows]
