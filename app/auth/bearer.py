"""Bearer tokens of the JSON API."""

import re

from flask import Request

from app.auth.identity import Identity
from tenants.core.crypto import token_hash
from tenants.core.errors import Forbidden, Unauthorized
from tenants.core.text import _m
from tenants.endpoints import EndpointScope


class TokenRefused(Unauthorized):
    """Missing, unknown, ended, expired, without access any more: all the same."""

    code = "token_required"
    message = _m("Send a token that works: “Authorization: Bearer coulisse_…”.")


class ScopeMissing(Forbidden):
    code = "scope_missing"
    message = _m("This token lacks the scope %(scope)s. Make one that has it.")


def token_hash_of(request: Request) -> str:
    """Cookies are never looked at: what a browser sends by itself opens nothing here."""
    kind, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    if kind.lower() != "bearer" or not re.fullmatch(r"[!-~]{1,200}", token.strip()):
        raise TokenRefused
    return token_hash(token.strip())


def check_scope(scope: EndpointScope, identity: Identity) -> None:
    if scope.token_scope and scope.token_scope not in (identity.token_scopes or ()):
        raise ScopeMissing(scope=scope.token_scope)
