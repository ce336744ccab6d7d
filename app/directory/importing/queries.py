from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.directory.importing.models import PartyImport, PartyImportRow
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of, small_int
from tenants.scoping import scoped_tenant_id


def get_import(*, import_id: UUID, lock: bool = False) -> PartyImport:
    return _one(PartyImport.id == import_id, lock)


def get_import_by_number(*, number: int, lock: bool = False) -> PartyImport:
    return _one(PartyImport.number == number, lock)


def _one(condition: Any, lock: bool) -> PartyImport:
    query = select(PartyImport).where(PartyImport.tenant_id == scoped_tenant_id(), condition)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def find_taken_file(*, sha256: str, besides: UUID) -> PartyImport | None:
    """An earlier import of the very same file that stands."""
    return db.session.scalars(
        select(PartyImport)
        .where(
            PartyImport.tenant_id == scoped_tenant_id(),
            PartyImport.sha256 == sha256,
            PartyImport.state == "taken",
            PartyImport.id != besides,
        )
        .limit(1)
    ).first()


def list_imports(*, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[PartyImport]:
    """Newest first."""
    query = (
        select(PartyImport)
        .where(PartyImport.tenant_id == scoped_tenant_id())
        .order_by(PartyImport.number.desc())
        .limit(limit + 1)
    )
    if cursor:
        [last] = decode_cursor(cursor, small_int)
        query = query.where(PartyImport.number < last)
    rows = db.session.scalars(query).all()
    return page_of(rows, limit=limit, place=lambda row: (row.number,))


def list_rows(
    *,
    import_id: UUID,
    outcome: str = "",
    kept: bool = False,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[PartyImportRow]:
    """In the order of the file; `kept` are those that an undo left."""
    query = (
        select(PartyImportRow)
        .where(
            PartyImportRow.tenant_id == scoped_tenant_id(), PartyImportRow.import_id == import_id
        )
        .order_by(PartyImportRow.line)
        .limit(limit + 1)
    )
    if outcome:
        query = query.where(PartyImportRow.outcome == outcome)
    if kept:
        query = query.where(PartyImportRow.undo.in_(("changed_since", "in_use", "gone")))
    if cursor:
        [last] = decode_cursor(cursor, small_int)
        query = query.where(PartyImportRow.line > last)
    rows = db.session.scalars(query).all()
    return page_of(rows, limit=limit, place=lambda row: (row.line,))


def list_rejected(*, import_id: UUID) -> Sequence[PartyImportRow]:
    return db.session.scalars(
        select(PartyImportRow)
        .where(
            PartyImportRow.tenant_id == scoped_tenant_id(),
            PartyImportRow.import_id == import_id,
            PartyImportRow.outcome == "rejected",
        )
        .order_by(PartyImportRow.line)
    ).all()


def rows_by_line(*, import_id: UUID, lines: Sequence[int]) -> dict[int, PartyImportRow]:
    found = db.session.scalars(
        select(PartyImportRow).where(
            PartyImportRow.tenant_id == scoped_tenant_id(),
            PartyImportRow.import_id == import_id,
            PartyImportRow.line.in_(lines),
        )
    )
    return {row.line: row for row in found}


def outcomes_before(*, import_id: UUID, line: int) -> dict[int, tuple[str, UUID | None]]:
    """By line, with the entry that it meant."""
    rows = db.session.execute(
        select(PartyImportRow.line, PartyImportRow.outcome, PartyImportRow.party_id).where(
            PartyImportRow.tenant_id == scoped_tenant_id(),
            PartyImportRow.import_id == import_id,
            PartyImportRow.line <= line,
        )
    )
    return {row.line: (row.outcome, row.party_id) for row in rows}


def list_taken(*, import_id: UUID, before: int, limit: int) -> Sequence[PartyImportRow]:
    """What was written, from the end of the file."""
    return db.session.scalars(
        select(PartyImportRow)
        .where(
            PartyImportRow.tenant_id == scoped_tenant_id(),
            PartyImportRow.import_id == import_id,
            PartyImportRow.taken,
            PartyImportRow.outcome.in_(("new", "changed")),
            PartyImportRow.undo == "",
            PartyImportRow.line < before,
        )
        .order_by(PartyImportRow.line.desc())
        .limit(limit)
    ).all()


def count_outcomes(*, import_id: UUID) -> dict[str, int]:
    rows = db.session.execute(
        select(PartyImportRow.outcome, func.count())
        .where(
            PartyImportRow.tenant_id == scoped_tenant_id(), PartyImportRow.import_id == import_id
        )
        .group_by(PartyImportRow.outcome)
    )
    return {outcome: count for outcome, count in rows}


def count_undone(*, import_id: UUID) -> tuple[int, int]:
    """Taken back, and left."""
    row = db.session.execute(
        select(
            func.count().filter(PartyImportRow.undo == "undone").label("undone"),
            func.count().filter(PartyImportRow.undo.not_in(("", "undone"))).label("kept"),
        ).where(
            PartyImportRow.tenant_id == scoped_tenant_id(), PartyImportRow.import_id == import_id
        )
    ).one()
    return row.undone, row.kept
