"""The session cookie: `__Host-` and Secure over https, a plain one over http on loopback only."""

from flask import Request, Response, current_app

from tenants.core.crypto import token_hash

LIFETIME = 14 * 24 * 3600


def _name() -> str:
    return "__Host-coulisse" if current_app.config["SETTINGS"].secure else "coulisse"


def token_hash_of(request: Request) -> str | None:
    token = request.cookies.get(_name())
    return token_hash(token) if token else None


def set_session(response: Response, token: str) -> None:
    response.set_cookie(
        _name(),
        token,
        max_age=LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SETTINGS"].secure,
        path="/",
    )


def drop_session(response: Response) -> None:
    response.delete_cookie(
        _name(), path="/", secure=current_app.config["SETTINGS"].secure, samesite="Lax"
    )
