"""What a person may read of their own account; the first two serve before anyone is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text

from app.auth.devices import Device, device_of
from tenants.core.db import db
from tenants.models import (
    PROVIDER_TENANT,
    AuditEvent,
    RecoveryCode,
    SignInSession,
    StaffMember,
)

# The limits of `session_context`: what is older can't be used and isn't listed.
STILL_USABLE = (
    SignInSession.ended_at.is_(None),
    SignInSession.last_seen_at > func.now() - text("interval '12 hours'"),
    SignInSession.created_at > func.now() - text("interval '14 days'"),
)
REF_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Account:
    user_id: UUID
    password_hash: str | None
    needs_second_factor: bool
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class LinkOwner:
    user_id: UUID
    purpose: str
    display_name: str
    language: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`ref` names the session in a form; the token can't be made from it."""

    ref: str
    created_at: datetime
    last_seen_at: datetime
    address: str
    device: Device
    current: bool


@dataclass(frozen=True, slots=True)
class OwnEvent:
    at: datetime
    name: str
    address: str


def find_account(*, email: str) -> Account | None:
    row = db.session.execute(
        text("SELECT * FROM sign_in_lookup(:email)"), {"email": email}
    ).one_or_none()
    return Account(*row) if row else None


def find_link_owner(*, token_hash: str) -> LinkOwner | None:
    """None for a link that is unknown, used or out of date."""
    row = db.session.execute(
        text("SELECT * FROM user_of_token(:hash)"), {"hash": token_hash}
    ).one_or_none()
    return LinkOwner(*row) if row else None


def is_staff(*, user_id: UUID) -> bool:
    return (
        db.session.execute(
            select(StaffMember.user_id).where(StaffMember.user_id == user_id, StaffMember.active)
        ).scalar_one_or_none()
        is not None
    )


def list_open_sessions(*, user_id: UUID, current_hash: str) -> Sequence[OpenSession]:
    rows = db.session.execute(
        select(SignInSession)
        .where(SignInSession.user_id == user_id, *STILL_USABLE)
        .order_by(SignInSession.last_seen_at.desc())
    ).scalars()
    return [
        OpenSession(
            ref=row.token_hash[:REF_LENGTH],
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            address=row.address,
            device=device_of(row.user_agent),
            current=row.token_hash == current_hash,
        )
        for row in rows
    ]


def list_own_events(*, user_id: UUID, names: Sequence[str], limit: int = 20) -> Sequence[OwnEvent]:
    """What happened to this account, newest first; accounts' events stand in the provider's tenant."""
    rows = db.session.execute(
        select(AuditEvent.at, AuditEvent.name, AuditEvent.address)
        .where(
            AuditEvent.tenant_id == PROVIDER_TENANT,
            AuditEvent.object_id == user_id,
            AuditEvent.name.in_(names),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    return [OwnEvent(*row) for row in rows]


def count_recovery_codes(*, user_id: UUID) -> int:
    return db.session.execute(
        select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    ).scalar_one()
