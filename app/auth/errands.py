"""An act over several clients: each in a scope and a transaction of its own, with the rights that
the person has there. One that fails leaves the others done."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from flask import g, request

from app.auth.current import current_actor, current_identity
from app.auth.identity import Identity, find_identity
from tenants import scoping
from tenants.access import refusal
from tenants.core.db import unit_of_work
from tenants.core.errors import NotFound
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor

Result = TypeVar("Result")


def for_client(slug: str, work: Callable[[Actor], Result]) -> Result:
    """NotFound for a client that isn't open to the person now, as everywhere."""

    def admit(there: Identity) -> tuple[UUID, str]:
        if there.tenant is None or there.side != "provider":
            raise NotFound
        refused = refusal(there.tenant.access, writes=request.method not in ("GET", "HEAD"))
        if refused is not None:
            raise refused
        return there.tenant.id, there.side

    return _there(slug, admit, work)


def for_company(slug: str, work: Callable[[Actor], Result]) -> Result:
    """In the administration of the client, by those who administer; the database shows no
    content."""

    def admit(there: Identity) -> tuple[UUID, str]:
        if there.administered is None or there.staff_role != "provider_admin":
            raise NotFound
        return there.administered.id, "administration"

    return _there(slug, admit, work, administering=True)


def for_us(work: Callable[[Actor], Result]) -> Result:
    """In the provider's own tenant, whose scope is there already; a transaction of its own, as the
    next errand ends what is open."""
    if scoping.current_scope().tenant_id != PROVIDER_TENANT:
        raise scoping.ScopeError("not in the provider's own scope")
    with unit_of_work():
        return work(current_actor())


def _there(
    slug: str,
    admit: Callable[[Identity], tuple[UUID, str]],
    work: Callable[[Actor], Result],
    *,
    administering: bool = False,
) -> Result:
    mine, before = current_identity(), scoping.current_scope()
    assert mine is not None
    scoping.leave()
    try:
        there = find_identity(token_hash=mine.token_hash, slug=slug, administering=administering)
        if there is None:
            raise NotFound
        tenant_id, side = admit(there)
        scoping.enter(scoping.Scope(tenant_id=tenant_id, user_id=there.user_id, side=side))
        actor = there.actor(address=request.remote_addr or "", request_id=g.request_id)
        with unit_of_work():
            return work(actor)
    finally:
        scoping.leave()
        scoping.enter(before)
