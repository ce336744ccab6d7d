"""How much one company may ask of the JSON API; the flood of one never slows another."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, request

from app.web.limits import limiter
from tenants.operations import Operation

# Per company and minute.
LIMITS = {"reads": 600, "writes": 120, "uploads": 30}


def group_of(operation: Operation, methods: set[str]) -> str:
    if operation.upload:
        return "uploads"
    return "reads" if "GET" in methods else "writes"


def _company() -> str:
    return str(g.actor.tenant_id)


def limited(view: Callable[..., Any], group: str) -> Callable[..., Any]:
    limit = limiter.shared_limit(f"{LIMITS[group]}/minute", scope=f"api-{group}", key_func=_company)
    decorated: Callable[..., Any] = limit(view)
    return decorated


def init_limit_headers(app: Flask) -> None:
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    if not request.path.startswith("/api/") or not limiter.enabled:
        return response
    found = limiter.current_limit
    if found is None:
        return response
    # What the limiter answers is rounded up, so that it can be a second after the window.
    seconds = min(max(int(found.reset_at) - int(_now()), 0), found.limit.get_expiry())
    response.headers["RateLimit-Limit"] = str(found.limit.amount)
    response.headers["RateLimit-Remaining"] = str(max(found.remaining, 0))
    response.headers["RateLimit-Reset"] = str(seconds)
    if response.status_code == 429:
        response.headers["Retry-After"] = str(max(seconds, 1))
    return response


def _now() -> float:
    # The counters' windows are of the machine's time.
    from tenants.core import clock

    return clock.real_now().timestamp()
