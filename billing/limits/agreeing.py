"""More people or room than the plan has: one administrator of the provider asks, another one
decides."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from billing.limits.models import EntitlementOverride
from billing.limits.queries import get_override_for_change
from billing.limits.rules import FEATURES
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.services.checks import one_of

RIGHT = "provider.administer"


def ask_for_limit(
    *,
    feature: str,
    value: int,
    expires_at: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
) -> EntitlementOverride:
    """In seats or GB; it may be less than the plan has. One of each waits at a time."""
    actor.require(RIGHT)
    one_of("feature", feature, FEATURES)
    if value < 1:
        raise Invalid(field_errors={"value": [_m("Give at least 1.")]})
    if expires_at <= now:
        raise Invalid(field_errors={"until": [_m("Choose a day that is not over.")]})
    assert actor.user_id is not None
    row = EntitlementOverride(
        id=uuid7(), feature=feature, value=value, expires_at=expires_at, reason=reason,
        asked_by=actor.user_id, asked_by_name=actor.name, asked_at=now,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            _m("One for this limit waits for its decision already. Decide on that one first."),
            code="limit_asked",
        ) from error
    _note("asked", row, actor, now)
    return row


def approve_limit(*, override_id: UUID, actor: Actor, now: datetime) -> None:
    """It counts at once."""
    actor.require(RIGHT)
    row = _open(override_id)
    if row.asked_by == actor.user_id:
        raise Forbidden(
            _m("Somebody else has to approve a limit that you asked for."), code="own_limit"
        )
    if row.expires_at <= now:
        raise Conflict(_m("Its last day is over. Refuse it and ask again."), code="limit_too_late")
    _decide(row, "approved", actor, now)


def refuse_limit(*, override_id: UUID, actor: Actor, now: datetime) -> None:
    """Whoever asked for it takes it back with this."""
    actor.require(RIGHT)
    row = _open(override_id)
    _decide(row, "withdrawn" if row.asked_by == actor.user_id else "refused", actor, now)


def _open(override_id: UUID) -> EntitlementOverride:
    row = get_override_for_change(override_id=override_id)
    if row.verdict is not None:
        raise Conflict(_m("This was decided on already."), code="limit_decided")
    return row


def _decide(row: EntitlementOverride, verdict: str, actor: Actor, now: datetime) -> None:
    row.verdict, row.decided_by, row.decided_by_name = verdict, actor.user_id, actor.name
    row.decided_at = now
    db.session.flush()
    _note(verdict, row, actor, now)


def _note(verb: str, row: EntitlementOverride, actor: Actor, now: datetime) -> None:
    audit.record(
        f"billing.limit.{verb}", actor=actor, now=now, object_type="entitlement_override",
        object_id=row.id, feature=row.feature, value=row.value,
        expires_at=row.expires_at.isoformat(), reason=row.reason,
    )  # fmt: skip
