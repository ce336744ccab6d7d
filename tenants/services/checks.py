"""What several of these services ask before they act."""

from collections.abc import Sequence

from tenants import queries
from tenants.core.errors import Forbidden, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import ScopeError


def require_people(actor: Actor) -> None:
    if not (actor.can("people.manage") or actor.can("provider.administer")):
        raise Forbidden


def in_provider_scope() -> None:
    if not queries.is_provider_scope():
        raise ScopeError("this belongs to the provider")


def one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise Invalid(field_errors={name: [_m("Choose one of the values offered.")]})
