"""Writing letters for a request, and issuing them: printed, sealed, filed and attached as its
result, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.administration.letters.composing import compose
from app.administration.letters.models import DISCARDED, DRAFT, ISSUED, Letter
from app.administration.letters.places import place_of
from app.administration.letters.queries import get_letter
from app.documents.models import DocumentVersion
from app.documents.queries import is_deleted
from app.documents.sealing.services import seal
from app.documents.services.issuing import issue_document, issue_version
from app.documents.templating.built_in import built_in
from app.documents.templating.queries import get_template, get_version
from app.documents.templating.services import WordingRefused
from app.documents.verifying.codes import new_code, shown
from app.service_requests.models import ServiceRequest
from app.service_requests.services.work import upload_deliverable
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

# What people write of it.
TEXT = ("subject", "body", "closing", "field_values", "table_text")
DOCUMENT_KINDS = {"letter": "letter", "list": "list", "cover": "other"}


class LetterChanged(Conflict):
    code = "letter_changed"
    message = _m(
        "Somebody else changed this letter since you opened it. Look at what it says now, then save "
        "again; your text is kept."
    )


class LetterIssued(Conflict):
    code = "letter_issued"
    message = _m("This letter is issued. Begin a corrected version to change it.")


def begin_letter(
    *,
    request: ServiceRequest,
    kind: str,
    language: str,
    template_id: UUID | None,
    values: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> Letter:
    """With the words of the template, or of the one that everybody has."""
    actor.require("request.work", request.line)
    template = get_template(template_id=template_id) if template_id else None
    said = get_version(template=template) if template else built_in(kind, language)
    letter = Letter(
        id=uuid7(), request_id=request.id, kind=template.kind if template else kind,
        language=template.language if template else language, state=DRAFT,
        template_id=template.id if template else None,
        template_version=template.version if template else None, subject=said.subject,
        body=said.body, closing=said.closing, field_values=dict(values), table_text="", version=1,
        written_at=now, written_by_name=actor.name,
    )  # fmt: skip
    db.session.add(letter)
    db.session.flush()
    _record("begun", letter, actor, now)
    return letter


def write_letter(
    *,
    request: ServiceRequest,
    letter_id: UUID,
    subject: str,
    body: str,
    closing: str,
    table: str,
    values: Mapping[str, str],
    expected_version: int,
    actor: Actor,
    now: datetime,
) -> Letter:
    """A draft may have gaps; it is looked at as a whole when it is issued."""
    letter = _held(request, letter_id, expected_version, actor)
    letter.subject, letter.body, letter.closing = subject, body, closing
    letter.table_text, letter.field_values = table, dict(values)
    _touch(letter, actor, now)
    return letter


def issue_letter(
    *,
    request: ServiceRequest,
    letter_id: UUID,
    expected_version: int,
    verify_address: str,
    actor: Actor,
    now: datetime,
) -> DocumentVersion:
    """Refused with every gap and character that can't be printed; else it is out as it stands. A
    corrected one takes the place of the one before."""
    letter = _held(request, letter_id, expected_version, actor)
    code = new_code()
    made = compose(
        letter=letter, request=request, now=now, code=shown(code), verify_address=verify_address
    )
    if made.problems:
        raise WordingRefused(made.problems)
    content = seal(made.sheet.pdf(), now=now)
    title = str(made.sheet.content["subject"])
    # Two letters of one request are issued one after the other: each finds a place of its own.
    db.session.refresh(request, with_for_update=True)
    place = place_of(letter, request)
    name = place.name
    if letter.document_id is None or is_deleted(document_id=letter.document_id):
        version = issue_document(
            kind=DOCUMENT_KINDS[letter.kind], title=title, language=letter.language,
            content=content, name=name, media_type="application/pdf", request_id=request.id,
            about_type="letter", about_id=letter.id, actor=actor, now=now, code=code,
        )  # fmt: skip
    else:
        version = issue_version(
            document_id=letter.document_id, content=content, name=name, title=title,
            media_type="application/pdf", actor=actor, now=now, code=code,
        )  # fmt: skip
    upload_deliverable(
        request=request, actor=actor, now=now, name=name, content_type="application/pdf",
        content=content, title=title, kind=place.kind,
    )  # fmt: skip
    letter.state, letter.document_id = ISSUED, version.document_id
    letter.issued = {name: getattr(letter, name) for name in TEXT}
    _touch(letter, actor, now)
    _record("issued", letter, actor, now, sha256=version.sha256, number=version.number)
    return version


def correct_letter(
    *, request: ServiceRequest, letter_id: UUID, actor: Actor, now: datetime
) -> Letter:
    """What was issued stays as it is until the corrected one is issued too."""
    actor.require("request.work", request.line)
    letter = get_letter(request_id=request.id, letter_id=letter_id, for_change=True)
    letter.state = DRAFT
    _touch(letter, actor, now)
    _record("reopened", letter, actor, now)
    return letter


def discard_letter(
    *, request: ServiceRequest, letter_id: UUID, expected_version: int, actor: Actor, now: datetime
) -> None:
    """A draft; of one that was issued before, what was issued stands again."""
    letter = _held(request, letter_id, expected_version, actor)
    for name, value in (letter.issued or {}).items():
        setattr(letter, name, value)
    letter.state = ISSUED if letter.document_id else DISCARDED
    _touch(letter, actor, now)
    _record("discarded", letter, actor, now)


def _held(request: ServiceRequest, letter_id: UUID, version: int, actor: Actor) -> Letter:
    actor.require("request.work", request.line)
    letter = get_letter(request_id=request.id, letter_id=letter_id, for_change=True)
    if letter.version != version:
        raise LetterChanged
    if letter.state != DRAFT:
        raise LetterIssued
    return letter


def _touch(letter: Letter, actor: Actor, now: datetime) -> None:
    letter.version += 1
    letter.written_at, letter.written_by_name = now, actor.name
    db.session.flush()


def _record(what: str, letter: Letter, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"administration.letter.{what}", actor=actor, now=now, object_type="letter",
        object_id=letter.id, version=letter.version, **facts,
    )  # fmt: skip
