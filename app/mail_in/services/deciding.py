"""What an operator makes of a mail that waits: a message or a request of the client, or nothing.
Never a note, and never an answer to what a sign-in is asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.mail_in.models import BlockedSender, InboundMail
from app.mail_in.queries import find_active_member, get_for_change, get_stored
from app.mail_in.reading import message
from app.mail_in.reading.message import Mail, Unreadable
from app.mail_in.services.landing import add_message, begin_request, general_item
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope


class DecidedAlready(Conflict):
    code = "mail_decided"
    message = _m("Somebody decided on this mail already. Look at what became of it.")


class MailGone(Conflict):
    code = "mail_gone"
    message = _m("This mail can't be read. Ask its sender for another one, and discard it.")


def accept_as_message(*, mail_id: UUID, number: int, actor: Actor, now: datetime) -> ServiceRequest:
    _require(actor)
    mail = _take(mail_id, actor)
    request = get_request(actor=actor, number=number)
    actor.require("request.work", request.line)
    read = _read(mail)
    add_message(request, mail, read, actor=_sender(mail, request.line), now=now,
                accepted_by=actor.name)  # fmt: skip
    _accepted(mail, request, "message", actor=actor, now=now)
    return request


def accept_as_request(*, mail_id: UUID, line: str, actor: Actor, now: datetime) -> ServiceRequest:
    """On the client's behalf; for the sender, where they are the client's."""
    _require(actor)
    mail = _take(mail_id, actor)
    item = general_item(line)
    if item is None:
        raise Invalid(field_errors={"line": [_m("This line takes no general requests.")]})
    actor.require("request.raise", line)
    member = find_active_member(address=mail.sender) if mail.sender else None
    request = begin_request(
        mail, _read(mail), item_code=item.code, actor=actor, now=now, accepted_by=actor.name,
        requester_id=member.user_id if member and line in member.lines else None,
    )  # fmt: skip
    _accepted(mail, request, "request", actor=actor, now=now)
    return request


def discard(*, mail_id: UUID, words: str, block: bool, actor: Actor, now: datetime) -> None:
    """`words` are read by the company's administrator, too."""
    _require(actor)
    mail = _take(mail_id, actor)
    if block and not mail.sender:
        raise Invalid(field_errors={"block": [_m("This mail names no sender to block.")]})
    mail.state = "discarded"
    _decided(mail, actor, now, words)
    _record("discarded", mail, actor, now, blocked=block)
    if block:
        _block(mail.sender, actor=actor, now=now)


def allow_again(*, blocked_id: UUID, actor: Actor, now: datetime) -> None:
    _require(actor)
    gone = db.session.execute(
        delete(BlockedSender)
        .where(BlockedSender.tenant_id == current_scope().tenant_id, BlockedSender.id == blocked_id)
        .returning(BlockedSender.id)
    ).first()
    if gone is None:
        raise NotFound
    audit.record(
        "mail_in.sender.allowed", actor=actor, now=now, object_type="blocked_sender",
        object_id=blocked_id,
    )  # fmt: skip


def _require(actor: Actor) -> None:
    if actor.side != "provider":
        raise Forbidden
    actor.require("request.work")


def _take(mail_id: UUID, actor: Actor) -> InboundMail:
    """Locked: two operators decide one after the other, and the second is told."""
    mail = get_for_change(mail_id=mail_id)
    actor.require("request.work", mail.line)
    if mail.state != "waiting":
        raise DecidedAlready
    return mail


def _read(mail: InboundMail) -> Mail:
    """Anew, from what came: what was kept of it for showing is not all of it."""
    stored = get_stored(mail)
    if stored is None or mail.reason == "unreadable":
        raise MailGone
    try:
        return message.read(
            files.read(stored), envelope_from=mail.envelope_from, authserv_id="", own_domain=""
        )
    except Unreadable as error:
        raise MailGone from error


def _sender(mail: InboundMail, line: str) -> Actor:
    """For whom the operator vouches: a person of the client, or just the name in the mail."""
    member = find_active_member(address=mail.sender) if mail.sender else None
    name = member.display_name if member else mail.sender_name or mail.sender or "?"
    return Actor(
        user_id=member.user_id if member else None, name=name, side="client",
        tenant_id=mail.tenant_id, role="client_user", lines={line: ""},
    )  # fmt: skip


def _accepted(
    mail: InboundMail, request: ServiceRequest, kind: str, *, actor: Actor, now: datetime
) -> None:
    mail.state, mail.request_id = "accepted", request.id
    _decided(mail, actor, now)
    _record("accepted", mail, actor, now, request=request.id, kind=kind)


def _decided(mail: InboundMail, actor: Actor, now: datetime, words: str = "") -> None:
    mail.decided_at, mail.decided_by_name = now, actor.name
    mail.decided_words = words


def _block(address: str, *, actor: Actor, now: datetime) -> None:
    made = db.session.execute(
        insert(BlockedSender)
        .values(
            tenant_id=current_scope().tenant_id, id=uuid7(), address=address, blocked_at=now,
            blocked_by_name=actor.name,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "address"])
        .returning(BlockedSender.id)
    ).scalar_one_or_none()  # fmt: skip
    if made is not None:
        audit.record(
            "mail_in.sender.blocked", actor=actor, now=now, object_type="blocked_sender",
            object_id=made,
        )  # fmt: skip


def _record(verb: str, mail: InboundMail, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"mail_in.mail.{verb}", actor=actor, now=now, object_type="mail", object_id=mail.id, **facts
    )
    db.session.flush()
