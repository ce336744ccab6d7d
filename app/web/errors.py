"""Every error in one of three shapes: a page, a toast for htmx, RFC 9457 for machines."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from marshmallow import ValidationError
from sqlalchemy.exc import DataError, OperationalError, TimeoutError
from werkzeug.exceptions import BadRequest, HTTPException

from app.web import messages
from app.web.i18n import text
from tenants.core import logging as log
from tenants.core.errors import (
    CoulisseError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
)
from tenants.core.text import _m

logger = logging.getLogger("app.errors")

TITLES = {
    400: _m("This request can't be read"),
    401: _m("Please sign in"),
    403: _m("You can't do this here"),
    404: _m("Page not found"),
    405: _m("This can't be done here"),
    409: _m("This no longer fits what is stored"),
    412: _m("This was changed in the meantime"),
    413: _m("This file is too large"),
    415: _m("This kind of content is not read here"),
    422: _m("Some fields need your attention"),
    428: _m("Say which version you mean"),
    429: _m("A little too fast"),
    500: _m("Something went wrong on our side"),
    503: _m("Back in a moment"),
}
ICONS = {401: "lock", 403: "lock", 404: "search", 409: "git-compare", 429: "clock", 503: "refresh"}
_KNOWN = {kind.status: kind for kind in (Forbidden, NotFound, TooLarge, TooMany, Unauthorized,
                                         Unavailable)}  # fmt: skip
# Where the documentation of the API explains every code.
DOCUMENTED_AT = "/api/v1/docs"
_UNREADABLE = _m("Go back and try again. If it happens again, give us the number below.")


def request_id() -> str:
    if "request_id" not in g:
        g.request_id = log.bound("request_id") or secrets.token_hex(6)
    return str(g.request_id)


def wants_json() -> bool:
    if request.path == "/api" or request.path.startswith("/api/"):
        return True
    if request.headers.get("HX-Request"):
        return False
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"], default="text/html"
    )
    return best != "text/html"


def render(error: CoulisseError) -> Response:
    title, message = text(TITLES.get(error.status, TITLES[500])), text(error.message, error.params)
    fields = {name: [text(one) for one in texts] for name, texts in error.field_errors.items()}
    if wants_json():
        response = _problem(error, title, message, fields)
    elif request.headers.get("HX-Request"):
        response = make_response(
            render_template("errors/toast.html", error=error, message=message, fields=fields)
        )
        # The page keeps what it shows, a half-written draft first of all.
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
    else:
        response = make_response(
            render_template(
                "errors/page.html",
                error=error,
                title=title,
                message=message,
                fields=fields,
                symbol=ICONS.get(error.status, "alert-triangle"),
                request_id=request_id(),
            )
        )
    response.status_code = error.status
    if error.status == 401 and wants_json():
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.status in {429, 503}:
        response.headers.setdefault("Retry-After", "60" if error.status == 429 else "5")
    return response


def _problem(
    error: CoulisseError, title: str, message: str, fields: dict[str, list[str]]
) -> Response:
    body: dict[str, Any] = {
        "type": f"{DOCUMENTED_AT}#{error.code}",
        "title": title,
        "status": error.status,
        "code": error.code,
        "detail": message,
        "request_id": request_id(),
    }
    if fields:
        body["errors"] = fields
        body["pointers"] = [
            {"pointer": _pointer(name), "detail": line}
            for name, lines in fields.items()
            for line in lines
        ]
    response = jsonify(body)
    response.mimetype = "application/problem+json"
    return response


def _pointer(name: str) -> str:
    """RFC 6901, in what was sent; the whole of it is the empty pointer."""
    parts = [] if name == "_schema" else name.removesuffix("._schema").split(".")
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _from_http(error: HTTPException) -> CoulisseError:
    status = error.code or 500
    if status in _KNOWN:
        return _KNOWN[status]()
    domain = CoulisseError(_UNREADABLE if status < 500 else None, code=error.name.lower().replace(
        " ", "_"))  # fmt: skip
    domain.status = status  # type: ignore[misc]  # of this one error, not of the class
    return domain


def _with_headers(response: Response, error: HTTPException) -> Response:
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def register_error_handlers(
    app: Flask, *, sign_in: Callable[[], Response | None] = lambda: None
) -> None:
    """`sign_in` may answer a 401 of a browser with the way to the sign-in page."""

    def on_domain(error: CoulisseError) -> Response:
        asked = sign_in() if error.status == 401 and not wants_json() else None
        return asked or render(error)

    def on_http(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            return error.get_response(request.environ)  # type: ignore[return-value]
        return _with_headers(on_domain(_from_http(error)), error)

    def on_unexpected(error: Exception) -> Response:
        logger.exception("unexpected error", extra={"fields": {"request_id": request_id()}})
        return render(CoulisseError())

    def on_value(error: DataError) -> Response:
        # The database's own words may quote the value.
        logger.warning("a value that the database can't hold: %s", type(error.orig).__name__)
        return on_http(BadRequest())

    def on_database_away(error: OperationalError | TimeoutError) -> Response:
        logger.error("the database is away: %s", getattr(error, "orig", error))
        return on_domain(Unavailable())

    def on_shape(error: ValidationError) -> Response:
        return render(Invalid(field_errors=messages.by_field(error)))

    app.register_error_handler(CoulisseError, on_domain)
    app.register_error_handler(ValidationError, on_shape)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(DataError, on_value)
    app.register_error_handler(OperationalError, on_database_away)
    app.register_error_handler(TimeoutError, on_database_away)
    app.register_error_handler(Exception, on_unexpected)
    app.jinja_env.globals.update(request_id=request_id)
