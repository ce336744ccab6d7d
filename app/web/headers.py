from __future__ import annotations

import secrets
from typing import cast

from flask import Flask, Response, g, request
from markupsafe import Markup

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx"
)
FIXED = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
}


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


def nonce() -> Markup:
    """The attribute without which `hx-csp` strips an element's `hx-` attributes."""
    if "nonce_attribute" not in g:
        g.nonce_attribute = Markup('hx-nonce="{}"').format(csp_nonce())
    return cast(Markup, g.nonce_attribute)


def wants_fragment() -> bool:
    """htmx restores history with HX-Request too; only its partial requests get fragments."""
    return request.headers.get("HX-Request-Type") == "partial"


def secure(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    response.vary.update(("HX-Request", "HX-Request-Type"))
    # Whatever is not declared cacheable by its own view may be somebody's page.
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_headers(app: Flask) -> None:
    app.after_request(secure)
    app.jinja_env.globals.update(nonce=nonce, csp_nonce=csp_nonce, wants_fragment=wants_fragment)
