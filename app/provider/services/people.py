"""What the provider does for one of a client's people."""

from datetime import datetime
from uuid import UUID

from app.auth.lost_factor import reset_by_administrator
from tenants.permissions import Actor
from tenants.queries import get_member


def reset_factor_of_member(
    *, member_id: UUID, code: str, actor: Actor, now: datetime, real_now: datetime
) -> None:
    actor.require("provider.administer")
    member = get_member(member_id=member_id, with_guests=True)
    reset_by_administrator(
        user_id=member.user_id, code=code, actor=actor, now=now, real_now=real_now
    )
