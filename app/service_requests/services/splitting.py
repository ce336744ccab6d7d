"""A second piece of work found in a request gets one of its own, with what belongs to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from app.catalogue.memory import get_item
from app.service_requests import telling
from app.service_requests.links.queries import with_merged
from app.service_requests.models import ClientMessage, Question, RequestFile, ServiceRequest
from app.service_requests.services.conversation import take_turn
from app.service_requests.services.ending import general_item
from app.service_requests.services.handing_on import hand_on
from app.service_requests.services.intake import NewRequest, start_request
from app.service_requests.services.linking import add_link
from app.service_requests.services.moves import (
    RequestMoveRefused,
    check_version,
    log_move,
    touch,
)
from app.service_requests.transitions import STATES
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.queries import find_member_of_user

Told = TypeVar("Told", ClientMessage, Question)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes along, by id; it stays readable where it was. Files of a message go with it.
    `asked` is what is open, questions and documents: it is asked there instead."""

    messages: Collection[UUID] = ()
    questions: Collection[UUID] = ()
    files: Collection[UUID] = ()
    asked: Collection[UUID] = ()


def split(
    *, request: ServiceRequest, actor: Actor, now: datetime, title: str, details: str,
    chosen: Chosen, expected_version: int | None = None,
) -> ServiceRequest:  # fmt: skip
    """The new request is on the same line, for the same person; answered questions go along as they
    were answered. What is open stays, and the work waits for it here, unless it is chosen: then the
    new request waits for it."""
    if actor.side == "client":
        raise Forbidden
    actor.require("request.work", request.line)
    take_turn(request)
    check_version(request, expected_version)
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])
    made = start_request(
        NewRequest(
            item=get_item(general_item(request)),
            title=title,
            form={"title": title, "details": details, "wanted_on": None},
            requester_id=_person_of(request),
            priority=request.priority,
        ),
        actor=actor,
        now=now,
    )
    _copy(request, made, chosen, actor=actor)
    add_link(made, request, "split", actor=actor, now=now)
    log_move(request, "split", actor=actor, now=now, source=request.state, target=request.state,
             reason=f"#{made.number}")  # fmt: skip
    touch(request)
    telling.split(request, made, actor=actor)
    hand_on(request, made, chosen.asked, actor=actor, now=now)
    db.session.flush()
    return made


def _person_of(request: ServiceRequest) -> UUID | None:
    """Whose request it is; None when they left, or nobody was named."""
    user_id = request.raised_by if request.raised_side == "client" else request.requester_id
    member = find_member_of_user(user_id=user_id) if user_id else None
    if member is None or not member.takes_part(request.line):
        return None
    return member.user_id


def _copy(request: ServiceRequest, made: ServiceRequest, chosen: Chosen, *, actor: Actor) -> None:
    copies = {}
    for message in _rows(ClientMessage, request, chosen.messages):
        copies[message.id] = uuid7()
        db.session.add(
            ClientMessage(
                id=copies[message.id], request_id=made.id, at=message.at,
                author_id=message.author_id, author_name=message.author_name,
                author_side=message.author_side, body=message.body, copied_from=message.id, mail=message.mail,
                by_guest=message.by_guest,
            )
        )  # fmt: skip
    for question in _rows(Question, request, chosen.questions):
        if not question.is_open:
            db.session.add(
                Question(
                    id=uuid7(), request_id=made.id, asked_at=question.asked_at,
                    asked_by=question.asked_by, asked_by_name=question.asked_by_name,
                    body=question.body, answer=question.answer,
                    answered_at=question.answered_at,
                    answered_by_name=question.answered_by_name,
                    withdrawn_at=question.withdrawn_at,
                )
            )  # fmt: skip
    db.session.flush()
    for row in _files(request):
        if row.message_id in copies or row.file_id in chosen.files:
            db.session.add(
                RequestFile(
                    request_id=made.id, file_id=row.file_id, slot="",
                    message_id=copies.get(row.message_id) if row.message_id else None,
                    added_by_name=row.added_by_name, added_side=row.added_side, at=row.at,
                )
            )  # fmt: skip


def _rows(model: type[Told], request: ServiceRequest, ids: Collection[UUID]) -> list[Told]:
    """Of this request and what was merged into it only: another's id chooses nothing."""
    if not ids:
        return []
    return list(
        db.session.execute(
            select(model).where(
                model.tenant_id == request.tenant_id,
                model.request_id.in_(with_merged(request)),
                model.id.in_(ids),
            )
        ).scalars()
    )


def _files(request: ServiceRequest) -> list[RequestFile]:
    return list(
        db.session.execute(
            select(RequestFile).where(
                RequestFile.tenant_id == request.tenant_id, RequestFile.request_id == request.id
            )
        ).scalars()
    )
