"""What several of these services ask before they act."""

from collections.abc import Sequence

from sqlalchemy import func, select

from tenants import queries
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import ScopeError, scoped_tenant_id


def require_people(actor: Actor) -> None:
    if not (actor.can("people.manage") or actor.can("provider.administer")):
        raise Forbidden


def in_provider_scope() -> None:
    if not queries.is_provider_scope():
        raise ScopeError("this belongs to the provider")


def one_at_a_time(what: str) -> None:
    """Until this transaction ends, whoever does the same in this tenant waits here."""
    key = f"{scoped_tenant_id()}/{what}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise Invalid(field_errors={name: [_m("Choose one of the values offered.")]})
