"""Making and ending tokens. What a token may do is decided when it is used: the rights that its
holder has then, within its scopes."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, update

from app.tokens.models import ApiToken
from tenants import audit, queries
from tenants.core.crypto import token_hash
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor, offered_scopes
from tenants.scoping import current_scope

PREFIX = "coulisse_"
LONGEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NewToken:
    """`plain` is shown once and kept nowhere."""

    row: ApiToken
    plain: str


def create_token(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    scopes: Iterable[str],
    lifetime: timedelta,
    has_second_factor: bool,
) -> NewToken:
    """`now` is the machine's time. Who has a second factor must have shown it within minutes."""
    actor.require("token.use")
    if actor.user_id is None or actor.token_scopes is not None:
        raise Forbidden
    if has_second_factor:
        actor.require_second_factor(now)
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(offered_scopes(actor)):
        raise Invalid(
            field_errors={"scopes": [_m("Choose what it may do, among what you may do yourself.")]}
        )
    if not timedelta(0) < lifetime <= LONGEST:
        raise Invalid(field_errors={"days": [_m("Between one day and one year, please.")]})
    plain = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        id=uuid7(), user_id=actor.user_id, holder_name=actor.name, name=name, scopes=chosen,
        token_hash=token_hash(plain), created_at=now, expires_at=now + lifetime,
    )  # fmt: skip
    db.session.add(row)
    audit.record(
        "account.token.created", actor=actor, now=now, object_type="token", object_id=row.id,
        scopes=chosen, expires_at=row.expires_at,
    )  # fmt: skip
    db.session.flush()
    return NewToken(row, plain)


def end_token(*, token: ApiToken, actor: Actor, now: datetime) -> None:
    """One's own, or anybody's for who looks after the company's people."""
    if token.user_id != actor.user_id:
        actor.require("token.manage")
    _end(ApiToken.id == token.id, actor, now)


def end_tokens_of(*, user_id: UUID, actor: Actor, now: datetime) -> int:
    """All tokens of one person in the company in scope: their access here has ended."""
    return _end(ApiToken.user_id == user_id, actor, now)


def end_tokens_without_access(*, user_id: UUID, actor: Actor, now: datetime) -> int:
    """All of them once neither a live grant nor membership opens the company to this person: an
    access that is given later begins without the programs of the earlier one."""
    member = queries.find_member_of_user(user_id=user_id)
    if member is not None and member.is_colleague:
        return 0
    if queries.list_grants(live_at=now, user_id=user_id):
        return 0
    return end_tokens_of(user_id=user_id, actor=actor, now=now)


def _end(which: ColumnElement[bool], actor: Actor, now: datetime) -> int:
    """How many: one that ended before stays as it was."""
    ended = db.session.execute(
        update(ApiToken)
        .where(ApiToken.tenant_id == current_scope().tenant_id, ApiToken.ended_at.is_(None), which)
        .values(ended_at=now, ended_by=actor.user_id)
        .returning(ApiToken.id, ApiToken.user_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    for row in ended:
        audit.record(
            "account.token.ended", actor=actor, now=now, object_type="token", object_id=row.id,
            holder=row.user_id,
        )  # fmt: skip
    return len(ended)
