"""Lists of documents that the client is asked for, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.contracts.queries import get_terms
from app.service_requests import announcing, telling
from app.service_requests.documents import formats
from app.service_requests.documents.models import DocumentLine
from app.service_requests.documents.queries import find_open_line
from app.service_requests.models import ServiceRequest
from app.service_requests.services.conversation import go_on, take_turn, wait_for_client
from app.service_requests.services.intake import Upload, attach, begin_when_complete
from app.service_requests.services.moves import RequestMoveRefused, check_version, touch
from app.service_requests.sla import inputs, ledger
from app.service_requests.transitions import STATES
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.uploads import take_file

MOST_LINES = 40


class LineClosed(Conflict):
    code = "line_closed"
    message = _m("This document was answered or withdrawn already. Look at what is new.")


class LineUndecided(Conflict):
    code = "line_undecided"
    message = _m("Nothing came for this document yet, or it was accepted already.")


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    why: str = ""
    format: str = "any"
    due_on: date | None = None
    slot: str = ""


def ask_documents(
    *, request: ServiceRequest, actor: Actor, now: datetime, wanted: Sequence[Wanted],
    expected_version: int | None = None,
) -> list[DocumentLine]:  # fmt: skip
    """The work waits for the client from here on, as with a question."""
    check_version(request, expected_version)
    actor.require("request.work", request.line)
    if not wanted or len(wanted) > MOST_LINES:
        raise Invalid(field_errors={"name_1": [_m("Name one document at least, 40 at most.")]})
    list_id = uuid7()
    rows = [
        DocumentLine(
            id=uuid7(), request_id=request.id, list_id=list_id, position=position, name=one.name,
            why=one.why, format=one.format, due_on=one.due_on, asked_at=now, state="open",
            asked_by_name=actor.name, slot=one.slot,
        )
        for position, one in enumerate(wanted)
    ]  # fmt: skip
    db.session.add_all(rows)
    db.session.flush()
    wait_for_client(request, actor=actor, now=now, about_id=list_id)
    _record("asked", request, actor, now, list=list_id, lines=len(rows))
    telling.documents_asked(request, list_id=list_id, count=len(rows), actor=actor)
    announcing.documents_asked(request, list_id=list_id, count=len(rows), now=now)
    db.session.flush()
    return rows


def provide(
    *, request: ServiceRequest, line: DocumentLine, actor: Actor, now: datetime,
    upload: Upload | None = None, ready: StoredFile | None = None,
) -> None:  # fmt: skip
    """`ready` is a file that is stored already."""
    actor.require("request.answer", request.line)
    _require_open(request, line)
    name = upload.name if upload else ready.name if ready else ""
    if not name:
        raise Invalid(field_errors={"file": [_m("Please choose a file.")]})
    if not formats.fits(line.format, name):
        raise Invalid(field_errors={"file": [_UNFIT[line.format]]})
    stored = ready or _save(upload, actor, now)
    attach(request, file_id=stored.id, slot=line.slot, actor=actor, now=now)
    line.file_id, line.state, line.words = stored.id, "given", ""
    _answered(request, line, actor, now, "given", file=stored.id, sha256=stored.sha256)
    if line.slot:
        begin_when_complete(request, actor=actor)


def say_unavailable(
    *, request: ServiceRequest, line: DocumentLine, actor: Actor, now: datetime, words: str
) -> None:
    """There is no such document; the operator reads why."""
    actor.require("request.answer", request.line)
    _require_open(request, line)
    line.state, line.words = "unavailable", words
    _answered(request, line, actor, now, "unavailable")


def accept(*, request: ServiceRequest, line: DocumentLine, actor: Actor, now: datetime) -> None:
    actor.require("request.work", request.line)
    _require_undecided(request, line)
    _decide(line, "accepted", actor, now)
    touch(request)
    _record("accepted", request, actor, now, line=line.id)
    db.session.flush()


def send_back(
    *, request: ServiceRequest, line: DocumentLine, actor: Actor, now: datetime, words: str
) -> None:
    """What came doesn't do: the line is open again, and the work waits for it."""
    actor.require("request.work", request.line)
    _require_undecided(request, line)
    line.returned_words, line.asked_at = words, now
    # Reminders begin anew, and so do lines that were asked at once.
    line.list_id = uuid7()
    _decide(line, "open", actor, now)
    db.session.flush()
    wait_for_client(request, actor=actor, now=now, about_id=line.list_id)
    _record("returned", request, actor, now, line=line.id)
    telling.document_returned(request, line=line, actor=actor)
    db.session.flush()


def withdraw(*, request: ServiceRequest, line: DocumentLine, actor: Actor, now: datetime) -> None:
    actor.require("request.work", request.line)
    _require_open(request, line)
    _decide(line, "withdrawn", actor, now)
    _record("withdrawn", request, actor, now, line=line.id)
    go_on(request, "withdraw", actor=actor, now=now)


_UNFIT = {
    "any": _m("Please choose a file."),
    "pdf": _m("A PDF is asked for here. Choose another file, or say why there is none."),
    "table": _m("A spreadsheet or CSV is asked for here. Choose another file, or say why there is none."),
    "image": _m("A photo or scan is asked for here (PDF, PNG, JPG). Choose another file."),
}  # fmt: skip


def _save(upload: Upload | None, actor: Actor, now: datetime) -> StoredFile:
    assert upload is not None
    return take_file(
        name=upload.name, content_type=upload.content_type, content=upload.content, actor=actor,
        now=now,
    )  # fmt: skip


def _require_open(request: ServiceRequest, line: DocumentLine) -> None:
    take_turn(request, line)
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])
    if not line.is_open:
        raise LineClosed


def _require_undecided(request: ServiceRequest, line: DocumentLine) -> None:
    take_turn(request, line)
    if line.state not in ("given", "unavailable"):
        raise LineUndecided


def _answered(
    request: ServiceRequest, line: DocumentLine, actor: Actor, now: datetime, verb: str,
    **facts: object,
) -> None:  # fmt: skip
    line.answered_at, line.answered_by_name = now, actor.name
    line.returned_words = ""
    _record(verb, request, actor, now, line=line.id, **facts)
    db.session.flush()
    _note_lateness(request, line, actor, now)
    if find_open_line(request_id=request.id, list_id=line.list_id) is None:
        telling.documents_given(request, list_id=line.list_id, actor=actor)
    go_on(request, "answer", actor=actor, now=now)


def _note_lateness(
    request: ServiceRequest, line: DocumentLine, actor: Actor, now: datetime
) -> None:
    """Against its own day, from when it was asked for at the earliest; else against the request's
    cut-off, unless it was asked for after it."""
    if line.due_on is None:
        inputs.came(request, asked_at=line.asked_at, actor=actor, now=now, reason="documents")
        return
    cut_off = get_terms(now).calendar.midnight(line.due_on + timedelta(days=1))
    ledger.late_input(
        request, cut_off=max(cut_off, line.asked_at), actor=actor, now=now, reason="documents"
    )


def _decide(line: DocumentLine, state: str, actor: Actor, now: datetime) -> None:
    line.state, line.decided_at, line.decided_by_name = state, now, actor.name


def _record(
    verb: str, request: ServiceRequest, actor: Actor, now: datetime, **facts: UUID | object
) -> None:
    audit.record(
        f"service_requests.document.{verb}", actor=actor, now=now, object_type="request",
        object_id=request.id, **facts,
    )  # fmt: skip
