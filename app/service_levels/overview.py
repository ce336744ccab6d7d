"""Months to sign and contests to answer, over all clients that a supervisor's grants open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.contracts.models import ContractVersion
from app.service_levels.agreed import Agreements, Version
from app.service_levels.models import MonthContest, PreparedMonth, SlaMonth
from app.service_levels.months import next_first
from app.service_levels.rounds import Place
from app.service_requests.models import ServiceRequest
from tenants import scoping
from tenants.models import Tenant

V, P = ContractVersion, PreparedMonth


@dataclass(frozen=True, slots=True)
class ClientMonths:
    """`open` are the months that are over and not signed, the oldest first; `prepared` is what was
    counted of the first of them, if it was yet."""

    tenant_id: UUID
    slug: str
    name: str
    code: str
    open: Sequence[date]
    last_signed: date | None
    contests: Sequence[tuple[date, str]]
    prepared: Mapping[str, int] | None = None
    obstacle: str = ""


def read_overview(*, places: Iterable[Place], user_id: UUID, now: datetime) -> list[ClientMonths]:
    """Those with something to do come first. Ends the scope it is called in."""
    by_id = {one.tenant_id: one for one in places}
    if not by_id:
        return []
    scoping.leave()
    with scoping.across_tenants(
        reason="months to sign", tenant_ids=sorted(by_id), user_id=user_id
    ) as session:
        rows = session.execute(_months(list(by_id))).all()
        waiting = session.execute(
            select(MonthContest.tenant_id, MonthContest.month, MonthContest.line)
            .where(MonthContest.tenant_id.in_(by_id), MonthContest.answered_at.is_(None))
            .order_by(MonthContest.at)
        ).all()
    found = [
        ClientMonths(
            tenant_id=row.id, slug=row.slug, name=row.name, code=row.code,
            open=_open(agreements_of(row), row.last, row.began, now), last_signed=row.last,
            contests=[(one.month, one.line) for one in waiting
                      if one.tenant_id == row.id and one.line in by_id[row.id].lines],
            obstacle=by_id[row.id].obstacle,
        )
        for row in rows
    ]  # fmt: skip
    found = [
        replace(one, prepared=(row.prepared or {}).get(one.open[0].isoformat()))
        if one.open
        else one
        for one, row in zip(found, rows, strict=True)
    ]
    return sorted(found, key=lambda one: (not (one.open or one.contests), one.name))


def _months(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    last = (
        select(func.max(SlaMonth.month))
        .where(SlaMonth.tenant_id == Tenant.id, SlaMonth.tenant_id.in_(ids))
        .scalar_subquery()
    )
    began = (
        select(func.min(ServiceRequest.raised_at))
        .where(ServiceRequest.tenant_id == Tenant.id, ServiceRequest.tenant_id.in_(ids))
        .scalar_subquery()
    )
    prepared = (
        select(
            func.jsonb_object_agg(
                P.month, func.jsonb_build_object("counted", P.counted, "missed", P.missed)
            )
        )
        .where(P.tenant_id == Tenant.id, P.tenant_id.in_(ids))
        .scalar_subquery()
    )
    return select(
        Tenant.id, Tenant.slug, Tenant.name, Tenant.code, Tenant.country, Tenant.time_zone,
        last.label("last"), began.label("began"), versions_of(ids).label("versions"), prepared.label("prepared"),
    ).where(Tenant.id.in_(ids))  # fmt: skip


def versions_of(ids: Sequence[UUID]) -> ScalarSelect[Any]:
    """Beside a row of clients: all versions of its contract, in the order of their numbers."""
    return (
        select(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object(
                        "number", V.number, "valid_from", V.valid_from, "document", V.document
                    ),
                    V.number,
                )
            )
        )
        .where(V.tenant_id == Tenant.id, V.tenant_id.in_(ids))
        .scalar_subquery()
    )


def agreements_of(row: Any) -> Agreements:
    versions = [
        Version(one["number"], date.fromisoformat(one["valid_from"]), one["document"])
        for one in row.versions or ()
    ]
    return Agreements(row.country, row.time_zone, versions)


def _open(
    agreements: Agreements, last: date | None, began: datetime | None, now: datetime
) -> list[date]:
    month = agreements.next_to_sign(last=last, began=began)
    found, this = [], agreements.month_of(now)
    while month and month < this:
        found.append(month)
        month = next_first(month)
    return found
