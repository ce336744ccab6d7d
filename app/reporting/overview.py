"""Where the reports stand, over all clients that a supervisor's grants open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.reporting.due import to_prepare
from app.reporting.models import ServiceReport
from app.reporting.words import step_of
from app.service_levels.models import SlaMonth
from app.service_levels.rounds import Place
from tenants import scoping
from tenants.models import Tenant

JOB = "reporting.prepare"


@dataclass(frozen=True, slots=True)
class ClientReports:
    """`missing` are signed months that the job would prepare; `begun` are reports that are not with
    the client yet, the oldest first, each with its step; `last` is the newest that is."""

    slug: str
    name: str
    code: str
    missing: Sequence[date]
    begun: Sequence[tuple[date, str]]
    last: tuple[date, str] | None
    obstacle: str = ""

    @property
    def to_do(self) -> bool:
        return bool(self.missing or self.begun)


def read_overview(*, places: Iterable[Place], user_id: UUID) -> list[ClientReports]:
    """Those with something to do come first. Ends the scope it is called in."""
    by_id = {one.tenant_id: one for one in places}
    if not by_id:
        return []
    scoping.leave()
    with scoping.across_tenants(
        reason="service reports", tenant_ids=sorted(by_id), user_id=user_id
    ) as session:
        clients = session.execute(
            select(Tenant.id, Tenant.slug, Tenant.name, Tenant.code).where(Tenant.id.in_(by_id))
        ).all()
        signed = session.execute(
            select(SlaMonth.tenant_id, SlaMonth.month)
            .where(SlaMonth.tenant_id.in_(by_id))
            .distinct()
        ).all()
        reports = session.execute(
            select(
                ServiceReport.tenant_id, ServiceReport.month, ServiceReport.state,
                ServiceReport.written_at,
            )
            .where(ServiceReport.tenant_id.in_(by_id))
            .order_by(ServiceReport.month)
        ).all()  # fmt: skip
    found = [
        _client(
            row, [one.month for one in signed if one.tenant_id == row.id],
            {one.month: one for one in reports if one.tenant_id == row.id},
            by_id[row.id].obstacle,
        )
        for row in clients
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.to_do, one.name))


def _client(
    row: Any, signed: Sequence[date], reports: Mapping[date, Any], obstacle: str
) -> ClientReports:
    steps = [(month, step_of(one)) for month, one in reports.items()]
    out = [one for one in steps if one[1] in ("sent", "acknowledged")]
    return ClientReports(
        slug=row.slug, name=row.name, code=row.code, obstacle=obstacle,
        missing=to_prepare(signed, list(reports)),
        begun=[one for one in steps if one not in out], last=out[-1] if out else None,
    )  # fmt: skip
