from collections.abc import Sequence

from sqlalchemy import func, or_, select

from billing.models import StripeInvoice
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import scoped_tenant_id

I = StripeInvoice


def get_by_number_or_id(*, reference: str) -> StripeInvoice:
    """A draft has no number yet, and is known by Stripe's id."""
    row = db.session.execute(
        select(I).where(
            I.tenant_id == scoped_tenant_id(),
            or_(I.number == reference, I.stripe_invoice_id == reference),
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_all() -> Sequence[StripeInvoice]:
    """Newest first. A company gets a few a month."""
    query = select(I).where(I.tenant_id == scoped_tenant_id(), I.number.is_not(None))
    return db.session.execute(query.order_by(I.invoiced_at.desc(), I.id.desc())).scalars().all()


def count_open() -> tuple[int, int]:
    """How many are to be paid, and how much that is."""
    found = db.session.execute(
        select(func.count(), func.coalesce(func.sum(I.amount_remaining), 0)).where(
            I.tenant_id == scoped_tenant_id(), I.status == "open"
        )
    ).one()
    return int(found[0]), int(found[1])
