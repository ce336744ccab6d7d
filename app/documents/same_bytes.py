"""Where the bytes of a document lie besides: what goes with it, and what holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, column, select, table, union

from app.documents.models import Document, DocumentVersion
from app.documents.queries import REQUESTS
from tenants.core.db import db
from tenants.models import StoredFile
from tenants.scoping import scoped_tenant_id

D, F, V = Document, StoredFile, DocumentVersion
# Of a request's results and of what was sent to it, which stand above, no more than this.
_OF_REQUESTS = [
    table(name, column("tenant_id"), column("file_id"), column("request_id"))
    for name in ("deliverables", "request_files")
]


@dataclass(frozen=True, slots=True)
class Holder:
    """Another document or another request that has the same file; neither is named when it lies in a
    place of another kind."""

    document: int | None = None
    request: int | None = None
    line: str = ""
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Copies:
    """`going` are files of the document's own request: they go with it."""

    hashes: frozenset[str]
    going: Sequence[UUID]
    holders: Sequence[Holder]


def find_copies(*, documents: Sequence[Document]) -> Mapping[UUID, Copies]:
    own: dict[UUID, set[str]] = {one.id: set() for one in documents}
    versions = db.session.execute(
        select(V.document_id, V.sha256).where(
            V.tenant_id == scoped_tenant_id(), V.document_id.in_(list(own))
        )
    )
    for row in versions:
        own[row.document_id].add(row.sha256)
    rows = _list_files(sorted(set().union(*own.values())))
    return {
        one.id: _copies(one, frozenset(own[one.id]), [row for row in rows if row.sha256 in own[one.id]])
        for one in documents
    }  # fmt: skip


def going_of(found: Mapping[UUID, Copies]) -> Mapping[UUID, Copies]:
    """Those that nothing holds which stays: documents with the same file go together."""
    going = dict(found)
    while held := [
        which for which, one in going.items()
        if any(holder.document_id not in going for holder in one.holders)
    ]:  # fmt: skip
        for which in held:
            del going[which]
    return going


def _copies(document: Document, hashes: frozenset[str], rows: Sequence[Row[Any]]) -> Copies:
    going, holders = [], []
    for row in rows:
        if row.document_id == document.id:
            continue
        if row.document_id is not None:
            holders.append(
                Holder(document=row.document, line=row.document_line, document_id=row.document_id)
            )
        elif row.request_id is None:
            holders.append(Holder())
        elif row.request_id == document.request_id:
            going.append(row.id)
        else:
            holders.append(Holder(request=row.request, line=row.request_line))
    return Copies(hashes, going, list(dict.fromkeys(holders)))


def _list_files(hashes: Sequence[str]) -> Sequence[Row[Any]]:
    used = union(*(select(one) for one in _OF_REQUESTS)).subquery()
    return db.session.execute(
        select(
            F.id, F.sha256, D.id.label("document_id"), D.number.label("document"),
            D.line.label("document_line"), used.c.request_id,
            REQUESTS.c.number.label("request"), REQUESTS.c.line.label("request_line"),
        )
        .outerjoin(V, and_(V.tenant_id == F.tenant_id, V.file_id == F.id))
        .outerjoin(D, and_(D.tenant_id == V.tenant_id, D.id == V.document_id))
        .outerjoin(used, and_(used.c.tenant_id == F.tenant_id, used.c.file_id == F.id))
        .outerjoin(
            REQUESTS,
            and_(REQUESTS.c.tenant_id == used.c.tenant_id, REQUESTS.c.id == used.c.request_id),
        )
        .where(
            F.tenant_id == scoped_tenant_id(), F.sha256.in_(hashes), F.certificate.is_(None)
        )
        .order_by(D.number, REQUESTS.c.number, F.id)
    ).all()  # fmt: skip
