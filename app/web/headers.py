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
    # Whatever is not declared cacheable by its own view may be somebody's page.
    "Cache-Control": "no-store",
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
    """What a view said itself stays. Looked up once: each `setdefault` searches all of them."""
    said = set(response.headers.keys(lower=True))
    for name, value in FIXED.items():
        if name.lower() not in said:
            response.headers.add(name, value)
    if "content-security-policy" not in said:
        response.headers.add("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if "vary" in said:
        response.vary.update(("HX-Request", "HX-Request-Type"))
    else:
        response.headers.add("Vary", "HX-Request, HX-Request-Type")
    return response


def init_headers(app: Flask) -> None:
    app.after_request(secure)
    app.jinja_env.globals.update(nonce=nonce, csp_nonce=csp_nonce, wants_fragment=wants_fragment)
