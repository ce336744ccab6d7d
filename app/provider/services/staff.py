"""The provider's own people: invited, and given a role."""

from datetime import datetime
from uuid import UUID

from app.auth.lost_factor import reset_by_administrator
from app.provider import queries
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.models import StaffMember
from tenants.permissions import Actor
from tenants.queries import find_staff
from tenants.services import invitations, staff
from tenants.services.checks import one_at_a_time
from tenants.services.invitations import WriteMail, ensure_user


def invite_staff(
    *, email: str, display_name: str, role: str, language: str, write: WriteMail, base_url: str,
    actor: Actor, now: datetime,
) -> StaffMember:  # fmt: skip
    """Somebody who left comes back with nothing of what they could see before."""
    actor.require("provider.administer")
    one_at_a_time("staff")
    user_id = ensure_user(email, display_name, language)
    known = find_staff(user_id=user_id)
    if known is not None and known.active:
        raise Conflict(
            code="already_staff", field_errors={"email": [_m("This person is here already.")]}
        )
    if known is not None and any(one.open for one in queries.list_reach(user_id=user_id)):
        raise Conflict(
            _m("What this person could see before is still being ended. Try again in a minute."),
            code="still_leaving",
        )
    person = staff.add_staff(
        email=email, display_name=display_name, role=role, language=language, actor=actor, now=now
    )
    invitations.invite(
        email=email, display_name=display_name, language=language, write=write,
        base_url=base_url, actor=actor, now=now, user_id=user_id,
    )  # fmt: skip
    return person


def reset_factor(
    *, user_id: UUID, code: str, actor: Actor, now: datetime, real_now: datetime
) -> None:
    actor.require("provider.administer")
    queries.get_staff(user_id=user_id)
    reset_by_administrator(user_id=user_id, code=code, actor=actor, now=now, real_now=real_now)


def invite_staff_again(
    *, user_id: UUID, write: WriteMail, base_url: str, actor: Actor, now: datetime
) -> str:
    """Answers the address."""
    actor.require("provider.administer")
    person, facts = queries.get_staff(user_id=user_id), queries.staff_facts().get(user_id)
    if not person.active or facts is None:
        raise Conflict(_m("This person does not work for the provider."), code="not_staff")
    invitations.invite(
        email=facts.email, display_name=person.display_name, language=facts.language,
        write=write, base_url=base_url, actor=actor, now=now, user_id=user_id,
    )  # fmt: skip
    return facts.email
