"""How many usage records behind an invoice line have a complete chain of evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from billing.models import StripeInvoiceLine, UsageEvent
from billing.plans import METERED_KEYS
from billing.sources import proven_ids
from tenants.core.db import db
from tenants.scoping import current_scope

E, L = UsageEvent, StripeInvoiceLine
SAME = aliased(StripeInvoiceLine)
# A price with included units is a line for each of its tiers.
CHARGED = (
    select(func.coalesce(func.sum(SAME.quantity), 0))
    .where(
        SAME.tenant_id == L.tenant_id,
        SAME.stripe_invoice_id == L.stripe_invoice_id,
        SAME.lookup_key == L.lookup_key,
        SAME.period_start == L.period_start,
    )
    .correlate(L)
    .scalar_subquery()
)
METER = case(METERED_KEYS, value=L.lookup_key)
# The two sides of usage that an invoice came too early for, each of which names the other, and what
# an item of its own charges.
CARRIED = ("carried_in", "carried_out", "adjusted")


@dataclass(frozen=True, slots=True)
class Coverage:
    """`sums_up`: the records together are the quantity that the invoice charges."""

    records: int
    proven: int
    sums_up: bool

    @property
    def full(self) -> bool:
        return self.sums_up and self.proven == self.records


def coverage_of(*, stripe_invoice_ids: Sequence[str]) -> Mapping[UUID, Coverage]:
    """By the id of the invoice line; lines that charge no usage are left out: the base fee is
    agreed, and nothing needs no proof."""
    if not stripe_invoice_ids:
        return {}
    proven = or_(
        E.source_type.in_(CARRIED),
        *(
            and_(E.source_type == source_type, E.source_id.in_(ids))
            for source_type, ids in proven_ids().items()
        ),
    )
    rows = db.session.execute(
        select(
            L.id,
            CHARGED.label("charged"),
            func.count(E.id).label("records"),
            func.count(E.id).filter(proven).label("proven"),
            func.coalesce(func.sum(E.quantity), 0).label("total"),
        )
        .outerjoin(
            E,
            and_(
                E.tenant_id == L.tenant_id,
                E.meter_key == METER,
                E.hour >= L.period_start,
                E.hour < L.period_end,
            ),
        )
        .where(
            L.tenant_id == current_scope().tenant_id,
            L.stripe_invoice_id.in_(stripe_invoice_ids),
            L.lookup_key.in_(METERED_KEYS),
        )
        .group_by(
            L.tenant_id, L.id, L.stripe_invoice_id, L.lookup_key, L.period_start
        )
    )  # fmt: skip
    return {
        row.id: Coverage(row.records, row.proven, row.total == int(row.charged))
        for row in rows
        if row.records or row.charged
    }
