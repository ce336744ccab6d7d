from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from flask import Request

from tenants.core.errors import Forbidden
from tenants.core.text import _m

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_cross_site(request: Request, exempt: bool) -> None:
    """Every current browser sends Sec-Fetch-Site; the Origin check serves the older ones.

    `exempt` is for requests that carry no ambient credential (bearer tokens, signed webhooks).
    """
    if exempt or request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site == "same-origin":
            return
    else:
        origin = request.headers.get("Origin", "")
        with suppress(ValueError):
            if origin and urlsplit(origin)[:2] == (request.scheme, request.host):
                return
    raise Forbidden(
        _m("This form was sent from another site. Open the page here and send it again."),
        code="cross_site",
    )
