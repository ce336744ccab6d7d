"""Messages to and from the client, internal notes, and questions that stop the work."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.service_requests import announcing, telling
from app.service_requests.documents.models import DocumentLine
from app.service_requests.documents.queries import find_open_line
from app.service_requests.models import ClientMessage, InternalNote, Question, ServiceRequest
from app.service_requests.queries import list_open_questions
from app.service_requests.services.assigning import Colleague, put_in_hands
from app.service_requests.services.intake import Upload, attach
from app.service_requests.services.moves import RequestMoveRefused, check_version, move, touch
from app.service_requests.sla import ledger
from app.service_requests.transitions import STATES, find_transition
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.uploads import take_file


class QuestionClosed(Conflict):
    code = "question_closed"
    message = _m("This question was answered or withdrawn already.")


def send_message(
    *,
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    body: str,
    uploads: list[Upload],
    expected_version: int | None = None,
    ready: Sequence[StoredFile] = (),
    mail: Mapping[str, Any] | None = None,
) -> ClientMessage:
    """Seen by the client and the provider. A stop when somebody wrote in between. `ready` are
    files that are stored already, `mail` tells of the mail that it came by."""
    check_version(request, expected_version)
    require_talk(request, actor)
    message = ClientMessage(
        id=uuid7(),
        request_id=request.id,
        at=now,
        author_id=actor.user_id,
        author_name=actor.name,
        author_side=actor.side,
        body=body,
        mail=dict(mail) if mail else None,
        by_guest=actor.is_guest,
    )
    db.session.add(message)
    db.session.flush()
    for upload in uploads:
        row = take_file(
            name=upload.name, content_type=upload.content_type, content=upload.content,
            actor=actor, now=now,
        )  # fmt: skip
        attach(request, file_id=row.id, slot="", actor=actor, now=now, message_id=message.id)
    for row in ready:
        attach(request, file_id=row.id, slot="", actor=actor, now=now, message_id=message.id)
    touch(request)
    ledger.answered(request, actor=actor, now=now)
    audit.record(
        "service_requests.message.sent", actor=actor, now=now, object_type="request",
        object_id=request.id, message=message.id, files=len(uploads) + len(ready),
    )  # fmt: skip
    telling.wrote(request, message_id=message.id, actor=actor)
    db.session.flush()
    return message


def add_file(
    *, request: ServiceRequest, actor: Actor, now: datetime, upload: Upload,
    expected_version: int | None = None,
) -> StoredFile:  # fmt: skip
    """A file for the request, without words."""
    check_version(request, expected_version)
    require_talk(request, actor)
    row = take_file(
        name=upload.name, content_type=upload.content_type, content=upload.content,
        actor=actor, now=now,
    )  # fmt: skip
    attach(request, file_id=row.id, slot="", actor=actor, now=now)
    touch(request)
    audit.record(
        "service_requests.file.added", actor=actor, now=now, object_type="request",
        object_id=request.id, file=row.id, sha256=row.sha256,
    )  # fmt: skip
    db.session.flush()
    return row


def require_talk(request: ServiceRequest, actor: Actor) -> None:
    actor.require(_right_to_talk(actor), request.line)
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])


def _right_to_talk(actor: Actor) -> str:
    if actor.is_guest:
        return "guest.ask"
    return "request.answer" if actor.side == "client" else "request.work"


def add_note(*, request: ServiceRequest, actor: Actor, now: datetime, body: str) -> InternalNote:
    """Never reaches the client's side: another table, another policy."""
    if actor.side == "client":
        raise Forbidden
    actor.require("note.write", request.line)
    note = InternalNote(
        id=uuid7(), request_id=request.id, at=now, author_id=actor.user_id,
        author_name=actor.name, body=body,
    )  # fmt: skip
    db.session.add(note)
    audit.record(
        "service_requests.note.written", actor=actor, now=now,
        object_type="request", object_id=request.id, note=note.id,
    )  # fmt: skip
    db.session.flush()
    return note


def ask_question(
    *,
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    body: str,
    expected_version: int | None = None,
) -> Question:
    """The request waits for the client from here on; a second question while it waits is fine."""
    check_version(request, expected_version)
    actor.require("request.work", request.line)
    question = Question(
        id=uuid7(), request_id=request.id, asked_at=now, asked_by=actor.user_id,
        asked_by_name=actor.name, body=body,
    )  # fmt: skip
    db.session.add(question)
    wait_for_client(request, actor=actor, now=now, about_id=question.id)
    telling.asked(request, question, actor=actor)
    announcing.asked(request, question_id=question.id, now=now)
    db.session.flush()
    return question


def wait_for_client(
    request: ServiceRequest, *, actor: Actor, now: datetime, about_id: UUID
) -> None:
    """For an open question or document, whose id `about_id` is."""
    if request.state == "new" and actor.user_id is not None:
        put_in_hands(request, Colleague(actor.user_id, actor.name), actor=actor, now=now)
    if request.state == "waiting_client":
        touch(request)
        return
    if not find_transition("ask", request.state):
        raise RequestMoveRefused(state=STATES[request.state])
    move(request, "ask", actor=actor, now=now, question_id=about_id)


def answer_question(
    *, request: ServiceRequest, question: Question, actor: Actor, now: datetime, answer: str
) -> None:
    actor.require("request.answer", request.line)
    take_turn(request, question)
    if not question.is_open:
        raise QuestionClosed
    question.answer = answer
    question.answered_at = now
    question.answered_by_name = actor.name
    telling.answered(request, question, actor=actor)
    go_on(request, "answer", actor=actor, now=now)


def withdraw_question(
    *, request: ServiceRequest, question: Question, actor: Actor, now: datetime
) -> None:
    actor.require("request.work", request.line)
    take_turn(request, question)
    if not question.is_open:
        raise QuestionClosed
    question.withdrawn_at = now
    go_on(request, "withdraw", actor=actor, now=now)


def take_turn(request: ServiceRequest, *asked: Question | DocumentLine) -> None:
    """Who answers or decides while somebody else does comes second, and sees what the first said."""
    for one in (request, *asked):
        db.session.refresh(one, with_for_update={"key_share": True})


def go_on(request: ServiceRequest, verb: str, *, actor: Actor, now: datetime) -> None:
    """The work does when nothing is open any more that it waits for. Whoever ends that has taken
    their turn."""
    db.session.flush()
    waits = list_open_questions(request_id=request.id) or find_open_line(request_id=request.id)
    if request.state == "waiting_client" and not waits:
        move(request, verb, actor=actor, now=now)
    else:
        touch(request)
    db.session.flush()
