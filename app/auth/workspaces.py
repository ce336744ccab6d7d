"""A person's actor in one client, for commands on the machine itself: no session is asked for."""

from app.auth import queries
from tenants import scoping
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_user, list_workspaces


def actor_in(*, email: str, slug: str) -> Actor:
    """Enters the client as this person. Invalid unless they are a member there or hold a grant."""
    account = queries.find_account(email=email)
    scoping.leave()
    if account is None:
        raise Invalid(_m("Nobody has this e-mail address."))
    scoping.enter(scoping.Scope(user_id=account.user_id))
    place = next((one for one in list_workspaces() if one.slug == slug), None)
    user = get_user(user_id=account.user_id)
    name = user.display_name
    scoping.leave()
    if place is None:
        raise Invalid(_m("This person has no access to this client."))
    side = "client" if place.member_role else "provider"
    scoping.enter(scoping.Scope(tenant_id=place.tenant_id, user_id=account.user_id, side=side))
    return Actor(
        user_id=account.user_id, name=name, side=side, tenant_id=place.tenant_id,
        role=place.member_role or "", approver=place.approver,
        lines={} if place.member_role else place.grant_lines,
    )  # fmt: skip
