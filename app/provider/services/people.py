"""What the provider does for one of a client's people."""

from datetime import datetime
from uuid import UUID

from app.notifications.audiences import account
from app.notifications.services import tell
from tenants.permissions import Actor
from tenants.queries import get_member
from tenants.services.second_factor import reset_second_factor


def reset_factor_of_member(
    *, member_id: UUID, actor: Actor, now: datetime, real_now: datetime
) -> None:
    """The factor ends with its recovery codes and all sessions; its owner is told by mail."""
    actor.require("provider.administer")
    member = get_member(member_id=member_id)
    reset_second_factor(user_id=member.user_id, actor=actor, now=now, real_now=real_now)
    tell(
        "account.second_factor_reset", audience=account(member.user_id), link="/sign-in",
        key=f"{member.user_id}:{real_now.isoformat()}", actor=actor,
    )  # fmt: skip
