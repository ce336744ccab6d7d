"""Which requests and deliverables have a complete chain of evidence, as a question to the database:
the same rule as `evidence.py` without opening the files."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from app.catalogue.memory import gated_versions
from app.service_requests.models import (
    Approval,
    Deliverable,
    RequestMove,
    ServiceRequest,
)
from app.service_requests.queries import HANDED_OVER
from app.timesheets.models import TimeEntry
from billing.models import METERS, UsageEvent
from tenants.models import StoredFile
from tenants.scoping import current_scope

A, D, F, M, R = Approval, Deliverable, StoredFile, RequestMove, ServiceRequest


def proven_requests() -> Select[Any]:
    return select(R.id).where(R.tenant_id == current_scope().tenant_id, _complete())


def proven_deliverables() -> Select[Any]:
    return (
        select(D.id)
        .join(R, and_(R.tenant_id == D.tenant_id, R.id == D.request_id))
        .where(D.tenant_id == current_scope().tenant_id, _complete())
    )


def _complete() -> ColumnElement[bool]:
    return and_(
        R.delivered_at.is_not(None),
        exists().where(M.tenant_id == R.tenant_id, M.request_id == R.id, M.verb.in_(HANDED_OVER)),
        _has_sound_files(),
        or_(tuple_(R.item, R.item_version).not_in(gated_versions()), _approved()),
        _billed("operator_minutes", "request", R.id) == _rounded(_billable_minutes()),
        ~_measured_otherwise(),
    )


def _current(row: Any = D) -> ColumnElement[bool]:
    return and_(row.tenant_id == R.tenant_id, row.request_id == R.id, row.superseded_at.is_(None))


def _has_sound_files() -> ColumnElement[bool]:
    row, file = aliased(D), aliased(F)
    other = exists().where(
        _current(row),
        file.tenant_id == row.tenant_id,
        file.id == row.file_id,
        file.sha256 != row.sha256,
    )
    return and_(exists().where(_current(row)), ~other)


def _approved() -> ColumnElement[bool]:
    return exists().where(
        A.tenant_id == R.tenant_id,
        A.request_id == R.id,
        A.decision == "approved",
        A.sha256 == package_of_request(),
    )


def package_of_request() -> ColumnElement[str]:
    """`package.package_hash` of the current deliverables, computed by the database."""
    row = aliased(D)
    line = func.concat(row.kind, " ", cast(row.version, Integer), " ", row.sha256, "\n")
    # sorted as Python sorts: by code points
    lines = func.aggregate_strings(line, "").aggregate_order_by(line.collate("C"))
    digest = func.encode(func.sha256(func.convert_to(lines, "UTF8")), "hex")
    return select(digest).where(_current(row)).correlate(R).scalar_subquery()


def _billable_minutes() -> ColumnElement[int]:
    """With what was recorded on requests that were merged into it: two sums, an index each."""
    entry, other = TimeEntry, aliased(R)
    minutes = select(func.coalesce(func.sum(entry.minutes), 0)).where(entry.billable)
    own = minutes.where(entry.tenant_id == R.tenant_id, entry.request_id == R.id)
    merged = minutes.join(
        other, and_(other.tenant_id == entry.tenant_id, other.id == entry.request_id)
    ).where(other.tenant_id == R.tenant_id, other.merged_into == R.id)
    return own.correlate(R).scalar_subquery() + merged.correlate(R).scalar_subquery()


def _rounded(minutes: ColumnElement[int]) -> ColumnElement[int]:
    return (minutes + R.time_step - 1) // R.time_step * R.time_step


def _billed(meter: str, source_type: str, source_id: Any) -> ColumnElement[int]:
    record = aliased(UsageEvent)
    return (
        select(func.coalesce(func.sum(record.quantity), 0))
        .where(
            record.tenant_id == R.tenant_id,
            record.meter_key == meter,
            record.source_type == source_type,
            record.source_id == source_id,
        )
        .correlate_except(record)
        .scalar_subquery()
    )


def _measured_otherwise() -> ColumnElement[bool]:
    """A current deliverable whose measures are not what was billed for it."""
    row = aliased(D)
    differs = [
        func.coalesce(cast(row.measures[meter].astext, Integer), 0)
        != _billed(meter, "deliverable", row.id)
        for meter in METERS
    ]
    return exists().where(_current(row), or_(*differs)).correlate(R)
