"""Requests for programs: the same services as the pages, in JSON."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, url_for

from app.auth.current import current_actor
from app.catalogue.memory import get_item, offered_items
from app.contracts.queries import get_terms
from app.service_requests import api_schemas as shapes
from app.service_requests import queries
from app.service_requests.api_showing import (
    detail,
    file_row,
    item_row,
    link_row,
    request_row_for_reader,
)
from app.service_requests.documents.queries import get_line, list_lines
from app.service_requests.history.queries import get_past
from app.service_requests.history.telling import told
from app.service_requests.links.queries import list_linked
from app.service_requests.models import ClientMessage, InternalNote, Question, ServiceRequest
from app.service_requests.services import conversation, documents, ending, intake, waiting_files
from app.service_requests.services.intake import Upload
from app.service_requests.services.moves import RequestMoveRefused
from app.web import messages
from app.web.api.attaching import attached
from app.web.api.reading import SentFile
from tenants import files
from tenants.core import clock
from tenants.core.errors import CoulisseError, Invalid
from tenants.core.pagination import Page
from tenants.core.schema import PageQuery
from tenants.core.text import _m
from tenants.operations import Answer, operation

bp = Blueprint("requests_api", __name__, url_prefix="/api/v1")
TAG = "Requests"
READ: dict[str, Any] = {"tag": TAG, "permission": "request.read", "scope": "requests:read"}
WRITE: dict[str, Any] = {"tag": TAG, "permission": "request.read", "scope": "requests:write"}


class VersionMismatch(CoulisseError):
    status = 412
    code = "version_mismatch"
    message = _m("The request has version %(version)s by now. Read it again, then decide.")


def _request(number: int, expected_version: int | None = None) -> ServiceRequest:
    row = queries.get_request(actor=current_actor(), number=number)
    if expected_version is not None and row.version != expected_version:
        raise VersionMismatch(version=row.version)
    return row


def _who(row: ServiceRequest) -> dict[str, Any]:
    return {"request": row, "actor": current_actor(), "now": clock.now()}


def _changed(row: ServiceRequest) -> Answer:
    return Answer(detail(row), version=row.version)


@bp.get("/catalogue")
@operation(
    "What can be asked for", form="list", answer=shapes.ItemOut,
    tag="Catalogue", permission="request.read", scope="requests:read",
    description="Every item of the service catalogue with the JSON Schema of its form, the "
    "files that it takes and the targets that the company's contract sets for it.",
)  # fmt: skip
def list_catalogue() -> list[dict[str, Any]]:
    terms, country = get_terms(clock.now()), g.identity.tenant.country
    return [item_row(item, terms) for item in offered_items(country)]


@bp.get("/requests")
@operation("List requests, newest first", form="page", query=shapes.RequestQuery,
           answer=shapes.RequestOut, row=request_row_for_reader, **READ)  # fmt: skip
def list_requests(query: dict[str, Any]) -> Page[Any]:
    return queries.list_requests(actor=current_actor(), search=query.pop("q", ""), **query)


@bp.post("/requests")
@operation(
    "Raise a request", body=shapes.NewRequest, answer=shapes.RequestDetail, status=201,
    refusals=(409, 422), tag=TAG, permission="request.raise", scope="requests:write",
    description="Send the files first (`POST /uploads`) and name them by their slots. Which "
    "fields `form` has and which slots there are, says the catalogue.",
    example={"item": "payment_control", "form": {"period": "2026-10", "details": ""},
             "files": {"open_items": "019a0f00-0000-7000-8000-000000000001",
                       "statement": "019a0f00-0000-7000-8000-000000000002"}},
)  # fmt: skip
def raise_request(body: dict[str, Any]) -> Answer:
    item, actor = get_item(body["item"]), current_actor()
    actor.require("request.raise", item.line)
    values = _form(item.schema, body["form"])
    slots = {slot.name for slot in item.files}
    strange = {f"files.{name}": [_m("This item has no such file.")]
               for name in body["files"] if name not in slots}  # fmt: skip
    if strange:
        raise Invalid(field_errors=strange)
    try:
        ready = waiting_files.take_files(actor=actor, now=clock.real_now(), wanted=body["files"])
        row = intake.raise_request(
            actor=actor, now=clock.now(), item_code=item.code, values=values, uploads=[],
            ready=ready, impact=body["impact"],
            urgency=body["urgency"],
        )  # fmt: skip
    except Invalid as error:
        raise _below("files", error) from error
    return Answer(
        detail(row), version=row.version,
        location=url_for("requests_api.show_request", number=row.number),
    )  # fmt: skip


def _form(schema: Any, sent: dict[str, Any]) -> dict[str, Any]:
    errors = messages.by_field_of(schema, sent)
    if errors:
        raise Invalid(
            field_errors={
                "form" if name == "_schema" else f"form.{name}": lines
                for name, lines in errors.items()
            }
        )
    loaded: dict[str, Any] = schema().load(sent)
    return loaded


def _below(place: str, error: Invalid) -> Invalid:
    named = {f"{place}.{name}": lines for name, lines in error.field_errors.items()}
    return Invalid(error.message, code=error.code, field_errors=named, **error.params)


@bp.get("/requests/<int:number>")
@operation("Show a request", answer=shapes.RequestDetail, **READ)
def show_request(number: int) -> Answer:
    return _changed(_request(number))


@bp.get("/requests/<int:number>/messages")
@operation("List the messages, oldest first", form="page", query=PageQuery,
           answer=shapes.MessageOut, **READ)  # fmt: skip
def list_messages(number: int, query: dict[str, Any]) -> Page[Any]:
    return queries.list_of_request(model=ClientMessage, request=_request(number), **query)


@bp.post("/requests/<int:number>/messages")
@operation(
    "Write a message", body=shapes.NewMessage, answer=shapes.MessageOut, status=201,
    versioned=True, refusals=(409, 412, 422), **WRITE,
    example={"body": "The missing invoice is attached.", "files": []},
)  # fmt: skip
def send_message(number: int, body: dict[str, Any], expected_version: int | None) -> Answer:
    row = _request(number, expected_version)
    wanted = {f"files.{place}": one for place, one in enumerate(body["files"])}
    ready = waiting_files.take_files(actor=current_actor(), now=clock.real_now(), wanted=wanted)
    message = conversation.send_message(
        **_who(row), body=body["body"], uploads=[], ready=list(ready.values())
    )
    return Answer(message, version=row.version)


@bp.get("/requests/<int:number>/notes")
@operation(
    "List the internal notes, oldest first", form="page", query=PageQuery, answer=shapes.NoteOut,
    tag=TAG, permission="note.read", scope="requests:read",
    description="For the provider's tokens: notes never reach a client.",
)  # fmt: skip
def list_notes(number: int, query: dict[str, Any]) -> Page[Any]:
    row = _request(number)
    current_actor().require("note.read", row.line)
    return queries.list_of_request(model=InternalNote, request=row, **query)


@bp.get("/requests/<int:number>/questions")
@operation("List the questions to the client, oldest first", form="page", query=PageQuery,
           answer=shapes.QuestionOut, **READ)  # fmt: skip
def list_questions(number: int, query: dict[str, Any]) -> Page[Any]:
    return queries.list_of_request(model=Question, request=_request(number), **query)


@bp.post("/requests/<int:number>/questions/<uuid:question_id>/answer")
@operation(
    "Answer a question", body=shapes.NewAnswer, answer=shapes.QuestionOut, refusals=(409, 422),
    tag=TAG, permission="request.answer", scope="requests:write",
    description="The work goes on once every question is answered.",
    example={"answer": "The account ending in 0403."},
)  # fmt: skip
def answer_question(number: int, question_id: UUID, body: dict[str, Any]) -> Answer:
    row = _request(number)
    question = queries.get_question(request=row, question_id=question_id)
    conversation.answer_question(**_who(row), question=question, answer=body["answer"])
    return Answer(question, version=row.version)


@bp.get("/requests/<int:number>/documents")
@operation("List the documents that the client is asked for", form="list",
           answer=shapes.AskedDocumentOut, **READ)  # fmt: skip
def list_documents(number: int) -> list[Any]:
    return list(list_lines(request_id=_request(number).id))


@bp.post("/requests/<int:number>/documents/<uuid:document_id>/file")
@operation(
    "Send a document", body=shapes.NewDocument, answer=shapes.AskedDocumentOut, refusals=(409, 422),
    tag=TAG, permission="request.answer", scope="requests:write",
    description="The work goes on once every document is there or said to be missing.",
    example={"file": "019a0f00-0000-7000-8000-000000000003"},
)  # fmt: skip
def send_document(number: int, document_id: UUID, body: dict[str, Any]) -> Answer:
    row, actor = _request(number), current_actor()
    actor.require("request.answer", row.line)
    line = get_line(request=row, line_id=document_id)
    ready = waiting_files.take_files(
        actor=actor, now=clock.real_now(), wanted={"file": body["file"]}
    )
    documents.provide(**_who(row), line=line, ready=ready["file"])
    return Answer(line, version=row.version)


@bp.post("/requests/<int:number>/documents/<uuid:document_id>/unavailable")
@operation(
    "Say that there is no such document", body=shapes.NoDocument, answer=shapes.AskedDocumentOut,
    refusals=(409, 422), tag=TAG, permission="request.answer", scope="requests:write",
    example={"words": "The contract was never signed."},
)  # fmt: skip
def no_document(number: int, document_id: UUID, body: dict[str, Any]) -> Answer:
    row = _request(number)
    line = get_line(request=row, line_id=document_id)
    documents.say_unavailable(**_who(row), line=line, words=body["words"])
    return Answer(line, version=row.version)


@bp.post("/requests/<int:number>/close")
@operation(
    "Confirm a delivered request and close it", answer=shapes.RequestDetail, versioned=True,
    refusals=(409, 412), tag=TAG, permission="request.answer", scope="requests:write",
)  # fmt: skip
def close_request(number: int, expected_version: int | None) -> Answer:
    row = _request(number, expected_version)
    ending.close_request(**_who(row))
    return _changed(row)


@bp.post("/requests/<int:number>/cancel")
@operation(
    "Cancel a request", body=shapes.Reason, answer=shapes.RequestDetail,
    description="For the client's tokens, before work began.",
    versioned=True, refusals=(409, 412, 422), tag=TAG, permission="request.raise",
    scope="requests:write", example={"reason": "We found it ourselves."},
)  # fmt: skip
def cancel_request(number: int, body: dict[str, Any], expected_version: int | None) -> Answer:
    row = _request(number, expected_version)
    if current_actor().side == "provider":
        raise RequestMoveRefused(_m("A reviewer cancels on the request's page, not by a program."))
    ending.cancel_request(**_who(row), reason=body["reason"])
    return _changed(row)


@bp.post("/requests/<int:number>/reopen")
@operation(
    "Object to a result", body=shapes.Objection, answer=shapes.RequestDetail, versioned=True,
    refusals=(409, 412, 422), tag=TAG, permission="request.answer", scope="requests:write",
    description="Within 10 business days after delivery; the work goes on with the time that it "
    "used already.",
    example={"reason": "The second page is missing."},
)  # fmt: skip
def reopen_request(number: int, body: dict[str, Any], expected_version: int | None) -> Answer:
    row = _request(number, expected_version)
    ending.reopen(**_who(row), reason=body["reason"])
    return _changed(row)


@bp.get("/requests/<int:number>/links")
@operation("List the linked requests", form="list", answer=shapes.LinkOut, **READ)
def list_links(number: int) -> list[dict[str, Any]]:
    row = _request(number)
    return [link_row(one) for one in list_linked(actor=current_actor(), request=row)]


@bp.get("/requests/<int:number>/history")
@operation("List what happened, oldest first", form="list", answer=shapes.HappenedOut, **READ)
def list_history(number: int) -> list[Any]:
    actor, row = current_actor(), _request(number)
    return list(told(get_past(actor=actor, request=row), actor))


@bp.get("/requests/<int:number>/files")
@operation("List the files and results", form="list", answer=shapes.FileOut, **READ)
def list_files(number: int) -> list[dict[str, Any]]:
    row = _request(number)
    attached = [file_row(one, "attached") for one in queries.list_files(request_id=row.id)]
    results = [
        file_row(one, "result")
        for one in queries.list_deliverables(actor=current_actor(), request=row)
    ]
    return attached + results


@bp.get("/requests/<int:number>/files/<uuid:file_id>")
@operation(
    "Download a file", form="file", refusals=(409,), **READ,
    description="The bytes, with their SHA-256 in `Content-Digest` (RFC 9530).",
)  # fmt: skip
def download(number: int, file_id: UUID) -> Response:
    stored = queries.get_request_file(
        actor=current_actor(), request=_request(number), file_id=file_id
    )
    return attached(files.read(stored), name=stored.name)


@bp.post("/requests/<int:number>/files")
@operation(
    "Add a file to a request", upload=True, query=shapes.UploadQuery, answer=shapes.FileOut,
    status=201, versioned=True, refusals=(409, 412, 413, 422), **WRITE,
)  # fmt: skip
def add_file(number: int, sent: SentFile, expected_version: int | None) -> Answer:
    row = _request(number, expected_version)
    stored = conversation.add_file(**_who(row), upload=_upload(sent))
    found = next(one for one in queries.list_files(request_id=row.id) if one.id == stored.id)
    return Answer(file_row(found, "attached"), version=row.version)


@bp.post("/uploads")
@operation(
    "Send a file ahead", upload=True, query=shapes.UploadQuery, answer=shapes.UploadOut,
    status=201, refusals=(413, 422), tag="Uploads", permission="request.read",
    scope="requests:write",
    description="It waits a day for the request or message that names it, and is used once.",
)  # fmt: skip
def upload(sent: SentFile) -> dict[str, Any]:
    waiting_id, stored = waiting_files.keep_file(
        actor=current_actor(), now=clock.real_now(), upload=_upload(sent)
    )
    return {"id": waiting_id, "name": stored.name, "size": stored.size, "sha256": stored.sha256}


def _upload(sent: SentFile) -> Upload:
    return Upload("", sent.name, sent.content_type, sent.content)
