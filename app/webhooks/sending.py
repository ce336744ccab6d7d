"""One POST to a receiver that a client chose: looked up once, to public addresses only, connected to
that very address, without redirects, within limits of time and size, past any proxy."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from app.webhooks.addresses import AddressRefused, Target, is_loopback, is_public, read_url

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 10.0
READ_BYTES, KEPT_CHARACTERS = 64 * 1024, 1024
MOST_ADDRESSES = 3
USER_AGENT = "Coulisse-Webhooks/1"

# Host and port to the addresses that it stands for.
Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """`trouble` is a code of app/webhooks/words.py where no answer came."""

    status: int | None
    trouble: str
    text: str
    milliseconds: int
    retry_after: str = ""


class Unreachable(Exception):
    """Its text is the code of the trouble."""


def look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Sender:
    """`local` lets receivers on this machine in, for tests and demonstrations."""

    local: bool = False
    resolve: Resolve = look_up
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    connect_seconds: float = CONNECT_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        began = time.monotonic()
        status, trouble, text, retry_after = None, "", "", ""
        try:
            status, text, retry_after = self._post(
                read_url(url, local=self.local), headers, body, began
            )
        except AddressRefused:
            trouble = "address"
        except Unreachable as error:
            trouble = str(error)
        took = int((time.monotonic() - began) * 1000)
        return Answer(status, trouble, text, took, retry_after)

    def _post(
        self, target: Target, headers: Mapping[str, str], body: bytes, began: float
    ) -> tuple[int, str, str]:
        addresses = self._addresses(target)
        with Deadline(began + self.total_seconds) as deadline:
            connection = self._connected(target, addresses, deadline)
            try:
                return _asked(connection, target, headers, body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise Unreachable("slow" if deadline.passed else _trouble(error)) from error
            finally:
                connection.close()

    def _addresses(self, target: Target) -> Sequence[str]:
        """All of them have to be public: a name that also points inside is refused as a whole."""
        found = self._looked_up(target)
        allowed = [one for one in found if is_public(one) or (self.local and is_loopback(one))]
        if not found or len(allowed) != len(found):
            raise Unreachable("unknown" if not found else "inside")
        return allowed[:MOST_ADDRESSES]

    def _looked_up(self, target: Target) -> Sequence[str]:
        """The system's own look-up knows no limit of time: it is left behind when it is late."""
        found: list[str] = []

        def look() -> None:
            try:
                found.extend(self.resolve(target.host, target.port))
            except (OSError, UnicodeError):
                return

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        looking.join(self.connect_seconds)
        return [] if looking.is_alive() else found

    def _connected(
        self, target: Target, addresses: Sequence[str], deadline: "Deadline"
    ) -> http.client.HTTPConnection:
        trouble = "closed"
        for address in addresses:
            left = min(self.connect_seconds, deadline.left())
            if left <= 0:
                break
            try:
                plain = socket.create_connection((address, target.port), timeout=left)
            except OSError as error:
                trouble = _trouble(error)
                continue
            deadline.watch(plain)
            return self._spoken_to(target, plain, deadline)
        raise Unreachable(trouble)

    def _spoken_to(
        self, target: Target, plain: socket.socket, deadline: "Deadline"
    ) -> http.client.HTTPConnection:
        """The certificate has to be of the name, whatever the address."""
        connection = http.client.HTTPConnection(target.host, target.port)
        try:
            plain.settimeout(max(deadline.left(), 0.001))
            if target.scheme == "https":
                secure = self.tls.wrap_socket(
                    plain, server_hostname=target.host, do_handshake_on_connect=False
                )
                deadline.watch(secure)
                secure.do_handshake()
                connection.sock = secure
            else:
                connection.sock = plain
        except (OSError, ValueError) as error:
            plain.close()
            raise Unreachable("slow" if deadline.passed else _trouble(error)) from error
        return connection


class Deadline:
    """Ends a conversation whatever it is doing: a timeout of a socket counts each byte anew."""

    def __init__(self, at: float) -> None:
        self._at = at
        self.passed = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(max(self.left(), 0), self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def left(self) -> float:
        return self._at - time.monotonic()

    def watch(self, one: socket.socket) -> None:
        self._socket = one
        if self.passed:
            self._end()

    def _end(self) -> None:
        self.passed = True
        if self._socket is not None:
            try:
                # Past TLS, which would wait for the other side's goodbye.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return


def _asked(
    connection: http.client.HTTPConnection, target: Target, headers: Mapping[str, str], body: bytes
) -> tuple[int, str, str]:
    connection.request(
        "POST", target.path, body=body,
        headers={
            "Host": target.shown, "Content-Type": "application/json", "User-Agent": USER_AGENT,
            "Accept-Encoding": "identity", "Connection": "close", **headers,
        },
    )  # fmt: skip
    answer = connection.getresponse()
    retry_after = (answer.headers["Retry-After"] or "")[:100]
    return answer.status, _readable(answer.read(READ_BYTES)), retry_after


def _readable(content: bytes) -> str:
    text = content.decode(errors="replace")[:KEPT_CHARACTERS]
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def _trouble(error: Exception) -> str:
    """`slow`, `certificate`, `closed` or `nonsense`."""
    kinds: tuple[tuple[str, tuple[type[Exception], ...]], ...] = (
        ("slow", (TimeoutError,)),
        ("certificate", (ssl.SSLError,)),
        ("closed", (http.client.RemoteDisconnected, http.client.IncompleteRead)),
        ("nonsense", (http.client.HTTPException,)),
        ("closed", (OSError,)),
    )
    return next((code for code, found in kinds if isinstance(error, found)), "nonsense")


_sender = Sender()


def use(**settings: Any) -> None:
    """Set the process's way out."""
    global _sender
    _sender = Sender(**settings)


def sender() -> Sender:
    return _sender
