"""Files that people file by hand. What is here already is not filed a second time without a word:
whoever sends it is told where it lies and decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from app.documents.active_content import holds_scripts
from app.documents.kinds import KINDS
from app.documents.models import Document, DocumentVersion
from app.documents.queries import (
    Held,
    find_by_sha256,
    get_document,
    get_file,
    get_folder,
    get_request_place,
    get_version,
    issued_among,
)
from app.documents.retention import NO_SUCH_DAY, sensible
from app.documents.services.issuing import add_document, add_version
from app.documents.services.rechecking import check_upload
from tenants import files
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.text import _m
from tenants.files import safe_name
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.uploads import EMPTY, MANY, MOST, take_file

SCRIPT = _m(
    "“%(name)s” stays out: it holds a script, or starts a program. Print it as a PDF once more and "
    "send that."
)


class SameBytes(Conflict):
    code = "same_bytes"
    message = _m("This very file is version %(version)s of this document already.")


class IssuedHere(Conflict):
    code = "issued_document"
    message = _m(
        "This document was issued here, and no file that is sent takes its place. File yours as a "
        "document of its own."
    )


@dataclass(frozen=True, slots=True)
class Sent:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Filing:
    """As what files are filed; without a title each has the name of its file."""

    kind: str
    language: str
    title: str = ""
    dated: date | None = None
    folder_id: UUID | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A file that was sent and is here already, and where."""

    name: str
    sha256: str
    places: Sequence[Held]


@dataclass(slots=True)
class Filed:
    versions: list[DocumentVersion] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)


def file_uploads(
    *, sent: Sequence[Sent], filing: Filing, actor: Actor, now: datetime, twice: bool = False
) -> Filed:
    """All of them or, where one is refused, none. Those that are here already are left out and
    named, unless they are wanted `twice`."""
    require_filing(filing, actor=actor)
    if not sent:
        raise Invalid(field_errors={"files": [_m("Please choose a file.")]})
    if len(sent) > MOST:
        raise Invalid(field_errors={"files": [MANY]})
    done, seen = Filed(), set[str]()
    for one in sent:
        digest = sha256(one.content).hexdigest()
        places = [] if twice else find_by_sha256(actor=actor, sha256=digest)
        if places:
            done.known.append(Known(safe_name(one.name), digest, places))
        elif digest not in seen:
            seen.add(digest)
            stored = _take(one, actor, now, "files")
            version = _file(stored, filing, actor, now, alone=len(sent) == 1)
            check_upload(version=version, content=one.content, actor=actor, now=now)
            done.versions.append(version)
    return done


def upload_version(
    *, number: int, sent: Sent | None, reason: str, actor: Actor, now: datetime
) -> DocumentVersion:
    """SameBytes when it is the version that holds; IssuedHere where people put no file."""
    actor.require("document.file")
    document = get_document(actor=actor, number=number, for_change=True)
    actor.require("document.file", document.line)
    _require_filed(document)
    if sent is None:
        raise Invalid(field_errors={"file": [_m("Please choose a file.")]})
    if not reason:
        raise Invalid(field_errors={"reason": [_m("Please fill in this field.")]})
    before = get_version(document=document, number=document.latest)
    if before.sha256 == sha256(sent.content).hexdigest():
        raise SameBytes(version=before.number)
    stored = _take(sent, actor, now, "file")
    version = add_version(
        document=document, stored=stored, origin="uploaded", reason=reason, actor=actor, now=now
    )
    check_upload(version=version, content=sent.content, actor=actor, now=now)
    return version


def keep_again(
    *, number: int, version_number: int, filing: Filing | None, actor: Actor, now: datetime
) -> DocumentVersion:
    """Bytes that are here already, on purpose: as the version of their document that holds from
    here on or, with `filing`, as a document of their own."""
    actor.require("document.file")
    document = get_document(actor=actor, number=number, for_change=True)
    actor.require("document.file", document.line)
    if filing is not None:
        require_filing(filing, actor=actor)
    else:
        _require_filed(document)
    known = get_version(document=document, number=version_number)
    if filing is None and known.number == document.latest:
        raise SameBytes(version=known.number)
    stored = get_file(known)
    copy = files.copy_row(stored, actor=actor)
    if filing is not None:
        version = _file(copy, filing, actor, now, alone=True)
    else:
        version = add_version(
            document=document, stored=copy, origin="uploaded", actor=actor, now=now
        )
    check_upload(version=version, content=files.read(copy), actor=actor, now=now)
    return version


def require_filing(filing: Filing, *, actor: Actor) -> None:
    """Before a file is looked at: the kind's line is one on which this person may file."""
    actor.require("document.file")
    kind = KINDS.get(filing.kind)
    if kind is None:
        raise Invalid(field_errors={"kind": [_m("Choose a kind of document.")]})
    if filing.dated is not None and not sensible(filing.dated):
        raise Invalid(field_errors={"dated": [NO_SUCH_DAY]})
    line = kind.line
    if filing.request_id is not None and not kind.own_line:
        line = get_request_place(request_id=filing.request_id)[1]
    if not actor.can("document.file", line):
        raise Forbidden(
            _m("You don't file documents of this kind: ask somebody of that service line."),
            code="other_line",
        )
    if filing.folder_id is not None:
        get_folder(folder_id=filing.folder_id)


def _require_filed(document: Document) -> None:
    if issued_among([document]):
        raise IssuedHere


def _take(one: Sent, actor: Actor, now: datetime, name: str) -> StoredFile:
    if not one.content:
        raise Invalid(field_errors={name: [EMPTY]})
    if holds_scripts(one.content):
        raise Invalid(SCRIPT, code="unwanted_file", name=safe_name(one.name))
    return take_file(
        name=one.name, content_type=one.content_type, content=one.content, actor=actor, now=now
    )


def _file(
    stored: StoredFile, filing: Filing, actor: Actor, now: datetime, *, alone: bool
) -> DocumentVersion:
    title = (filing.title if alone else "") or PurePath(stored.name).stem
    return add_document(
        kind=filing.kind, title=title, language=filing.language, stored=stored, origin="uploaded",
        request_id=filing.request_id, dated=filing.dated, folder_id=filing.folder_id, actor=actor,
        now=now,
    )  # fmt: skip
