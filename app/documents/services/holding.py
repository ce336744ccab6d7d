"""Legal hold: for a dispute or an audit a document stays, whatever its period."""

from datetime import datetime
from uuid import UUID

from app.documents.models import DocumentHold
from app.documents.queries import get_document, get_hold, list_holds
from app.documents.services.disposing import end_by_hold
from app.documents.titles import clean_title
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class HoldLifted(Conflict):
    code = "hold_lifted"
    message = _m("This hold was lifted already.")


def place_hold(*, number: int, reason: str, actor: Actor, now: datetime) -> DocumentHold:
    actor.require("document.keep")
    document = get_document(actor=actor, number=number, for_change=True)
    actor.require("document.keep", document.line)
    row = DocumentHold(
        id=uuid7(), document_id=document.id, reason=_reason(reason), placed_at=now,
        placed_by_name=actor.name,
    )  # fmt: skip
    document.held = True
    db.session.add(row)
    db.session.flush()
    end_by_hold(document=document, reason=row.reason, actor=actor, now=now)
    audit.record(
        "documents.hold.placed", actor=actor, now=now, object_type="document",
        object_id=document.id, hold=row.id,
    )  # fmt: skip
    return row


def lift_hold(*, number: int, hold_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The document is free again once no other hold stands."""
    actor.require("document.keep")
    document = get_document(actor=actor, number=number, for_change=True)
    actor.require("document.keep", document.line)
    row = get_hold(document=document, hold_id=hold_id)
    if row.lifted_at is not None:
        raise HoldLifted
    row.lifted_at, row.lifted_by_name, row.lifted_reason = now, actor.name, _reason(reason)
    db.session.flush()
    document.held = any(one.lifted_at is None for one in list_holds(document=document))
    db.session.flush()
    audit.record(
        "documents.hold.lifted", actor=actor, now=now, object_type="document",
        object_id=document.id, hold=row.id,
    )  # fmt: skip


def _reason(reason: str) -> str:
    found = clean_title(reason)
    if not found:
        raise Invalid(field_errors={"reason": [_m("Please fill in this field.")]})
    return found
