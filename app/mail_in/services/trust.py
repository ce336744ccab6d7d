"""Whether a mail counts as the client's. Two things prove it: an address for answers that only its
person was given, or a signature of the sender's own domain that our receiving server verified."""

from dataclasses import dataclass
from datetime import datetime

from app.mail_in.addresses import Recipient
from app.mail_in.models import InboundMail
from app.mail_in.queries import (
    count_landed_before,
    find_active_member,
    find_request_by_number,
    is_blocked,
)
from app.mail_in.reading.message import Mail
from app.mail_in.rules import ANSWERABLE, MOST_LANDING
from app.notifications.reply_addresses import ReplyTo
from app.service_requests.models import ServiceRequest
from tenants.models import Member
from tenants.permissions import Actor
from tenants.queries import list_members


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` says why it waits; without one it lands, as `member`'s, on `request` or as a new
    one."""

    reason: str = ""
    member: Member | None = None
    proof: str = ""
    request: ServiceRequest | None = None


def judge(mail: InboundMail, read: Mail, recipient: Recipient | None, *, now: datetime) -> Verdict:
    reason = _why_not_read(mail, read)
    if reason:
        return Verdict(reason)
    if recipient is None:
        return Verdict("bad_token")
    member = find_active_member(address=read.head.sender)
    if recipient.reply is not None:
        return _judge_answer(read, recipient.reply, member, now=now)
    if member is None:
        return Verdict("unknown_sender")
    if not read.findings.proves(read.head.sender):
        return Verdict("not_proven", member)
    if mail.line not in member.lines:
        return Verdict("no_line", member)
    return Verdict(member=member, proof="signature")


def _why_not_read(mail: InboundMail, read: Mail) -> str:
    """Before it matters whose it is."""
    if read.automatic:
        return read.automatic
    if not read.head.sender:
        return "no_sender"
    if is_blocked(read.head.sender):
        return "blocked"
    if count_landed_before(mail) >= MOST_LANDING:
        return "too_many"
    if not read.text and not read.attachments:
        return "empty"
    return "forged" if read.findings.dmarc_failed else ""


def _judge_answer(read: Mail, reply: ReplyTo, member: Member | None, *, now: datetime) -> Verdict:
    named = find_request_by_number(reply.number, follow=False)
    owner = _owner(reply, named) if named else None
    if named is None or owner is None:
        return Verdict("bad_token", member)
    if member is None:
        return Verdict("unknown_sender")
    if owner.id == member.id:
        proof = "reply_token"
    elif read.findings.proves(read.head.sender):
        # A colleague answers a mail that was passed on; their own domain speaks for them.
        proof = "signature"
    else:
        return Verdict("other_sender", member)
    request = find_request_by_number(reply.number) or named
    lines = {named.line, request.line}
    if not (lines <= set(member.lines) and lines <= set(owner.lines)):
        return Verdict("no_line", member)
    if not request.is_open:
        over = request.closed_at is None or now > request.closed_at + ANSWERABLE
        return Verdict("answer_over" if over else "request_ended", member, request=request)
    return Verdict(member=member, proof=proof, request=request)


def _owner(reply: ReplyTo, request: ServiceRequest) -> Member | None:
    """Whom the address was given to, as long as they are here."""
    return next(
        (
            one
            for one in list_members()
            if reply.is_of(tenant_id=request.tenant_id, request_id=request.id, user_id=one.user_id)
        ),
        None,
    )


def actor_of(member: Member) -> Actor:
    """The person as a mail can speak for them: it decides on nothing, whatever they may do when
    they are signed in."""
    return Actor(
        user_id=member.user_id, name=member.display_name, side="client",
        tenant_id=member.tenant_id, role="client_user", approver=False,
        lines=dict.fromkeys(member.lines, ""),
    )  # fmt: skip
