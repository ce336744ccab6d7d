"""Keeping a mail that arrives. It is read later, by a job: whoever hands it over waits for nothing
but the commit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.mail_in.addresses import Recipient
from app.mail_in.models import InboundMail
from app.mail_in.queries import count_lately, find_by_fingerprint, find_request_by_number
from app.mail_in.reading.message import LARGEST, fingerprint, head_of
from app.mail_in.rules import MOST_OF_COMPANY, MOST_OF_SENDER
from tenants import files
from tenants.core.db import db
from tenants.core.errors import TooLarge, TooMany
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id


@dataclass(frozen=True, slots=True)
class Received:
    """`new`: it was not handed over before."""

    mail_id: UUID
    new: bool


def receive(
    *, raw: bytes, envelope_from: str, recipient: Recipient, source: str, now: datetime
) -> Received:
    """In the company's scope. The same mail again, after a lost answer, is the first one."""
    if len(raw) > LARGEST:
        raise TooLarge(_m("A mail may have %(limit)s MB."), limit=LARGEST // 1024**2)
    mark = fingerprint(raw)
    _take_turn(mark)
    known = find_by_fingerprint(mark)
    if known is not None:
        return Received(known, new=False)
    head = head_of(raw)
    all_of_them, of_sender = count_lately(now=now, sender=head.sender)
    if all_of_them >= MOST_OF_COMPANY or of_sender >= MOST_OF_SENDER:
        raise TooMany(_m("Too many mails within an hour. Try again later."))
    stored = files.save(
        name="mail.eml", content_type="message/rfc822", content=raw or b"\n", now=now,
        actor=system_actor(scoped_tenant_id()),
    )  # fmt: skip
    row = InboundMail(
        id=uuid7(), received_at=now, source=source, recipient=recipient.address[:320],
        line=_line_of(recipient), fingerprint=mark, file_id=stored.id, size=len(raw),
        envelope_from=envelope_from[:320], sender=head.sender, sender_name=head.sender_name,
        subject=head.subject, state="received",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    enqueue(
        "mail_in.read",
        queue="interactive",
        key=f"mail:{row.id}",
        subject=("mail", row.id),
        mail_id=row.id,
    )
    return Received(row.id, new=True)


def _take_turn(mark: str) -> None:
    """Two servers that hand over the same mail at once come one after the other."""
    key = f"{scoped_tenant_id()}:mail:{mark}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _line_of(recipient: Recipient) -> str:
    """An answer belongs to its request's line, even before anybody believes it."""
    if recipient.intake:
        return recipient.intake.line
    request = find_request_by_number(recipient.reply.number) if recipient.reply else None
    return request.line if request else "administration"
