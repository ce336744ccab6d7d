"""A second factor that somebody lost: an administrator takes it away, its owner is told by mail."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.auth.services import verify_second_factor
from app.notifications.audiences import account
from app.notifications.services import tell
from tenants.core.errors import Forbidden
from tenants.permissions import Actor
from tenants.services.second_factor import reset_second_factor


def reset_by_administrator(
    *, user_id: UUID, code: str, actor: Actor, now: datetime, real_now: datetime
) -> None:
    """The factor ends with its recovery codes and all sessions. `code` is the actor's own; it
    confirms this one act, not the session."""
    if actor.user_id is None:
        raise Forbidden
    verify_second_factor(user_id=actor.user_id, code=code, now=real_now)
    confirmed = replace(actor, second_factor_at=real_now)
    reset_second_factor(user_id=user_id, actor=confirmed, now=now, real_now=real_now)
    tell(
        "account.second_factor_reset", audience=account(user_id), link="/sign-in",
        key=f"{user_id}:{real_now.isoformat()}", actor=actor,
    )  # fmt: skip
