"""Who may reach an endpoint. Every view function carries one of these; the factory enforces it
before the view runs, and an endpoint without one stops the start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tenants.permissions import ALL_PERMISSIONS, TOKEN_SCOPES

View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE: Final = "coulisse_scope"


@dataclass(frozen=True, slots=True)
class EndpointScope:
    """`kind`: 'asset' (no session is read), 'public', 'signed_in' (before the second factor),
    'account' (own user), 'staff' (provider's people at their own tools, and reading across
    tenants), 'tenant' (one client),
    'provider' (the provider's own tenant), 'company' and 'new_company' (administration of a client:
    people and figures, no content), 'api' (one client, by a token: no cookie is read)."""

    kind: str
    permission: str | None = None
    cross_site: bool = False
    token_scope: str | None = None
    always: bool = False


class UndeclaredEndpoint(TypeError):
    pass


def _declare(scope: EndpointScope) -> Callable[[View], View]:
    if scope.permission is not None and scope.permission not in ALL_PERMISSIONS:
        raise UndeclaredEndpoint(f"no role holds {scope.permission}")

    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, scope)
        return view

    return mark


asset = _declare(EndpointScope("asset"))
public = _declare(EndpointScope("public"))
signed_in = _declare(EndpointScope("signed_in"))
account = _declare(EndpointScope("account"))
# Machines that prove themselves by a signature.
webhook = _declare(EndpointScope("public", cross_site=True))


def staff(permission: str) -> Callable[[View], View]:
    return _declare(EndpointScope("staff", permission))


def tenant(permission: str, *, always: bool = False) -> Callable[[View], View]:
    """The URL names the client: `/c/<slug>/…`. Holding the right on any line is enough to enter;
    services check the line of the object. `always`: whatever the client's subscription lets it do,
    since this is how it pays, exports and leaves."""
    return _declare(EndpointScope("tenant", permission, always=always))


def api(permission: str | None, token_scope: str | None) -> Callable[[View], View]:
    """The bearer token says whose person and which client. Without a scope any token will do."""
    if token_scope is not None and token_scope not in TOKEN_SCOPES:
        raise UndeclaredEndpoint(f"there is no scope {token_scope}")
    # A browser sends no bearer token by itself, so another site can't send one through it.
    return _declare(EndpointScope("api", permission, cross_site=True, token_scope=token_scope))


def provider(permission: str) -> Callable[[View], View]:
    """The provider's own tenant, for those of its people who hold the right."""
    return _declare(EndpointScope("provider", permission))


def company(permission: str) -> Callable[[View], View]:
    """Administration of the client that the URL names: the database shows no content."""
    return _declare(EndpointScope("company", permission))


def new_company(permission: str) -> Callable[[View], View]:
    """Administration of a client that begins with this request, under a fresh id."""
    return _declare(EndpointScope("new_company", permission))


def scope_of(view: Callable[..., Any]) -> EndpointScope:
    found = getattr(view, ATTRIBUTE, None)
    if not isinstance(found, EndpointScope):
        raise UndeclaredEndpoint(f"{view.__module__}.{view.__qualname__} declares no scope")
    return found
