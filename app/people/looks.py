"""What guests opened and took with them, as the audit has it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.documents.models import Document
from app.documents.queries import seen_by
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.core.text import _m
from tenants.models import AuditEvent, StoredFile
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

A, F, R = AuditEvent, StoredFile, ServiceRequest
# With the icon and the words of each.
LOOKS: Mapping[str, tuple[str, str]] = {
    "guests.request.opened": ("eye", _m("Opened the request")),
    "guests.evidence.opened": ("shield-check", _m("Opened the evidence")),
    "guests.file.downloaded": ("download", _m("Downloaded a file")),
    "guests.document.opened": ("file-description", _m("Opened a document")),
    "guests.document.downloaded": ("download", _m("Downloaded a document")),
    "guests.month.opened": ("chart-bar", _m("Opened the service levels")),
    "guests.question.asked": ("message-2", _m("Asked the provider")),
}


@dataclass(frozen=True, slots=True)
class Look:
    """`title` and `file` are empty where the reader doesn't take part in the line."""

    at: datetime
    icon: str
    words: str
    number: int | None
    item: str
    title: str
    file: str
    detail: str
    address: str
    document: int | None
    document_title: str


def list_looks(*, actor: Actor, member_id: UUID, cursor: str | None) -> Page[Look]:
    """Newest first."""
    query = select(A.id, A.at, A.name, A.facts, A.address).where(
        A.tenant_id == scoped_tenant_id(), A.object_id == member_id, A.name.in_(LOOKS)
    )
    if cursor:
        query = query.where(A.id < decode_cursor(cursor, UUID)[0])
    rows = db.session.execute(query.order_by(A.id.desc()).limit(PAGE_SIZE + 1)).all()
    found = page_of(rows, limit=PAGE_SIZE, place=lambda row: (row.id,))
    facts = [json.loads(row.facts) for row in found.items]
    requests = _requests(actor, facts)
    files, documents = _files(facts), _documents(actor, facts)
    return Page(
        [
            _look(row, one, requests, files, documents)
            for row, one in zip(found.items, facts, strict=True)
        ],
        found.next_cursor,
    )


def last_looks(member_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """By guest: when they last opened something."""
    rows = db.session.execute(
        select(A.object_id, func.max(A.at).label("at"))
        .where(A.tenant_id == scoped_tenant_id(), A.object_id.in_(member_ids), A.name.in_(LOOKS))
        .group_by(A.object_id)
    )
    return {row.object_id: row.at for row in rows}


def _look(
    row: Any, facts: Mapping[str, Any], requests: Mapping[int, Any], files: Mapping[str, str],
    documents: Mapping[int, str],
) -> Look:  # fmt: skip
    icon, words = LOOKS[row.name]
    seen = requests.get(facts.get("number", 0))
    title = documents.get(facts.get("document", 0), "")
    return Look(
        at=row.at, icon=icon, words=words, number=facts.get("number"),
        item=seen.item if seen else "", title=seen.title if seen else "",
        file=files.get(str(facts.get("file")), "") if seen or title else "",
        detail=str(facts.get("month", "")), address=row.address, document=facts.get("document"),
        document_title=title,
    )  # fmt: skip


def _requests(actor: Actor, facts: Sequence[Mapping[str, Any]]) -> Mapping[int, Any]:
    """Those whose line the reader takes part in."""
    numbers = {one["number"] for one in facts if "number" in one}
    if not numbers:
        return {}
    rows = db.session.execute(
        select(R.number, R.item, R.title).where(
            R.tenant_id == scoped_tenant_id(), R.number.in_(numbers),
            R.line.in_(actor.visible_lines),
        )
    )  # fmt: skip
    return {row.number: row for row in rows}


def _documents(actor: Actor, facts: Sequence[Mapping[str, Any]]) -> Mapping[int, str]:
    """Titles of those whose line the reader takes part in."""
    numbers = {one["document"] for one in facts if "document" in one}
    if not numbers:
        return {}
    rows = db.session.execute(
        select(Document.number, Document.title).where(*seen_by(actor), Document.number.in_(numbers))
    )
    return {row.number: row.title for row in rows}


def _files(facts: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    ids = [UUID(one["file"]) for one in facts if "file" in one]
    if not ids:
        return {}
    rows = db.session.execute(
        select(F.id, F.name).where(F.tenant_id == scoped_tenant_id(), F.id.in_(ids))
    )
    return {str(row.id): row.name for row in rows}
