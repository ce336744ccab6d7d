"""A second factor that somebody lost: an administrator takes it away, its owner sets up a new one.

The database holds the rule: a client's administrator for people of this company alone, the
provider's administrator (in the provider's own scope) for anyone but themselves.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.services.checks import require_people


def reset_second_factor(*, user_id: UUID, actor: Actor, now: datetime, real_now: datetime) -> None:
    """Ends the factor, its recovery codes and every session of this person.

    The actor's own factor has to be fresh by `real_now`, the machine's time.
    """
    require_people(actor)
    actor.require_second_factor(real_now)
    row = db.session.execute(
        text("SELECT * FROM reset_second_factor(:user_id)"), {"user_id": user_id}
    ).one_or_none()
    if row is None:
        raise Conflict(
            _m(
                "This second factor can't be reset here: there is none, it is your own, or this "
                "person works elsewhere too. Ask the provider's administrator."
            ),
            code="reset_refused",
        )
    audit.record(
        "tenants.second_factor.reset", actor=actor, now=now,
        object_type="user", object_id=user_id, sessions_ended=row.sessions,
    )  # fmt: skip
