from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from billing.adjustments.models import UsageAdjustment
from billing.sources import Source, find_sources, register
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

A = UsageAdjustment
SOURCE = "usage_adjustment"


def sum_adjusted(*, meter: str, start: datetime) -> int:
    """Of the month that begins then."""
    total = db.session.execute(
        select(func.coalesce(func.sum(A.quantity), 0)).where(
            A.tenant_id == scoped_tenant_id(), A.meter_key == meter, A.period_start == start
        )
    ).scalar_one()
    return int(total)


def init_adjustment_sources() -> None:
    register(SOURCE, _find, _all)


def _find(ids: Sequence[UUID]) -> Mapping[UUID, Source]:
    """What the usage was for."""
    rows = db.session.execute(
        select(A.id, A.source_type, A.source_id).where(
            A.tenant_id == scoped_tenant_id(), A.id.in_(ids)
        )
    ).all()
    found = find_sources([(row.source_type, row.source_id) for row in rows])
    return {row.id: found[row.source_id] for row in rows if row.source_id in found}


def _all() -> Select[Any]:
    return select(A.id).where(A.tenant_id == scoped_tenant_id())
