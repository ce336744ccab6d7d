from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select

from app.reporting.models import ReportFile, ReportSeal, ServiceReport
from app.service_levels.queries import list_signed
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import StoredFile
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

F, R, S = ReportFile, ServiceReport, ReportSeal


def find_report(*, month: date, for_change: bool = False) -> ServiceReport | None:
    query = select(R).where(R.tenant_id == scoped_tenant_id(), R.month == month)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalar_one_or_none()


def get_report(*, month: date, for_change: bool = False) -> ServiceReport:
    row = find_report(month=month, for_change=for_change)
    if row is None:
        raise NotFound
    return row


def list_reports() -> Sequence[ServiceReport]:
    """Newest first."""
    query = select(R).where(R.tenant_id == scoped_tenant_id()).order_by(R.month.desc())
    return db.session.execute(query).scalars().all()


def list_months_without() -> list[date]:
    """Signed months that have no report, newest first."""
    done = {one.month for one in list_reports()}
    return sorted({one.month for one in list_signed()} - done, reverse=True)


def list_seals(*, report_ids: Sequence[UUID]) -> Sequence[ReportSeal]:
    """Those that hold, one for each report that has one."""
    return (
        db.session.execute(
            select(S)
            .join(
                R,
                and_(R.tenant_id == S.tenant_id, R.id == S.report_id, R.sealed == S.revision),
            )
            .where(S.tenant_id == scoped_tenant_id(), S.report_id.in_(report_ids))
        )
        .scalars()
        .all()
    )


def get_seal(report: ServiceReport) -> ReportSeal:
    found = list_seals(report_ids=[report.id])
    if not found:
        raise NotFound
    return found[0]


def next_revision(report: ServiceReport) -> int:
    """The caller holds the report."""
    revisions = db.session.execute(
        select(S.revision).where(S.tenant_id == scoped_tenant_id(), S.report_id == report.id)
    ).scalars()
    return max(revisions, default=0) + 1


def list_files(*, report_ids: Sequence[UUID]) -> Sequence[tuple[ReportFile, StoredFile]]:
    """Of the seals that hold."""
    rows = db.session.execute(
        select(F, StoredFile)
        .join(StoredFile, and_(StoredFile.tenant_id == F.tenant_id, StoredFile.id == F.file_id))
        .join(R, and_(R.tenant_id == F.tenant_id, R.id == F.report_id, R.sealed == F.revision))
        .where(F.tenant_id == scoped_tenant_id(), F.report_id.in_(report_ids))
        .order_by(F.language, F.kind.desc())
    )
    return [(row[0], row[1]) for row in rows]


def get_report_file(*, report: ServiceReport, language: str, kind: str) -> StoredFile:
    """Without a language in the main one of the company's documents."""
    wanted = language or get_tenant().document_language
    for row, stored in list_files(report_ids=[report.id]):
        if (row.language, row.kind) == (wanted, kind):
            return stored
    raise NotFound
