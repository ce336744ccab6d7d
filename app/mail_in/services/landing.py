"""Reading a mail that was kept: it becomes part of a request, or waits for an operator."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from app.catalogue.item import CatalogueItem
from app.catalogue.memory import ITEMS, get_item, offered_items
from app.mail_in.addresses import parse
from app.mail_in.models import InboundMail
from app.mail_in.queries import get_for_change, get_stored
from app.mail_in.reading import message
from app.mail_in.reading.attachments import Attachment
from app.mail_in.reading.message import Mail, Unreadable
from app.mail_in.reading.quoting import split
from app.mail_in.rules import MailRules
from app.mail_in.services.trust import Verdict, actor_of, judge
from app.notifications import audiences
from app.notifications.services import tell
from app.service_requests.models import ClientMessage, ServiceRequest
from app.service_requests.services.conversation import require_talk, send_message
from app.service_requests.services.intake import Upload, raise_request
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.permissions import Actor, system_actor
from tenants.uploads import NoRoom

MOST_WORDS = 10_000
MOST_TITLE = 120
_PREFIXES = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|tr|rép|antw)\s*:)+\s*", re.IGNORECASE)


def read_mail(*, mail_id: UUID, rules: MailRules, now: datetime, last_try: bool = False) -> None:
    """Once, however often its job runs. What no try before the last one survived waits unread."""
    mail = get_for_change(mail_id=mail_id)
    stored = get_stored(mail)
    if mail.state != "received" or stored is None:
        return
    try:
        if last_try:
            raise Unreadable
        read = message.read(
            files.read(stored), envelope_from=mail.envelope_from, authserv_id=rules.authserv_id,
            own_domain=rules.own_domain,
        )  # fmt: skip
    except Unreadable:
        _wait(mail, "unreadable", now=now)
        return
    mail.words = read.text[: 5 * MOST_WORDS]
    mail.attachments = [
        {"name": one.name, "size": len(one.content), "refused": one.refused}
        for one in read.attachments
    ]
    verdict = judge(mail, read, parse(mail.recipient, domain=rules.domain), now=now)
    mail.user_id = verdict.member.user_id if verdict.member else None
    mail.request_id = verdict.request.id if verdict.request else None
    if verdict.reason:
        _wait(mail, verdict.reason, now=now)
        return
    _land(mail, read, verdict, now=now)


def _land(mail: InboundMail, read: Mail, verdict: Verdict, *, now: datetime) -> None:
    assert verdict.member is not None
    actor = actor_of(verdict.member)
    item = None if verdict.request else general_item(mail.line)
    if verdict.request is None and item is None:
        _wait(mail, "no_item", now=now)
        return
    try:
        with db.session.begin_nested():
            request = _take_over(mail, read, verdict.request or item, actor=actor, now=now)
    except NoRoom:
        _wait(mail, "no_room", now=now)
        return
    except CoulisseError as refusal:
        mail.decided_words = refusal.text[:300]
        _wait(mail, "not_possible", now=now)
        return
    mail.state, mail.proof, mail.request_id = "landed", verdict.proof, request.id
    _record("landed", mail, system_actor(mail.tenant_id), now, request=request.id,
            proof=verdict.proof)  # fmt: skip
    if verdict.request is None:
        _confirm(request, actor=actor)


def _take_over(
    mail: InboundMail, read: Mail, where: ServiceRequest | CatalogueItem | None, *, actor: Actor,
    now: datetime,
) -> ServiceRequest:  # fmt: skip
    if isinstance(where, ServiceRequest):
        add_message(where, mail, read, actor=actor, now=now)
        return where
    assert where is not None
    return begin_request(mail, read, item_code=where.code, actor=actor, now=now)


def _confirm(request: ServiceRequest, *, actor: Actor) -> None:
    """To a sender who is proven, and never for an automatic mail: nobody else is answered."""
    item = ITEMS.get(request.item)
    tell(
        "request.raised_by_mail",
        audience=audiences.people([actor.user_id], line=request.line),
        link=f"requests/{request.number}", key=str(request.id), actor=actor, about=request.id,
        number=request.number, item=item.title if item else request.item, due=request.due_at,
    )  # fmt: skip


def general_item(line: str) -> CatalogueItem | None:
    """What a mail becomes that names no item: the line's own general request."""
    return next((one for one in offered_items() if one.code == f"{line}_question"), None)


def begin_request(
    mail: InboundMail, read: Mail, *, item_code: str, actor: Actor, now: datetime,
    requester_id: UUID | None = None, accepted_by: str = "",
) -> ServiceRequest:  # fmt: skip
    """With all of its words: what is passed on stands in the history of a mail."""
    actor.require("request.raise", get_item(item_code).line)
    uploads, refused = _files(read)
    words, more = _cut(read.text)
    request = raise_request(
        actor=actor, now=now, item_code=item_code, uploads=[*uploads, *more],
        values={"title": _title(mail), "details": words or _title(mail), "wanted_on": None},
        requester_id=requester_id,
    )  # fmt: skip
    if refused:
        kept = {"sender": mail.sender, "refused": refused, "accepted_by": accepted_by}
        names = ", ".join(one["name"] for one in refused)
        db.session.add(_said(request, mail, names, kept, actor=actor, now=now))
        db.session.flush()
    return request


def add_message(
    request: ServiceRequest, mail: InboundMail, read: Mail, *, actor: Actor, now: datetime,
    accepted_by: str = "",
) -> ClientMessage:  # fmt: skip
    """A message of the client, never a note, an answer or a decision."""
    require_talk(request, actor)
    parts = split(read.text)
    uploads, refused = _files(read)
    words, more = _cut(parts.new)
    kept = {
        "sender": mail.sender, "quoted": parts.quoted[: 2 * MOST_WORDS], "refused": refused,
        "accepted_by": accepted_by,
    }  # fmt: skip
    return send_message(
        request=request, actor=actor, now=now, body=words, uploads=[*uploads, *more], mail=kept
    )


def _said(
    request: ServiceRequest, mail: InboundMail, body: str, kept: dict[str, Any], *, actor: Actor,
    now: datetime,
) -> ClientMessage:  # fmt: skip
    return ClientMessage(
        request_id=request.id, at=now, author_id=actor.user_id if actor.side == "client" else None,
        author_name=mail.sender_name or mail.sender, author_side="client", body=body, mail=kept,
    )  # fmt: skip


def _files(read: Mail) -> tuple[list[Upload], list[dict[str, str]]]:
    taken = [one for one in read.attachments if not one.refused]
    refused = [{"name": one.name, "why": one.refused} for one in read.attachments if one.refused]
    return [_upload(one) for one in taken], refused


def _upload(one: Attachment) -> Upload:
    return Upload(slot="", name=one.name, content_type=one.content_type, content=one.content)


def _cut(words: str) -> tuple[str, list[Upload]]:
    """What is longer than a message may be comes along as a file, whole."""
    if len(words) <= MOST_WORDS:
        return words, []
    whole = Upload(slot="", name="mail.txt", content_type="text/plain", content=words.encode())
    return words[: MOST_WORDS - 1] + "…", [whole]


def _title(mail: InboundMail) -> str:
    return (_PREFIXES.sub("", mail.subject) or mail.sender)[:MOST_TITLE]


def _wait(mail: InboundMail, reason: str, *, now: datetime) -> None:
    """A blocked sender's mails wait for nobody."""
    mail.state, mail.reason = ("discarded" if reason == "blocked" else "waiting"), reason
    _record("held", mail, system_actor(mail.tenant_id), now, reason=reason)


def _record(verb: str, mail: InboundMail, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"mail_in.mail.{verb}", actor=actor, now=now, object_type="mail", object_id=mail.id, **facts
    )
    db.session.flush()
