"""Links by mail: the first password, and a new one."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from tenants import audit, outbox, queries
from tenants.core.crypto import token_hash
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.services.checks import require_people

INVITATION_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a mail is written from: whom it greets, in which language, where it leads."""

    name: str
    language: str
    link: str


WriteMail = Callable[[Recipient], Mail]


def invite(
    *, email: str, display_name: str, language: str, write: WriteMail, base_url: str,
    actor: Actor, now: datetime, user_id: UUID | None = None,
) -> str | None:  # fmt: skip
    """Send the link that sets a first password; answers it for a terminal.

    Someone who can sign in already gets no link: the mail leads to the sign-in page, None.
    """
    require_people(actor)
    link = None
    if not queries.has_password(email=email):
        link = send_link(
            email=email, purpose="invitation", lifetime=INVITATION_LIFETIME,
            write=write, base_url=base_url,
        )  # fmt: skip
    else:
        mail = write(Recipient(display_name, language, f"{base_url}/sign-in"))
        _send(email, mail, verb="account.invitation", key=f"invitation:{uuid7()}")
    audit.record(
        "tenants.invitation.sent", actor=actor, now=now, object_type="user", object_id=user_id
    )
    return link


def send_link(
    *, email: str, purpose: str, lifetime: timedelta, write: WriteMail, base_url: str
) -> str | None:
    """A single-use link to the account of this address, by mail. None when there is none."""
    reader = start_link(email=email, purpose=purpose, lifetime=lifetime, base_url=base_url)
    if reader is None:
        return None
    key = f"{purpose}:{token_hash(reader.link)}"
    _send(email, write(reader), verb=f"account.{purpose}", key=key)
    return reader.link


def start_link(*, email: str, purpose: str, lifetime: timedelta, base_url: str) -> Recipient | None:
    """The same without the mail, for a terminal. Only the token's hash is kept."""
    token = secrets.token_urlsafe(32)
    row = db.session.execute(
        text("SELECT * FROM start_user_token(:email, :purpose, :hash, :lifetime)"),
        {"email": email, "purpose": purpose, "hash": token_hash(token), "lifetime": lifetime},
    ).one_or_none()
    return Recipient(row.display_name, row.language, f"{base_url}/link/{token}") if row else None


def end_invitations(*, user_id: UUID) -> int:
    """Links that were never used, of somebody who just left and belongs to nobody else."""
    ended: int = db.session.execute(
        text("SELECT end_invitations(:user_id)"), {"user_id": user_id}
    ).scalar_one()
    return ended


def _send(to: str, mail: Mail, *, verb: str, key: str) -> None:
    params = {"to": to, "subject": mail.subject, "text": mail.text, "html": mail.html}
    outbox.send(kind="mail", verb=verb, dedupe_key=key, params=params, queue="interactive")


def ensure_user(email: str, display_name: str, language: str) -> UUID:
    user_id: UUID = db.session.execute(
        text("SELECT ensure_user(:id, :email, :name, :language)"),
        {"id": uuid7(), "email": email.strip(), "name": display_name, "language": language},
    ).scalar_one()
    return user_id
