"""Stands before the simulator and sees what each request carries, at the moment it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request

Wsgi = Callable[[Any, Any], Iterable[bytes]]


@dataclass
class Asked:
    method: str
    path: str
    key: str
    stored: bool
    version: str
    telemetry: str


@dataclass
class Witness:
    """`is_stored` is asked while the caller waits for the answer: what it finds was committed before
    the call."""

    app: Wsgi
    is_stored: Callable[[str], bool]
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        request = Request(environ, populate_request=False)
        if request.path.startswith(("/v1/", "/v2/")):
            key = request.headers.get("Idempotency-Key", "")
            writes = request.method != "GET"
            self.asked.append(
                Asked(
                    request.method, request.path, key, writes and self.is_stored(key),
                    request.headers.get("Stripe-Version", ""),
                    request.headers.get("X-Stripe-Client-Telemetry", ""),
                )
            )  # fmt: skip
        return self.app(environ, start)
