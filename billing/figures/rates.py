"""What an hour of the provider's people costs it; the clients never hear of it."""

from datetime import date, datetime
from uuid import UUID

from billing.figures.models import MOST_CENTS, InternalRate
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.models import STAFF_ROLES
from tenants.permissions import Actor


def set_rate(
    *, user_id: UUID | None, role: str, cents: int, starts_on: date, actor: Actor, now: datetime
) -> InternalRate:
    """Of one person, or of a role; from the first of the month on."""
    actor.require("provider.administer")
    if (user_id is None) == (role not in STAFF_ROLES):
        raise Invalid(field_errors={"whose": [_m("Choose a role or a person.")]})
    if not 0 <= cents <= MOST_CENTS:
        raise Invalid(field_errors={"amount": [_m("Between 0.00 and 1,000.00 an hour.")]})
    assert actor.user_id is not None
    rate = InternalRate(
        user_id=user_id, role="" if user_id else role, cents=cents,
        starts_on=starts_on.replace(day=1), set_at=now, set_by=actor.user_id,
        set_by_name=actor.name,
    )  # fmt: skip
    db.session.add(rate)
    db.session.flush()
    audit.record(
        "billing.internal_rate.set", actor=actor, now=now, object_type="internal_rate",
        object_id=rate.id, cents=cents, starts_on=rate.starts_on.isoformat(), role=rate.role,
        person=str(user_id) if user_id else "",
    )  # fmt: skip
    return rate
