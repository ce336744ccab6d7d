"""Usage that a contest took back is as proven as the decision that took it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from billing.contests.models import UsageContest
from billing.sources import Source, find_sources, register
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

C = UsageContest


def init_contest_source() -> None:
    register("contest", _find, _proven)


def _find(ids: Sequence[UUID]) -> Mapping[UUID, Source]:
    """As the record that was contested."""
    rows = db.session.execute(
        select(C.id, C.source_type, C.source_id).where(
            C.tenant_id == scoped_tenant_id(), C.id.in_(ids)
        )
    ).all()
    found = find_sources([(row.source_type, row.source_id) for row in rows])
    return {row.id: replace(found[row.source_id], proven=True) for row in rows
            if row.source_id in found}  # fmt: skip


def _proven() -> Select[Any]:
    return select(C.id).where(C.tenant_id == scoped_tenant_id(), C.state == "decided")
