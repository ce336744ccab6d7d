"""What the client is still asked can go with a part of the work: asked anew there, as of now, and
kept here with the number of where it went."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from app.service_requests.documents.models import DocumentLine
from app.service_requests.models import Question, ServiceRequest
from app.service_requests.scope import NEEDS_OFFER
from app.service_requests.services.conversation import ask_question, go_on
from app.service_requests.services.documents import Wanted, ask_documents
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.permissions import Actor

Asked = TypeVar("Asked", Question, DocumentLine)
_UNCOVERED = _m(
    "The contract doesn't cover the new part, so nothing can be asked there before its price is "
    "accepted. Leave here what is open."
)


def hand_on(
    request: ServiceRequest, made: ServiceRequest, asked: Collection[UUID], *, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """`asked` are ids of questions and documents; what is answered by now stays. The work here goes
    on when nothing else is open. Whoever calls holds the request."""
    questions, lines = _open(Question, request, asked), _open(DocumentLine, request, asked)
    if not questions and not lines:
        return
    if made.scope in NEEDS_OFFER:
        raise Invalid(field_errors={"asked": [_UNCOVERED]})
    for question in questions:
        ask_question(request=made, actor=actor, now=now, body=question.body)
        question.withdrawn_at, question.moved_to = now, made.number
    if lines:
        ask_documents(request=made, actor=actor, now=now, wanted=[_wanted(line) for line in lines])
    for line in lines:
        line.state, line.decided_at, line.decided_by_name = "withdrawn", now, actor.name
        line.moved_to = made.number
    audit.record(
        "service_requests.asked.moved", actor=actor, now=now, object_type="request",
        object_id=request.id, to=made.id, number=made.number, questions=len(questions), documents=len(lines),
    )  # fmt: skip
    go_on(request, "withdraw", actor=actor, now=now)


def _open(model: type[Asked], request: ServiceRequest, ids: Collection[UUID]) -> Sequence[Asked]:
    if not ids:
        return ()
    rows = db.session.execute(
        select(model)
        .where(
            model.tenant_id == request.tenant_id, model.request_id == request.id, model.id.in_(ids)
        )
        .order_by(model.asked_at, model.id)
        .execution_options(populate_existing=True)
    ).scalars()
    return [row for row in rows if row.is_open]


def _wanted(line: DocumentLine) -> Wanted:
    """With why what came before doesn't do."""
    why = "\n".join(words for words in (line.why, line.returned_words) if words)
    return Wanted(name=line.name, why=why, format=line.format, due_on=line.due_on)
