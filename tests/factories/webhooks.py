"""Webhooks of a company, and a receiver that remembers what it got."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from uuid import UUID

from app.webhooks.catalogue import KINDS
from app.webhooks.services import endpoints
from tests.factories.people import Company, now
from tests.factories.stage import Stage, acting

# A port that nobody listens on.
NOWHERE = "http://127.0.0.1:1024/hook"


@dataclass(frozen=True)
class Webhook:
    id: UUID
    secret: str
    message_id: UUID | None


def make_webhook(
    stage: Stage, company: Company, *, url: str = NOWHERE, kinds: Sequence[str] = tuple(KINDS),
    lines: Sequence[str] = ("finance", "hr"), at: datetime | None = None, delivered: int = 0,
) -> Webhook:  # fmt: skip
    """`delivered` messages stand there already."""
    with acting(stage, company.admin.scope()):
        made = endpoints.create_endpoint(
            actor=company.admin.actor(), now=at or now(), url=url, kinds=kinds, lines=lines,
            description=company.text("ERP"),
        )  # fmt: skip
        found = made.row.id
    message = None
    for _ in range(delivered):
        message = stage.value(
            "INSERT INTO webhook_messages (tenant_id, endpoint_id, event_id, kind, line, at, body,"
            " state, tries) VALUES (:t, :e, uuidv7(), 'request.delivered', 'finance', now(),"
            " jsonb_build_object('type', 'request.delivered', 'data', jsonb_build_object()),"
            " 'delivered', 1) RETURNING id", t=company.id, e=found,
        )  # fmt: skip
        stage.run(
            "INSERT INTO webhook_attempts (tenant_id, message_id, at, status, duration_ms, answer)"
            " VALUES (:t, :m, now(), 200, 12, :w)", t=company.id, m=message, w=company.text("ok"),
        )  # fmt: skip
    return Webhook(found, made.secret, message)


@dataclass(frozen=True)
class Got:
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """A real HTTP server. `answer` makes of each request what goes back, as it likes."""

    answer: Callable[[BaseHTTPRequestHandler], None] | None = None
    tls: ssl.SSLContext | None = None
    got: list[Got] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.got.append(Got(self.path, dict(self.headers), body))
                (receiver.answer or status(204))(self)

            do_GET = do_POST  # noqa: N815 - the server asks for this name

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if self.tls is not None:
            self.tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=ours"


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[Any], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def endless(handler: BaseHTTPRequestHandler) -> None:
    """An answer without an end, as fast as it is taken."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, so that no single read ever waits long."""
    while True:
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.05)


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Nothing, until the other side has enough."""
    handler.connection.settimeout(30)
    handler.connection.recv(1)


def hanging_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
