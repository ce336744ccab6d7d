"""Requests as a server hands them to the product: no test client between."""

import io
import secrets
from collections.abc import Callable
from uuid import UUID

from flask import Flask
from sqlalchemy import text
from werkzeug.test import EnvironBuilder

from bench.measure import Stage
from tenants.core.crypto import token_hash


def session_of(stage: Stage, user_id: UUID, *, second_factor: bool = False) -> str:
    token = secrets.token_urlsafe(32)
    with stage.superuser.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sign_in_sessions (token_hash, user_id, second_factor_at)"
                " VALUES (:h, :u, CASE WHEN :f THEN now() END)"
            ),
            {"h": token_hash(token), "u": user_id, "f": second_factor},
        )
    return f"coulisse={token}"


def getter(app: Flask, path: str, **headers: str) -> Callable[[], bytes]:
    """Asks for the path, with these headers; the answer must be 200."""
    environ = EnvironBuilder(
        path=path, base_url="http://localhost", headers=list(headers.items())
    ).get_environ()

    def get() -> bytes:
        found: list[str] = []

        def start(status: str, _headers: object, _error: object = None) -> Callable[[bytes], None]:
            found.append(status)
            return lambda _: None

        body = app.wsgi_app({**environ, "wsgi.input": io.BytesIO()}, start)
        answer = b"".join(body)
        close = getattr(body, "close", None)
        if close:
            close()
        assert found[0].startswith("200"), (path, found, answer[:500])
        return answer

    return get
