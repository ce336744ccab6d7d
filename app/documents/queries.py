from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, func, or_, select, table, union_all

from app.documents.models import (
    Document,
    DocumentFolder,
    DocumentHold,
    DocumentVersion,
    ValidationSlip,
)
from tenants.core.db import db
from tenants.core.errors import Conflict, NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.core.text import _m
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

D, F, H, S, V = Document, DocumentFolder, DocumentHold, ValidationSlip, DocumentVersion
OTHER_FILE = _m("This file was changed outside Coulisse and can't be trusted.")
# Of the requests, which stand above, no more than this.
REQUESTS = table(
    "requests", column("tenant_id"), column("id"), column("number"), column("line"), column("title")
)


@dataclass(frozen=True, slots=True)
class Held:
    """A version with the document that it belongs to."""

    document: Document
    version: DocumentVersion
    name: str

    @property
    def is_latest(self) -> bool:
        return self.version.number == self.document.latest


def seen_by(actor: Actor) -> Sequence[ColumnElement[bool]]:
    """Of the lines that the reader sees; what was deleted is nobody's."""
    kept = (D.tenant_id == scoped_tenant_id(), D.deleted_at.is_(None))
    return kept if actor.side == "system" else (*kept, D.line.in_(actor.visible_lines))


def get_document(
    *, actor: Actor, number: int | None = None, document_id: UUID | None = None,
    for_change: bool = False,
) -> Document:  # fmt: skip
    """By its number, or by its id; foreign, missing and deleted alike."""
    if number is not None and number >= 2**31:
        raise NotFound
    which = D.number == number if document_id is None else D.id == document_id
    query = select(D).where(*seen_by(actor), which)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row: Document | None = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def get_version(*, document: Document, number: int) -> DocumentVersion:
    if number >= 2**31:
        raise NotFound
    row = db.session.execute(
        select(V).where(
            V.tenant_id == document.tenant_id, V.document_id == document.id, V.number == number
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def get_version_by_id(*, actor: Actor, version_id: UUID) -> Held:
    query = _with_versions(actor).where(V.id == version_id)
    for found in _held(query):
        return found
    raise NotFound


def list_versions(*, document: Document) -> Sequence[Held]:
    """Latest first, with the names of their files."""
    query = (
        select(V, StoredFile.name)
        .outerjoin(
            StoredFile, and_(StoredFile.tenant_id == V.tenant_id, StoredFile.id == V.file_id)
        )
        .where(V.tenant_id == document.tenant_id, V.document_id == document.id)
        .order_by(V.number.desc())
    )
    return [Held(document, row[0], row[1] or "") for row in db.session.execute(query)]


def slip_facts(slip: ValidationSlip) -> dict[str, Any]:
    """For programs, who are told all keys also of slips that were kept before there were so many."""
    return {
        "xml_sha256": "", **slip.content, "at": datetime.fromisoformat(slip.content["at"]),
    }  # fmt: skip


def is_deleted(*, document_id: UUID | None = None, version_id: UUID | None = None) -> bool:
    """Of what was issued once; whoever makes it again begins a new document."""
    which = D.id == document_id
    if version_id is not None:
        version = (V.tenant_id == D.tenant_id, V.document_id == D.id, V.id == version_id)
        which = select(V.id).where(*version).exists()
    query = select(D.id).where(D.tenant_id == scoped_tenant_id(), D.deleted_at.is_not(None), which)
    return db.session.execute(query).first() is not None


def list_hashes(*, document_ids: Sequence[UUID]) -> Mapping[str, UUID]:
    """The document of each hash; also of those that were deleted."""
    query = select(V.sha256, V.document_id).where(
        V.tenant_id == scoped_tenant_id(), V.document_id.in_(document_ids)
    )
    return {row.sha256: row.document_id for row in db.session.execute(query)}


def issued_among(documents: Sequence[Document]) -> set[UUID]:
    """Those that were made here, by a module or of one of its objects: what people filed has none."""
    found = db.session.scalars(
        select(V.document_id).where(
            V.tenant_id == scoped_tenant_id(), V.origin == "issued",
            V.document_id.in_([one.id for one in documents]),
        )
    )  # fmt: skip
    return {one.id for one in documents if one.about_type} | set(found)


def get_file(version: DocumentVersion) -> StoredFile:
    """Conflict when it isn't the one that was issued."""
    row = db.session.execute(
        select(StoredFile).where(
            StoredFile.tenant_id == version.tenant_id, StoredFile.id == version.file_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    if row.sha256 != version.sha256:
        raise Conflict(OTHER_FILE, code="broken_file")
    return row


def find_by_sha256(*, actor: Actor, sha256: str) -> Sequence[Held]:
    """The versions of this company that are these very bytes, of what the reader sees; latest
    first."""
    return _held(_with_versions(actor).where(V.sha256 == sha256).order_by(V.id.desc()).limit(5))


def list_of_request(*, actor: Actor, request_id: UUID) -> Sequence[Held]:
    """The versions that hold, newest document first."""
    query = _with_versions(actor).where(D.request_id == request_id, V.number == D.latest)
    return _held(query.order_by(D.id.desc()).limit(100))


def list_about(*, actor: Actor, about_type: str, about_id: UUID) -> Sequence[Held]:
    """All versions of the documents that were made of this object, latest first."""
    query = _with_versions(actor).where(D.about_type == about_type, D.about_id == about_id)
    return _held(query.order_by(V.id.desc()).limit(100))


def find_made_of(*, about_type: str, about_ids: Sequence[UUID]) -> Document | None:
    """The document that was made of one of these objects, held until the transaction ends."""
    found: Document | None = db.session.execute(
        select(D)
        .where(
            D.tenant_id == scoped_tenant_id(), D.deleted_at.is_(None), D.about_type == about_type,
            D.about_id.in_(about_ids),
        )
        .order_by(D.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()  # fmt: skip
    return found


def is_filed(*, sha256: str, line: str, request_id: UUID) -> bool:
    """Whether these very bytes hold as a document of this request, or as one of its line that
    belongs to no request."""
    query = (
        select(D.id)
        .join(V, and_(V.tenant_id == D.tenant_id, V.document_id == D.id, V.number == D.latest))
        .where(
            D.tenant_id == scoped_tenant_id(), D.deleted_at.is_(None), V.sha256 == sha256,
            or_(D.request_id == request_id, and_(D.line == line, D.request_id.is_(None))),
        )
        .limit(1)
    )  # fmt: skip
    return db.session.execute(query).first() is not None


def list_outcomes(*, about_type: str) -> Sequence[Any]:
    """Of the versions that hold of what was made of objects of this type: the object, when it was
    issued, what its checks said ('' without one), whether people deleted it."""
    outcome = func.coalesce(S.outcome, "").label("outcome")
    query = (
        select(D.about_id, V.issued_at, outcome, D.deleted_at.is_not(None).label("deleted"))
        .join(V, and_(V.tenant_id == D.tenant_id, V.document_id == D.id, V.number == D.latest))
        .outerjoin(S, and_(S.tenant_id == V.tenant_id, S.version_id == V.id))
        .where(D.tenant_id == scoped_tenant_id(), D.about_type == about_type)
    )
    return db.session.execute(query).all()


def list_slips(*, version_ids: Sequence[UUID]) -> Sequence[ValidationSlip]:
    """Latest first."""
    query = select(S).where(S.tenant_id == scoped_tenant_id(), S.version_id.in_(version_ids))
    return db.session.execute(query.order_by(S.at.desc(), S.id.desc())).scalars().all()


def find_slip(*, version_id: UUID) -> ValidationSlip | None:
    """The latest one."""
    return next(iter(list_slips(version_ids=[version_id])), None)


def list_holds(*, document: Document) -> Sequence[DocumentHold]:
    """Latest first; those that were lifted too."""
    query = select(H).where(H.tenant_id == document.tenant_id, H.document_id == document.id)
    return db.session.execute(query.order_by(H.placed_at.desc(), H.id.desc())).scalars().all()


def find_folder(*, code: str) -> DocumentFolder | None:
    return db.session.execute(
        select(F).where(F.tenant_id == scoped_tenant_id(), F.code == code)
    ).scalar_one_or_none()


def list_folders() -> Sequence[DocumentFolder]:
    query = select(F).where(F.tenant_id == scoped_tenant_id())
    return db.session.execute(query.order_by(F.level, F.position, F.name, F.id)).scalars().all()


def get_request_place(*, request_id: UUID) -> tuple[int, str, str]:
    """Number, line and title of the request that a document belongs to."""
    row = db.session.execute(
        select(REQUESTS.c.number, REQUESTS.c.line, REQUESTS.c.title).where(
            REQUESTS.c.tenant_id == scoped_tenant_id(), REQUESTS.c.id == request_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.number, row.line, row.title


def _with_versions(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(D, V, StoredFile.name)
        .join(V, and_(V.tenant_id == D.tenant_id, V.document_id == D.id))
        .join(StoredFile, and_(StoredFile.tenant_id == V.tenant_id, StoredFile.id == V.file_id))
        .where(*seen_by(actor))
    )


def _held(query: Select[*tuple[Any, ...]]) -> Sequence[Held]:
    return [Held(row[0], row[1], row[2]) for row in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list shows; `folders` are a folder with all below it."""

    words: str = ""
    kind: str = ""
    language: str = ""
    line: str = ""
    folders: tuple[UUID, ...] = ()
    request_id: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: the document with what holds of it."""

    document: Document
    name: str
    size: int
    sha256: str
    outcome: str | None


def list_documents(
    *, actor: Actor, filters: Filters | None = None, cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Listed]:  # fmt: skip
    """What was filed last first, in one statement."""
    outcome = (
        select(S.outcome)
        .where(S.tenant_id == V.tenant_id, S.version_id == V.id)
        .order_by(S.at.desc(), S.id.desc())
        .limit(1)
        .correlate(V)
        .scalar_subquery()
    )
    query = _with_versions(actor).where(V.number == D.latest).add_columns(V.size, V.sha256, outcome)
    query = _filtered(query, filters or Filters())
    if cursor:
        query = query.where(D.id < decode_cursor(cursor, UUID)[0])
    rows = db.session.execute(query.order_by(D.id.desc()).limit(limit + 1)).all()
    found = [Listed(row[0], row[2], row[3], row[4], row[5]) for row in rows]
    return page_of(found, limit=limit, place=lambda one: (one.document.id,))


def count_by_folder(*, actor: Actor) -> Mapping[UUID, int]:
    """Of what the reader sees; empty folders are left out."""
    query = select(D.folder_id, func.count()).where(*seen_by(actor)).group_by(D.folder_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _filtered(query: Select[*tuple[Any, ...]], filters: Filters) -> Select[*tuple[Any, ...]]:
    words = filters.words.strip()
    if words.lstrip("#").isdecimal():
        query = query.where(D.number == min(int(words.lstrip("#")), 2**31 - 1))
    else:
        for word in words.split()[:8]:
            query = query.where(
                or_(
                    D.title.icontains(word, autoescape=True),
                    StoredFile.name.icontains(word, autoescape=True),
                )
            )
    same = ((D.kind, filters.kind), (D.language, filters.language), (D.line, filters.line))
    query = query.where(*(place == value for place, value in same if value))
    if filters.folders:
        query = query.where(D.folder_id.in_(filters.folders))
    if filters.request_id:
        query = query.where(D.request_id == filters.request_id)
    if filters.since:
        query = query.where(D.dated >= filters.since)
    if filters.until:
        query = query.where(D.dated <= filters.until)
    return query


def get_folder(*, folder_id: UUID, for_change: bool = False) -> DocumentFolder:
    query = select(F).where(F.tenant_id == scoped_tenant_id(), F.id == folder_id)
    row = db.session.execute(query.with_for_update() if for_change else query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def is_used(*, folder_id: UUID) -> bool:
    """Whether a document or a folder lies in it, whoever sees it."""
    within = select(D.id).where(D.tenant_id == scoped_tenant_id(), D.folder_id == folder_id)
    below = select(F.id).where(F.tenant_id == scoped_tenant_id(), F.parent_id == folder_id)
    return db.session.execute(union_all(within, below).limit(1)).first() is not None


def get_hold(*, document: Document, hold_id: UUID) -> DocumentHold:
    row = db.session.execute(
        select(H).where(
            H.tenant_id == document.tenant_id, H.document_id == document.id, H.id == hold_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def get_own_request(*, actor: Actor, number: int) -> UUID:
    """The id of a request that the reader sees."""
    if number >= 2**31:
        raise NotFound
    row = db.session.execute(
        select(REQUESTS.c.id).where(
            REQUESTS.c.tenant_id == scoped_tenant_id(), REQUESTS.c.number == number,
            REQUESTS.c.line.in_(actor.visible_lines),
        )
    ).scalar_one_or_none()  # fmt: skip
    if row is None:
        raise NotFound
    found: UUID = row
    return found
