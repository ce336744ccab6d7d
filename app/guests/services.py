"""What a guest looks at is written down; those who may ask, ask the provider."""

from datetime import datetime
from typing import Any

from app.service_requests.models import ServiceRequest
from app.service_requests.services.conversation import send_message
from app.service_requests.services.intake import general_code, raise_request
from app.service_requests.services.watching import watch
from tenants import audit
from tenants.permissions import Actor
from tenants.queries import get_own_guest
from tenants.scoping import ScopeError


def note_look(*, verb: str, actor: Actor, now: datetime, **facts: Any) -> None:
    """For the client's administrator: `verb` is one of app/people/looks.py, the facts are ids."""
    actor.require("guest.read")
    if actor.user_id is None:
        raise ScopeError("a guest is a person")
    guest = get_own_guest(user_id=actor.user_id)
    audit.record(
        f"guests.{verb}", actor=actor, now=now, object_type="member", object_id=guest.id, **facts
    )


def ask_about(
    *, request: ServiceRequest, body: str, expected_version: int | None, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """A message of the guest's, who follows the request from then on."""
    actor.require("guest.ask", request.line)
    send_message(
        request=request, actor=actor, now=now, body=body, uploads=[],
        expected_version=expected_version,
    )  # fmt: skip
    _follow(request, actor, now)


def raise_query(
    *, line: str, title: str, details: str, actor: Actor, now: datetime
) -> ServiceRequest:
    actor.require("guest.ask", line)
    request = raise_request(
        actor=actor, now=now, item_code=general_code(line), uploads=[],
        values={"title": title, "details": details, "wanted_on": None},
    )  # fmt: skip
    _follow(request, actor, now)
    return request


def _follow(request: ServiceRequest, actor: Actor, now: datetime) -> None:
    assert actor.user_id is not None
    watch(request=request, actor=actor, now=now, user_id=actor.user_id)
    note_look(verb="question.asked", actor=actor, now=now, number=request.number)
