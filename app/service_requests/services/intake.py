"""Raising a request, by the client or on their behalf."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.catalogue.item import CatalogueItem
from app.catalogue.memory import get_item, is_offered
from app.service_requests.assignment.queries import rules_for
from app.service_requests.catalogue import item_of
from app.service_requests.checklists.services import begin_checklist
from app.service_requests.models import RequestFile, ServiceRequest
from app.service_requests.priorities import priority_of, until_confirmed
from app.service_requests.queries import list_files
from app.service_requests.scope import NEEDS_OFFER
from app.service_requests.services.moves import enter, log_move
from app.service_requests.services.scope_guard import UrgentUsedUp, check_urgent, judge_scope
from app.service_requests.sla import inputs
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.models import Member, StoredFile
from tenants.numbers import next_number
from tenants.permissions import Actor
from tenants.queries import find_member_of_user, get_tenant
from tenants.services.access import require_new_work
from tenants.uploads import take_file


class NotOffered(Conflict):
    code = "not_offered"
    message = _m("This is not offered any more. Choose another kind of request.")


@dataclass(frozen=True, slots=True)
class Upload:
    slot: str
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NewRequest:
    """`requester_id` is the client's person for whom an operator raises it; `priority` is that
    of the request which it comes from, as far as the contract has a place for it. `reason` is what
    its history says of where it comes from."""

    item: CatalogueItem
    title: str
    form: Mapping[str, Any]
    requester_id: UUID | None = None
    impact: str | None = None
    urgency: str | None = None
    priority: str | None = None
    reason: str = ""


def raise_request(
    *,
    actor: Actor,
    now: datetime,
    item_code: str,
    values: Mapping[str, Any],
    uploads: list[Upload],
    ready: Mapping[str, StoredFile] | None = None,
    requester_id: UUID | None = None,
    impact: str | None = None,
    urgency: str | None = None,
) -> ServiceRequest:
    """`values` are loaded by the item's schema; operators raise on the client's behalf, marked.
    `ready` are files by slot that are stored already."""
    item = get_item(item_code)
    require_raising(item, actor)
    require_new_work()
    require_offered(item, get_tenant().country if item.countries else "")
    _check_files(item, {upload.slot for upload in uploads} | set(ready or {}))
    stored = [
        (upload.slot, take_file(name=upload.name, content_type=upload.content_type,
                                content=upload.content, actor=actor, now=now,
                                welcome=_welcome(item, upload.slot)))
        for upload in uploads
    ] + list((ready or {}).items())  # fmt: skip
    new = NewRequest(
        item=item,
        title=str(values.get("title") or values.get("period") or ""),
        form={k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()},
        requester_id=requester_id,
        impact=impact,
        urgency=urgency,
    )
    request = start_request(new, actor=actor, now=now)
    for slot, row in stored:
        attach(request, file_id=row.id, slot=slot, actor=actor, now=now)
    if actor.side == "client" and any(slot.required for slot in item.files):
        inputs.came(request, actor=actor, now=now)
    begin_prepared_work(request, actor=actor)
    db.session.flush()
    return request


def _welcome(item: CatalogueItem, slot: str) -> tuple[str, ...]:
    """The endings that the form asks for."""
    return tuple(
        ending for one in item.files if one.name == slot for ending in one.accept.split(",")
    )


def require_raising(item: CatalogueItem, actor: Actor) -> None:
    """A guest asks; work is for the company's own people to order."""
    if not actor.is_guest:
        actor.require("request.raise", item.line)
        return
    actor.require("guest.ask", item.line)
    if item.code != general_code(item.line):
        raise Forbidden


def general_code(line: str) -> str:
    """The item of a line that needs no files of its own."""
    return f"{line}_question"


def require_offered(item: CatalogueItem, country: str) -> None:
    """Neither withdrawn nor for companies of other countries only."""
    if not is_offered(item, country):
        raise NotOffered


def begin_prepared_work(request: ServiceRequest, *, actor: Actor) -> None:
    """What the product does by itself for this item, once; not before its price is accepted."""
    job = item_of(request).job
    if job and request.scope not in NEEDS_OFFER:
        enqueue(
            job,
            queue="interactive",
            key=f"raised:{request.id}",
            actor_id=actor.user_id,
            title=_m("Preparing request %(number)s"),
            title_params={"number": request.number},
            for_client=True,
            subject=("request", request.id),
            request_id=request.id,
        )


def begin_when_complete(request: ServiceRequest, *, actor: Actor) -> None:
    """For a request that was raised before its files were there: once the last one came."""
    db.session.flush()
    there = {row.slot for row in list_files(request_id=request.id)}
    if all(slot.name in there for slot in item_of(request).files if slot.required):
        begin_prepared_work(request, actor=actor)


def start_request(new: NewRequest, *, actor: Actor, now: datetime) -> ServiceRequest:
    """Its row, number and first move; the caller adds what belongs to it."""
    item = new.item
    require_raising(item, actor)
    requester = _requester(new, actor)
    proposed = new.priority or priority_of(new.impact or "normal", new.urgency or "normal")
    priority = until_confirmed(proposed) if actor.side == "client" else proposed
    request = ServiceRequest(
        id=uuid7(),
        number=next_number("request"),
        item=item.code,
        item_version=item.version,
        line=item.line,
        title=new.title,
        form=dict(new.form),
        priority=priority,
        proposed_priority=proposed if proposed != priority else None,
        impact=new.impact,
        urgency=new.urgency,
        state="new",
        raised_by=actor.user_id,
        raised_by_name=actor.name,
        raised_side=actor.side,
        raised_by_guest=actor.is_guest,
        requester_id=requester.user_id if requester else None,
        requester_name=requester.display_name if requester else "",
        raised_at=now,
        state_since=now,
    )
    judge_scope(request, actor=actor, now=now)
    if request.priority == "urgent":
        _take_urgent(request, new, now=now)
    enter(request, None, "new", actor=actor, now=now)
    log_move(request, "raise", actor=actor, now=now, source=None, target="new", reason=new.reason)
    db.session.flush()
    begin_checklist(request, actor=actor, now=now)
    # The client's side sees no rules of ours.
    if actor.side == "client" or rules_for(line=request.line, item=request.item):
        enqueue(
            "requests.give", queue="interactive", key=f"give:{request.id}", request_id=request.id
        )
    return request


def _take_urgent(request: ServiceRequest, new: NewRequest, *, now: datetime) -> None:
    try:
        check_urgent(request, field="urgency", now=now)
    except UrgentUsedUp:
        if new.priority is None:
            raise
        request.priority = "high"


def attach(
    request: ServiceRequest, *, file_id: Any, slot: str, actor: Actor, now: datetime,
    message_id: Any = None,
) -> None:  # fmt: skip
    db.session.add(
        RequestFile(
            request_id=request.id,
            file_id=file_id,
            slot=slot,
            message_id=message_id,
            added_by_name=actor.name,
            added_side=actor.side,
            at=now,
        )
    )


def _requester(new: NewRequest, actor: Actor) -> Member | None:
    if new.requester_id is None:
        return None
    if actor.side == "client":
        raise Forbidden
    member = find_member_of_user(user_id=new.requester_id)
    if member is None or not member.takes_part(new.item.line):
        raise Invalid(
            field_errors={"requester": [_m("This person does not take part in this line.")]}
        )
    return member


def _check_files(item: CatalogueItem, given: set[str]) -> None:
    missing = [slot.name for slot in item.files if slot.required and slot.name not in given]
    if missing:
        raise Invalid(field_errors={name: [_m("Please choose a file.")] for name in missing})
