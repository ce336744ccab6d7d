"""Recorded time as far as the contract shows it to the client: the query itself leaves out the rest."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, and_, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Text, Uuid

from app.contracts.queries import select_terms
from app.contracts.terms import DETAIL, EVERYTHING, NOTHING
from app.service_requests.links.queries import with_merged
from app.service_requests.models import ServiceRequest
from app.timesheets.models import TimeEntry
from tenants.scoping import current_scope

T = TimeEntry


def shown(now: datetime) -> ColumnElement[str]:
    """'nothing', 'totals' or 'detail', of the contract in force."""
    return select(func.coalesce(_said("shown", now), EVERYTHING.shown)).scalar_subquery()


def names_shown(now: datetime) -> ColumnElement[bool]:
    said = cast(_said("names", now), Boolean)
    return select(func.coalesce(said, EVERYTHING.names)).scalar_subquery()


def _said(name: str, now: datetime) -> ColumnElement[str]:
    document = cast(select_terms(now).subquery().c.document, JSONB)
    found: ColumnElement[str] = document["time"][name].astext
    return found


def select_shown_entries(*, request: ServiceRequest, now: datetime) -> Select[Any]:
    """Oldest first, none unless every entry is shown. Without names nobody's id goes out either:
    `pseudonym` numbers the people in the order in which they first worked for the company."""
    names, numbers = names_shown(now), _numbers(now)
    columns: tuple[Any, ...] = (
        T.id, T.request_id, T.worked_on, T.minutes, T.activity, T.billable, T.at, T.category,
        T.reverses_id,
        case((names, T.user_id), else_=cast(null(), Uuid)).label("user_id"),
        case((names, T.user_name), else_=literal("", Text)).label("user_name"),
        func.coalesce(numbers.c.number, 0).label("pseudonym"),
        literal("", Text).label("comment"),
    )  # fmt: skip
    return (
        select(*columns)
        .outerjoin(numbers, numbers.c.user_id == T.user_id)
        .where(_of(request), shown(now) == DETAIL)
        .order_by(T.at, T.id)
    )


def select_shown_sums(*, request: ServiceRequest, now: datetime) -> Select[Any]:
    """Minutes by whether they are billed; none where nothing is shown."""
    columns: tuple[Any, ...] = (T.billable, func.sum(T.minutes).label("minutes"))
    return select(*columns).where(_of(request), shown(now) != NOTHING).group_by(T.billable)


def _of(request: ServiceRequest) -> ColumnElement[bool]:
    return and_(T.tenant_id == request.tenant_id, T.request_id.in_(with_merged(request)))


def _numbers(now: datetime) -> Any:
    """Entries are never removed, so that a number stays whose it is."""
    tenant_id: UUID | None = current_scope().tenant_id
    order = func.row_number().over(order_by=(func.min(T.at), T.user_id))
    return (
        select(T.user_id, order.label("number"))
        .where(T.tenant_id == tenant_id, ~names_shown(now))
        .group_by(T.user_id)
        .subquery()
    )
