"""Raising a request, and cancelling it before work began."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.service_requests.catalogue import CatalogueItem, get_item
from app.service_requests.due import due_at
from app.service_requests.models import RequestFile, ServiceRequest
from app.service_requests.services.moves import enter, log_move, move
from tenants import files
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.models import StoredFile
from tenants.numbers import next_number
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Upload:
    slot: str
    name: str
    content_type: str
    content: bytes


def raise_request(
    *,
    actor: Actor,
    now: datetime,
    item_code: str,
    values: Mapping[str, Any],
    uploads: list[Upload],
    time_zone: str,
    ready: Mapping[str, StoredFile] | None = None,
) -> ServiceRequest:
    """`values` are loaded by the item's schema; operators raise on the client's behalf, marked.
    `ready` are files by slot that are stored already."""
    item = get_item(item_code)
    actor.require("request.raise", item.line)
    _check_files(item, {upload.slot for upload in uploads} | set(ready or {}))
    request = ServiceRequest(
        id=uuid7(),
        item=item.code,
        line=item.line,
        title=str(values.get("title") or values.get("period") or ""),
        form={k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()},
        priority="normal",
        state="new",
        raised_by=actor.user_id,
        raised_by_name=actor.name,
        raised_side=actor.side,
        raised_at=now,
        state_since=now,
        due_at=due_at(received=now, working_days=item.working_days, time_zone=time_zone),
    )
    stored = [
        (upload.slot, files.save(name=upload.name, content_type=upload.content_type,
                                 content=upload.content, actor=actor, now=now))
        for upload in uploads
    ] + list((ready or {}).items())  # fmt: skip
    request.number = next_number("request")
    db.session.add(request)
    db.session.flush()
    for slot, row in stored:
        attach(request, file_id=row.id, slot=slot, actor=actor, now=now)
    log_move(request, "raise", actor=actor, now=now, source=None, target="new")
    enter(request, None, "new", actor=actor, now=now)
    if item.job:
        enqueue(
            item.job,
            queue="interactive",
            key=f"raised:{request.id}",
            actor_id=actor.user_id,
            request_id=request.id,
        )
    db.session.flush()
    return request


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


def cancel_request(*, request: ServiceRequest, actor: Actor, now: datetime, reason: str) -> None:
    move(request, "cancel", actor=actor, now=now, reason=reason)
    db.session.flush()


def _check_files(item: CatalogueItem, given: set[str]) -> None:
    missing = [slot.name for slot in item.files if slot.required and slot.name not in given]
    if missing:
        raise Invalid(field_errors={name: [_m("Please choose a file.")] for name in missing})
