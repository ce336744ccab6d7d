"""A browser in which this account signed in before.

Attempts on an account are limited from everywhere together, so that many machines can't guess one
password. Its owner must not be locked out by that: a browser that signed in before has a limit of
its own. The cookie proves just this; it opens nothing.
"""

import hmac
import secrets

from flask import Request, Response, current_app

from tenants import keys

LIFETIME = 365 * 24 * 3600


def _name() -> str:
    return "__Host-coulisse-known" if current_app.config["SETTINGS"].secure else "coulisse-known"


def remember(response: Response, email: str) -> None:
    mark = secrets.token_urlsafe(12)
    response.set_cookie(
        _name(),
        f"{mark}~{keys.ring().mac(_message(email, mark), 'known browser')}",
        max_age=LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SETTINGS"].secure,
        path="/",
    )


def mark_of(request: Request, email: str) -> str | None:
    """What tells this browser from others, if the account signed in here before."""
    mark, _, proof = request.cookies.get(_name(), "").partition("~")
    expected = keys.ring().macs(_message(email, mark), "known browser")
    known = any(hmac.compare_digest(proof.encode(), one.encode()) for one in expected)
    return mark if known else None


def _message(email: str, mark: str) -> str:
    return f"{email.strip().lower()}|{mark}"
