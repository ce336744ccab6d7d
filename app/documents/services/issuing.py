"""A file becomes a document, or the next version of one. Who may is asked by the caller's own
screen; what is seen of it afterwards follows from its line."""

import hashlib
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.documents import retention as periods
from app.documents.kinds import KINDS, Kind, line_of
from app.documents.models import Document, DocumentVersion
from app.documents.queries import get_document, get_request_place, get_version
from app.documents.retention_queries import list_own
from app.documents.services.filing import folder_of_kind
from app.documents.services.slips import SlipLike, attach_slip
from app.documents.titles import clean_title
from app.webhooks.catalogue import Event
from app.webhooks.services.publishing import publish
from tenants import audit, files
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.models import StoredFile
from tenants.numbers import next_number
from tenants.permissions import Actor
from tenants.queries import get_tenant


def issue_document(
    *, kind: str, title: str, language: str, content: bytes, name: str, media_type: str,
    request_id: UUID | None = None, about_type: str = "", about_id: UUID | None = None,
    retention: str | None = None, slip: SlipLike | None = None, actor: Actor, now: datetime,
    line: str | None = None, dated: date | None = None, code: str = "",
) -> DocumentVersion:  # fmt: skip
    """A new document with its first version. `kind` is one of `app.documents.kinds.KINDS`,
    `retention` a class other than the kind's, `code` what stands on it for the verify page."""
    stored = files.save(name=name, content_type=media_type, content=content, actor=actor, now=now)
    return add_document(
        kind=kind, title=title, language=language, stored=stored, origin="issued",
        request_id=request_id, about_type=about_type, about_id=about_id, retention=retention,
        slip=slip, actor=actor, now=now, line=line, dated=dated, code=code,
    )  # fmt: skip


def issue_version(
    *, document_id: UUID, content: bytes, name: str, media_type: str, actor: Actor, now: datetime,
    language: str | None = None, title: str | None = None, reason: str = "", code: str = "",
    slip: SlipLike | None = None,
) -> DocumentVersion:  # fmt: skip
    """The version that holds from here on; those before stay readable. The same bytes once more
    are no new version: the one that is there is answered, with the slip beside it."""
    document = get_document(actor=actor, document_id=document_id, for_change=True)
    before = get_version(document=document, number=document.latest)
    if before.sha256 == hashlib.sha256(content).hexdigest():
        if slip is not None:
            attach_slip(version=before, slip=slip, actor=actor, now=now)
        return before
    stored = files.save(name=name, content_type=media_type, content=content, actor=actor, now=now)
    return add_version(
        document=document, stored=stored, origin="issued", language=language, title=title,
        reason=reason, code=code, slip=slip, actor=actor, now=now,
    )  # fmt: skip


def add_document(
    *, kind: str, title: str, language: str, stored: StoredFile, origin: str, actor: Actor,
    now: datetime, request_id: UUID | None = None, about_type: str = "",
    about_id: UUID | None = None, retention: str | None = None, slip: SlipLike | None = None,
    line: str | None = None, dated: date | None = None, code: str = "",
    folder_id: UUID | None = None,
) -> DocumentVersion:  # fmt: skip
    """Of a file that is stored already and belongs to nothing else."""
    sort = KINDS[kind]
    company = get_tenant()
    today = now.astimezone(ZoneInfo(company.time_zone)).date()
    name, day = retention or sort.retention, dated or today
    assert name in periods.CLASSES, name
    document = Document(
        id=uuid7(), number=0, kind=kind, title=clean_title(title) or stored.name,
        language=language, line=_line(sort, request_id, line), about_type=about_type,
        folder_id=folder_id or folder_of_kind(kind), request_id=request_id, about_id=about_id,
        dated=day, retention_class=name, latest=1, created_at=now, counts_from=day,
        **_until(name, company.country, day, today),
    )  # fmt: skip
    # Last, since everybody else who files something waits for it.
    document.number = next_number("document")
    db.session.add(document)
    db.session.flush()
    audit.record(
        "documents.document.filed", actor=actor, now=now, object_type="document",
        object_id=document.id, number=document.number, kind=kind, line=document.line,
    )  # fmt: skip
    return _add(document, stored, origin, actor, now, language, "", code, slip)


def add_version(
    *, document: Document, stored: StoredFile, origin: str, actor: Actor, now: datetime,
    language: str | None = None, title: str | None = None, reason: str = "", code: str = "",
    slip: SlipLike | None = None,
) -> DocumentVersion:  # fmt: skip
    """The caller holds the document. The period counts from the version that came last."""
    document.latest += 1
    document.title = clean_title(title or "") or document.title
    company = get_tenant()
    today = now.astimezone(ZoneInfo(company.time_zone)).date()
    document.counts_from = max(document.counts_from, today)
    for which, day in _until(document.retention_class, company.country, today, today).items():
        setattr(document, which, max(filter(None, (getattr(document, which), day)), default=None))
    return _add(
        document, stored, origin, actor, now, language or document.language, reason, code, slip
    )


def _add(
    document: Document, stored: StoredFile, origin: str, actor: Actor, now: datetime,
    language: str, reason: str, code: str, slip: SlipLike | None,
) -> DocumentVersion:  # fmt: skip
    version = DocumentVersion(
        id=uuid7(), document_id=document.id, number=document.latest, sha256=stored.sha256,
        size=stored.size, media_type=stored.content_type, language=language, origin=origin,
        file_id=stored.id, code=code, reason=clean_title(reason), issued_at=now,
        issued_by=actor.user_id, issued_by_name=actor.name, issued_side=actor.side,
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    audit.record(
        "documents.version.issued", actor=actor, now=now, object_type="document",
        object_id=document.id, number=version.number, sha256=version.sha256, origin=origin,
    )  # fmt: skip
    if slip is not None:
        attach_slip(version=version, slip=slip, actor=actor, now=now)
    publish([_told(document, version)], at=now)
    return version


def _told(document: Document, version: DocumentVersion) -> Event:
    """A company's own programs hear numbers and kinds, never titles."""
    kind = "document.issued" if version.number == 1 else "document.superseded"
    return Event(
        kind, key=str(version.id), line=document.line,
        data={
            "document": document.number, "version": version.number, "kind": document.kind,
            "line": document.line, "origin": version.origin, "sha256": version.sha256,
            "url": f"/api/v1/documents/{document.number}",
        },
    )  # fmt: skip


def _until(name: str, country: str, counts_from: date, today: date) -> dict[str, date | None]:
    by_law = periods.last_day(counts_from, periods.years_on(name, country, today))
    own = periods.years_on(name, country, today, list_own())
    return {"lawful_until": by_law, "keep_until": periods.last_day(counts_from, own)}


def _line(kind: Kind, request_id: UUID | None, line: str | None) -> str:
    of_request = get_request_place(request_id=request_id)[1] if request_id else None
    return line_of(kind, request_line=of_request, line=line)
