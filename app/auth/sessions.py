"""A person's sign-in sessions: rows that a cookie's token opens. Only its hash is stored."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, update

from app.auth import queries
from tenants import audit, scoping
from tenants.core.crypto import token_hash
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.models import PROVIDER_TENANT, SignInSession
from tenants.permissions import Actor
from tenants.queries import get_user


@dataclass(frozen=True, slots=True)
class Visitor:
    """The machine a request comes from, as its session will remember it."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""


def enter_as(user_id: UUID) -> None:
    scoping.enter(scoping.Scope(tenant_id=PROVIDER_TENANT, user_id=user_id))


def start(user_id: UUID, visitor: Visitor) -> str:
    token = secrets.token_urlsafe(32)
    db.session.execute(
        insert(SignInSession).values(
            token_hash=token_hash(token),
            user_id=user_id,
            address=visitor.address[:100],
            user_agent=visitor.user_agent[:300],
        )
    )
    return token


def renew(user_id: UUID, session_hash: str, second_factor_at: datetime | None = None) -> str:
    """A new token for the same session: its absolute limit runs on."""
    token = secrets.token_urlsafe(32)
    values: dict[str, object] = {"token_hash": token_hash(token)}
    if second_factor_at is not None:
        values["second_factor_at"] = second_factor_at
    renewed = db.session.execute(
        update(SignInSession)
        .where(
            SignInSession.token_hash == session_hash,
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
        )
        .values(values)
        .returning(SignInSession.user_id)
    ).scalar_one_or_none()
    if renewed is None:
        raise Conflict
    return token


def end(user_id: UUID, *which: ColumnElement[bool]) -> int:
    ended = db.session.execute(
        update(SignInSession)
        .where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None), *which)
        .values(ended_at=func.now())
        .returning(SignInSession.user_id)
    )
    return len(ended.all())


def record(name: str, user_id: UUID, visitor: Visitor, now: datetime) -> None:
    user = get_user(user_id=user_id)
    actor = Actor(
        user_id=user_id,
        name=user.display_name,
        side="provider" if queries.is_staff(user_id=user_id) else "client",
        address=visitor.address,
        request_id=visitor.request_id,
    )
    audit.record(name, actor=actor, now=now, object_type="user", object_id=user_id)
