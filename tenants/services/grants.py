"""What opens a client company to the provider's people: by line, level, expiry and reason."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from tenants import audit, queries
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import GRANT_LEVELS, SERVICE_LINES, Grant
from tenants.permissions import Actor
from tenants.services.checks import one_at_a_time, one_of, require_people

LONGEST_GRANT = timedelta(days=366)


def give_grant(
    *,
    user_id: UUID,
    line: str,
    level: str,
    reason: str,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> Grant:
    """Opens the client in scope to one of the provider's people; `actor` is who granted it.

    A live grant of the same person and line is ended: the new one stands in its place.
    """
    actor.require("provider.administer")
    one_of("line", line, SERVICE_LINES)
    one_of("level", level, GRANT_LEVELS)
    if not reason.strip():
        raise Invalid(field_errors={"reason": [_m("Say why this access is needed.")]})
    if not now < expires_at <= now + LONGEST_GRANT:
        raise Invalid(field_errors={"expires_at": [_m("Choose a day within the next year.")]})
    if user_id == actor.user_id:
        raise Conflict(_m("Nobody grants an access to themselves."), code="own_grant")
    one_at_a_time("grants")
    person = queries.find_staff(user_id=user_id)
    if person is None or not person.active:
        raise Conflict(_m("This person does not work for the provider."), code="not_staff")
    for earlier in queries.list_grants(live_at=now, user_id=user_id):
        if earlier.line == line:
            _end(earlier, actor, now)
    grant = Grant(
        id=uuid7(),
        user_id=user_id,
        display_name=person.display_name,
        line=line,
        level=level,
        reason=reason.strip(),
        expires_at=expires_at,
        granted_by=actor.user_id,
        created_at=now,
    )
    db.session.add(grant)
    db.session.flush()
    audit.record(
        "tenants.grant.given", actor=actor, now=now, object_type="grant", object_id=grant.id,
        holder=user_id, line=line, level=level, expires_at=expires_at.isoformat(),
    )  # fmt: skip
    return grant


def end_grant(*, grant_id: UUID, actor: Actor, now: datetime) -> bool:
    """The provider's administrator and the client's may both end it; twice is once. Says whether it
    ended just now."""
    require_people(actor)
    return _end(queries.get_grant(grant_id=grant_id), actor, now)


def end_grants_of(*, user_id: UUID, actor: Actor, now: datetime) -> int:
    """All that one person holds of the client in scope, out of date or not; answers how many."""
    require_people(actor)
    return sum(_end(one, actor, now) for one in queries.list_grants(user_id=user_id))


def _end(grant: Grant, actor: Actor, now: datetime) -> bool:
    """False when it ended before; of two at once the second waits here and sees it."""
    if grant.ended_at is not None:
        return False
    ended = db.session.execute(
        update(Grant)
        .where(Grant.tenant_id == grant.tenant_id, Grant.id == grant.id, Grant.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Grant.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    if ended is None:
        return False
    audit.record(
        "tenants.grant.ended", actor=actor, now=now,
        object_type="grant", object_id=grant.id, holder=grant.user_id, line=grant.line,
    )  # fmt: skip
    return True
