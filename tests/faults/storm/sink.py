"""A mail server that counts, may be away, and may lose its answer."""

from __future__ import annotations

import email
from threading import Lock
from typing import Any

from aiosmtpd.controller import Controller

from dev.processes import free_port


class Sink:
    def __init__(self) -> None:
        self.port = free_port(near=2625, taken=set())
        # recipient, subject and Message-ID of each mail that came, repeats too
        self.taken: list[tuple[str, str, str]] = []
        self.confused = 0
        self._lock = Lock()
        self._server: Any = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content)
        with self._lock:
            self.taken.append((envelope.rcpt_tos[0], message["Subject"], message["Message-ID"]))
            if self.confused:
                self.confused -= 1
                return "451 what was that?"
        return "250 OK"

    def up(self) -> None:
        if self._server is None:
            self._server = Controller(self, hostname="127.0.0.1", port=self.port)
            self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
