from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, true

from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.service_requests.models import ServiceRequest
from app.service_requests.offers.models import ACCEPTED, OPEN, Offer, OfferDecision
from app.service_requests.scope import IN_SCOPE, NOT_COUNTED, Standing, month_of, stand
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import current_scope

R, O, D = ServiceRequest, Offer, OfferDecision


def used_this_month(
    *, terms: ContractTerms, at: datetime, items: Sequence[str], but: UUID | None = None
) -> Mapping[str, int]:
    """Requests in scope by item, of the month in which `at` lies; `but` is left out."""
    first, following = month_of(at, terms.calendar.zone)
    others = R.id != but if but else true()
    rows = db.session.execute(
        select(R.item, func.count())
        .where(
            others,
            R.tenant_id == current_scope().tenant_id,
            R.item.in_(items),
            R.raised_at >= first,
            R.raised_at < following,
            R.scope == IN_SCOPE,
            R.state.not_in(NOT_COUNTED),
        )
        .group_by(R.item)
    ).all()
    return {item: count for item, count in rows}


def count_urgent(*, terms: ContractTerms, at: datetime, but: UUID) -> int:
    """Requests of the month in which `at` lies that are urgent by the provider's word."""
    first, following = month_of(at, terms.calendar.zone)
    return db.session.execute(
        select(func.count()).where(
            R.id != but,
            R.tenant_id == current_scope().tenant_id,
            R.raised_at >= first,
            R.raised_at < following,
            R.priority == "urgent",
            R.state.not_in(NOT_COUNTED),
        )
    ).scalar_one()


def list_standings(
    *, terms: ContractTerms, now: datetime, items: Sequence[str]
) -> Mapping[str, Standing]:
    """How each item stands for one more request."""
    counted = [code for code in items if terms.quota(code) is not None]
    used = used_this_month(terms=terms, at=now, items=counted) if counted else {}
    return {code: stand(terms, code, used.get(code, 0)) for code in items}


def list_counted(*, item: str, now: datetime, limit: int = 200) -> Sequence[Any]:
    """The requests that this month's use of an item's quota consists of, newest first."""
    first, following = month_of(now, get_terms(now).calendar.zone)
    return db.session.execute(
        select(R.number, R.item, R.title, R.state, R.raised_at, R.raised_by_name, R.due_at)
        .where(
            R.tenant_id == current_scope().tenant_id,
            R.item == item,
            R.raised_at >= first,
            R.raised_at < following,
            R.scope == IN_SCOPE,
            R.state.not_in(NOT_COUNTED),
        )
        .order_by(R.number.desc())
        .limit(limit)
    ).all()


def get_offer(*, request: ServiceRequest, offer_id: UUID, for_change: bool = False) -> Offer:
    query = select(O).where(
        O.tenant_id == request.tenant_id, O.request_id == request.id, O.id == offer_id
    )
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def find_open_offer(*, request: ServiceRequest) -> Offer | None:
    return db.session.execute(
        select(O)
        .where(O.tenant_id == request.tenant_id, O.request_id == request.id, O.state == OPEN)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def find_accepted_offer(*, request: ServiceRequest) -> Offer | None:
    return db.session.execute(
        select(O).where(
            O.tenant_id == request.tenant_id, O.request_id == request.id, O.state == ACCEPTED
        )
    ).scalar_one_or_none()


def list_offers(*, request: ServiceRequest) -> Sequence[Offer]:
    """Newest first."""
    return (
        db.session.execute(
            select(O)
            .where(O.tenant_id == request.tenant_id, O.request_id == request.id)
            .order_by(O.number.desc())
        )
        .scalars()
        .all()
    )


def list_decisions(*, request: ServiceRequest) -> Sequence[OfferDecision]:
    return (
        db.session.execute(
            select(D)
            .where(D.tenant_id == request.tenant_id, D.request_id == request.id)
            .order_by(D.at, D.id)
        )
        .scalars()
        .all()
    )


def list_amendments(*, lines: Sequence[str], limit: int = 50) -> Sequence[Any]:
    """What was agreed beyond the contract, newest first, on these service lines."""
    return db.session.execute(
        select(O.price, O.currency, O.ended_at, O.ended_by_name, R.number, R.title, R.item, R.state)
        .join(R, and_(R.tenant_id == O.tenant_id, R.id == O.request_id))
        .where(
            O.tenant_id == current_scope().tenant_id,
            O.state == ACCEPTED,
            R.line.in_(lines),
        )
        .order_by(O.ended_at.desc(), O.id)
        .limit(limit)
    ).all()
