"""An act over several clients: each in a scope and a transaction of its own, with the rights that
the person has there. One that fails leaves the others done."""

from collections.abc import Callable
from typing import TypeVar

from flask import g, request

from app.auth.current import current_identity
from app.auth.identity import find_identity
from tenants import scoping
from tenants.core.db import unit_of_work
from tenants.core.errors import NotFound
from tenants.permissions import Actor

Result = TypeVar("Result")


def for_client(slug: str, work: Callable[[Actor], Result]) -> Result:
    """NotFound for a client that isn't open to the person now, as everywhere."""
    mine, before = current_identity(), scoping.current_scope()
    assert mine is not None
    scoping.leave()
    try:
        there = find_identity(token_hash=mine.token_hash, slug=slug)
        if there is None or there.tenant is None or there.side != "provider":
            raise NotFound
        scoping.enter(
            scoping.Scope(tenant_id=there.tenant.id, user_id=there.user_id, side=there.side)
        )
        actor = there.actor(address=request.remote_addr or "", request_id=g.request_id)
        with unit_of_work():
            return work(actor)
    finally:
        scoping.leave()
        scoping.enter(before)
