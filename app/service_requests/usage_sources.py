"""Which request a usage record comes from, for the client's list of usage."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.service_requests.coverage import proven_deliverables, proven_requests
from app.service_requests.models import Deliverable, ServiceRequest
from app.service_requests.offers.models import ACCEPTED, Offer
from billing.sources import Source, register
from tenants.core.db import db
from tenants.scoping import current_scope

R = ServiceRequest


def of_requests(ids: Sequence[UUID]) -> Mapping[UUID, Source]:
    proven = R.id.in_(proven_requests().where(R.id.in_(ids))).label("proven")
    rows = db.session.execute(
        select(R.id, R.number, R.title, R.line, proven).where(
            R.tenant_id == current_scope().tenant_id, R.id.in_(ids)
        )
    )
    return {row.id: Source(row.number, row.title, row.line, row.proven) for row in rows}


def of_deliverables(ids: Sequence[UUID]) -> Mapping[UUID, Source]:
    proven = Deliverable.id.in_(proven_deliverables().where(Deliverable.id.in_(ids)))
    rows = db.session.execute(
        select(Deliverable.id, R.number, R.title, R.line, proven.label("proven"))
        .join(R, (R.tenant_id == Deliverable.tenant_id) & (R.id == Deliverable.request_id))
        .where(Deliverable.tenant_id == current_scope().tenant_id, Deliverable.id.in_(ids))
    )
    return {row.id: Source(row.number, row.title, row.line, row.proven) for row in rows}


def of_offers(ids: Sequence[UUID]) -> Mapping[UUID, Source]:
    """An agreed price is proven when the request that it was agreed for is."""
    proven = Offer.id.in_(_proven_offers().where(Offer.id.in_(ids)))
    rows = db.session.execute(
        select(Offer.id, R.number, R.title, R.line, proven.label("proven"))
        .join(R, (R.tenant_id == Offer.tenant_id) & (R.id == Offer.request_id))
        .where(Offer.tenant_id == current_scope().tenant_id, Offer.id.in_(ids))
    )
    return {row.id: Source(row.number, row.title, row.line, row.proven) for row in rows}


def _proven_offers() -> Select[Any]:
    return select(Offer.id).where(
        Offer.tenant_id == current_scope().tenant_id,
        Offer.state == ACCEPTED,
        Offer.request_id.in_(proven_requests()),
    )


def init_usage_sources() -> None:
    register("request", of_requests, proven_requests)
    register("deliverable", of_deliverables, proven_deliverables)
    register("request_offer", of_offers, _proven_offers)
