from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select, text
from sqlalchemy.orm import Session

from app.mail_in.addresses import Recipient
from app.mail_in.models import BlockedSender, InboundMail
from app.mail_in.rules import HOUR
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request_by_id
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.models import Member, StoredFile
from tenants.permissions import GUEST, Actor
from tenants.queries import list_mail_recipients
from tenants.scoping import current_scope

M, R = InboundMail, ServiceRequest
# What a list is narrowed to.
VIEWS: Mapping[str, tuple[str, ...]] = {
    "waiting": ("waiting",),
    "landed": ("landed", "accepted"),
    "discarded": ("discarded",),
}


def find_tenant_of(recipient: Recipient) -> UUID | None:
    """Needs no scope: what is asked before a mail's client is known."""
    slug = recipient.intake.slug if recipient.intake else None
    code = recipient.reply.code if recipient.reply else None
    found: UUID | None = db.session.execute(
        text("SELECT mail_in_tenant(:slug, :code)"), {"slug": slug, "code": code}
    ).scalar_one()
    return found


def get_mail(*, actor: Actor, mail_id: UUID) -> InboundMail:
    """NotFound for another company's, and for one of a line that the operator doesn't work on."""
    row = db.session.execute(
        select(M).where(
            M.tenant_id == current_scope().tenant_id, M.id == mail_id, M.line.in_(worked(actor))
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def worked(actor: Actor) -> list[str]:
    return [line for line in actor.visible_lines if actor.can("request.work", line)]


def list_mails(*, actor: Actor, view: str, cursor: str | None = None) -> Page[Row[Any]]:
    """With the number of the request that each became part of; newest first."""
    query = (
        select(M, R.number)
        .outerjoin(R, and_(R.tenant_id == M.tenant_id, R.id == M.request_id))
        .where(
            M.tenant_id == current_scope().tenant_id,
            M.state.in_(VIEWS[view]),
            M.line.in_(worked(actor)),
        )
    )
    if cursor:
        query = query.where(M.id < decode_cursor(cursor, UUID)[0])
    rows: Sequence[Any] = db.session.execute(query.order_by(M.id.desc()).limit(PAGE_SIZE + 1)).all()
    return page_of(rows, limit=PAGE_SIZE, place=lambda row: (row[0].id,))


def find_number(*, request_id: UUID | None) -> int | None:
    """Of the request that a mail became part of, or answers."""
    if request_id is None:
        return None
    return db.session.execute(
        select(R.number).where(R.tenant_id == current_scope().tenant_id, R.id == request_id)
    ).scalar_one_or_none()


def list_refused(*, limit: int = 100) -> Sequence[InboundMail]:
    """What didn't land by itself, for the company's administrator; newest first."""
    return (
        db.session.execute(
            select(M)
            .where(
                M.tenant_id == current_scope().tenant_id,
                M.state.in_(("waiting", "accepted", "discarded")),
            )
            .order_by(M.id.desc())
            .limit(limit)
        )
        .scalars()
        .all()
    )


def list_waiting_across(
    session: Session, *, lines_of: Mapping[UUID, Sequence[str]], limit: int = 200
) -> Sequence[InboundMail]:
    """What waits at every client, on the lines that the operator works on; oldest first."""
    mine = [and_(M.tenant_id == one, M.line.in_(lines)) for one, lines in lines_of.items() if lines]
    if not mine:
        return []
    return (
        session.execute(
            select(M)
            .where(M.tenant_id.in_(list(lines_of)), M.state == "waiting", or_(*mine))
            .order_by(M.received_at, M.id)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def get_for_change(*, mail_id: UUID) -> InboundMail:
    """As it is now, and locked: it lands or is decided on once."""
    return db.session.execute(
        select(M)
        .where(M.tenant_id == current_scope().tenant_id, M.id == mail_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def find_by_fingerprint(fingerprint: str) -> UUID | None:
    return db.session.execute(
        select(M.id).where(M.tenant_id == current_scope().tenant_id, M.fingerprint == fingerprint)
    ).scalar_one_or_none()


def count_lately(*, now: datetime, sender: str) -> tuple[int, int]:
    """How many the company got within the hour, and how many of them name this sender."""
    row = db.session.execute(
        select(func.count(), func.count().filter(M.sender == sender)).where(
            M.tenant_id == current_scope().tenant_id, M.received_at > now - HOUR
        )
    ).one()
    return row[0], row[1]


def count_landed_before(mail: InboundMail) -> int:
    """How many of its sender landed within the hour before it; who forges a sender's name doesn't
    use up what they may send."""
    return db.session.execute(
        select(func.count()).where(
            M.tenant_id == mail.tenant_id,
            M.sender == mail.sender,
            M.state == "landed",
            M.received_at > mail.received_at - HOUR,
        )
    ).scalar_one()


def list_blocked() -> Sequence[BlockedSender]:
    return (
        db.session.execute(
            select(BlockedSender)
            .where(BlockedSender.tenant_id == current_scope().tenant_id)
            .order_by(BlockedSender.address)
        )
        .scalars()
        .all()
    )


def is_blocked(address: str) -> bool:
    found = select(BlockedSender.id).where(
        BlockedSender.tenant_id == current_scope().tenant_id, BlockedSender.address == address
    )
    return db.session.execute(found).first() is not None


def find_active_member(*, address: str) -> Member | None:
    """The company's person with this address whose account is alive."""
    rows = db.session.execute(
        select(Member).where(
            Member.tenant_id == current_scope().tenant_id,
            Member.removed_at.is_(None),
            # A guest's mail is looked at by a person first.
            Member.role != GUEST,
            func.lower(Member.email) == address,
        )
    ).scalars()
    found = rows.all()
    if len(found) != 1 or not list_mail_recipients(user_ids=[found[0].user_id]):
        return None
    return found[0]


def find_request_by_number(number: int, *, follow: bool = True) -> ServiceRequest | None:
    """`follow` leads to where work that was merged goes on."""
    row = db.session.execute(
        select(R).where(R.tenant_id == current_scope().tenant_id, R.number == number)
    ).scalar_one_or_none()
    for _ in range(5):
        if not follow or row is None or row.merged_into is None:
            break
        row = get_request_by_id(request_id=row.merged_into)
    return row


def list_over(*, before: datetime, limit: int = 500) -> Sequence[InboundMail]:
    """Older than they are kept, and not emptied yet."""
    return (
        db.session.execute(
            select(M)
            .where(
                M.tenant_id == current_scope().tenant_id,
                M.received_at < before,
                M.file_id.is_not(None),
            )
            .order_by(M.received_at)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def get_stored(mail: InboundMail) -> StoredFile | None:
    """The mail as it came, while it is kept."""
    return db.session.execute(
        select(StoredFile).where(
            StoredFile.tenant_id == mail.tenant_id, StoredFile.id == mail.file_id
        )
    ).scalar_one_or_none()
