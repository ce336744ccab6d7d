"""The invoices that were issued for a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.finance.sales_invoices.models import InvoiceStanding, SalesInvoice
from app.finance.sales_invoices.queries import JOINED
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

I, S = SalesInvoice, InvoiceStanding
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Counts:
    """`sound` have a file that passed its rules; `sent` left."""

    all: int
    drafts: int
    sound: int
    sent: int

    @property
    def issued(self) -> int:
        return self.all - self.drafts


def count_invoices(*, request_id: UUID) -> Counts:
    row = db.session.execute(
        select(
            func.count().label("all"),
            func.count().filter(S.state == "draft").label("drafts"),
            func.count().filter(S.files == "valid").label("sound"),
            func.count().filter(S.sent_at.is_not(None)).label("sent"),
        )
        .select_from(I)
        .join(S, JOINED)
        .where(I.tenant_id == scoped_tenant_id(), I.request_id == request_id)
    ).one()
    return Counts(*row)


def figures_of_invoices(request_id: UUID) -> Mapping[str, bool]:
    """What must be so before the request is handed over. Where none was made here, the list that is
    attached by hand says what was done elsewhere."""
    found = count_invoices(request_id=request_id)
    return {"issued": found.sound == found.all, "sent": found.sent == found.all}


def list_issued(*, request_id: UUID) -> Sequence[Any]:
    """Validated ones, by number."""
    return db.session.execute(
        select(
            I.id, I.number, I.type, I.customer_name, I.issued_on, S.due_on, I.currency, I.net,
            I.tax, I.gross, I.form, I.sha256, S.files, S.state, S.sent_to, S.sent_at,
        )
        .join(S, JOINED)
        .where(
            I.tenant_id == scoped_tenant_id(), I.request_id == request_id, I.number != ""
        )
        .order_by(I.issued_on, I.number)
        .limit(MOST)
    ).all()  # fmt: skip
