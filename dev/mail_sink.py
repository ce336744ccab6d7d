"""A mail server that delivers to nobody: it keeps every message and shows it in a browser."""

from __future__ import annotations

import argparse
import email
import json
import re
import signal
import threading
import time
from dataclasses import asdict
from email.message import EmailMessage
from email.policy import default as policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dev.mail_pages import CSP, PART_CSP, Mail, html_part, list_page, mail_page
from dev.mail_writing import Receiver, answer_of, write_page
from dev.processes import free_port

KEPT = 500
LARGEST = 40 * 1024 * 1024
NAME = re.compile(r"[0-9]+-[0-9]+")


class Box:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = cast(bytes, envelope.content)
        recipients = ", ".join(envelope.rcpt_tos).replace("\n", " ").encode()
        self._count += 1
        name = f"{time.time_ns()}-{self._count}"
        partial = self.folder / f"{name}.part"
        partial.write_bytes(b"X-Envelope-To: " + recipients + b"\r\n" + content)
        partial.rename(self.folder / f"{name}.eml")
        for old in self.names()[KEPT:]:
            (self.folder / f"{old}.eml").unlink(missing_ok=True)
        return "250 OK"

    def names(self) -> list[str]:
        found = [path.stem for path in self.folder.glob("*.eml") if NAME.fullmatch(path.stem)]
        return sorted(found, key=lambda name: [int(part) for part in name.split("-")], reverse=True)

    def read(self, name: str) -> Mail | None:
        try:
            raw = (self.folder / f"{name}.eml").read_bytes()
        except FileNotFoundError:
            return None
        message = email.message_from_bytes(raw, policy=policy)
        return Mail(
            id=name,
            sender=str(message.get("From", "")),
            to=[part.strip() for part in str(message.get("X-Envelope-To", "")).split(",")],
            subject=str(message.get("Subject", "")),
            date=str(message.get("Date", "")),
            text=_part(message, "plain"),
            html=_part(message, "html"),
            headers={k: str(v) for k, v in message.items() if not k.startswith("X-Envelope")},
        )

    def mails(self) -> list[Mail]:
        return [mail for name in self.names() if (mail := self.read(name)) is not None]


def _name(asked: str) -> str:
    return asked if NAME.fullmatch(asked) else "0-0"


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content())


class Handler(BaseHTTPRequestHandler):
    box: Box
    receiver: Receiver | None = None

    def do_GET(self) -> None:
        # a page elsewhere must not read mail by pointing its own name at this machine
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in {"127.0.0.1", "localhost"}:
            self._answer(403, "text/plain", "Only from this machine.")
            return
        asked = urlsplit(self.path)
        path = unquote(asked.path)
        if path == "/":
            wanted = parse_qs(asked.query).get("to", [""])[0].strip()
            writes = self.receiver is not None
            self._answer(200, "text/html", list_page(self.box.mails(), wanted, writes=writes))
        elif path == "/write" and self.receiver:
            answered = self.box.read(_name(parse_qs(asked.query).get("answer", [""])[0]))
            self._answer(200, "text/html", write_page(answer_of(answered) if answered else {}))
        elif path == "/messages.json":
            listed = [asdict(mail) for mail in self.box.mails()]
            self._answer(200, "application/json", json.dumps(listed, ensure_ascii=False))
        else:
            self._mail(path.removeprefix("/mails/"))

    def do_POST(self) -> None:
        # no page elsewhere writes mails in a client's name
        near = urlsplit(f"//{self.headers.get('Host', '')}").hostname in {"127.0.0.1", "localhost"}
        if not near or self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            self._answer(403, "text/plain", "Only from this machine.")
            return
        length = self.headers.get("Content-Length", "")
        if self.path != "/write" or self.receiver is None or not length.isdecimal():
            self._answer(404, "text/plain", "Nothing is taken here.")
            return
        sent = parse_qs(self.rfile.read(min(int(length), 1_000_000)).decode(errors="replace"))
        given = {name: values[0] for name, values in sent.items()}
        said = self.receiver.hand_over(given)
        self._answer(200, "text/html", write_page(given if "Not" in said else {}, said))

    def _mail(self, name: str) -> None:
        name, _, part = name.partition("/")
        mail = self.box.read(name) if NAME.fullmatch(name) else None
        if mail is None or part not in ("", "html"):
            self._answer(404, "text/plain", "No such mail.")
        elif part:
            self._answer(200, "text/html", html_part(mail), policy=PART_CSP)
        else:
            writes = self.receiver is not None
            self._answer(200, "text/html", mail_page(mail, writes=writes))

    def _answer(self, status: int, kind: str, body: str, policy: str = CSP) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the log is for what arrives."""


class MailSink:
    """Port 0 chooses a free port; see `smtp_port` and `http_port` after `start()`. With a `receiver`
    its mails can be answered."""

    def __init__(
        self,
        folder: Path,
        *,
        smtp_port: int = 0,
        http_port: int = 0,
        receiver: Receiver | None = None,
    ) -> None:
        self.box = Box(folder)
        # aiosmtpd connects to its own port once, so it must be a real one
        self.smtp_port = smtp_port or free_port(near=2525, taken=set())
        self._smtp = Controller(
            self.box, hostname="127.0.0.1", port=self.smtp_port, data_size_limit=LARGEST
        )
        handler = type("BoxHandler", (Handler,), {"box": self.box, "receiver": receiver})
        self._http = ThreadingHTTPServer(("127.0.0.1", http_port), handler)
        self._http.daemon_threads = True

    @property
    def http_port(self) -> int:
        return self._http.server_port

    def start(self) -> None:
        self._smtp.start()
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._smtp.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.mail_sink")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--lmtp-port", type=int)
    parser.add_argument("--authserv-id", default="")
    given = parser.parse_args()
    receiver = Receiver(given.lmtp_port, given.authserv_id) if given.lmtp_port else None
    sink = MailSink(
        given.dir, smtp_port=given.smtp_port, http_port=given.http_port, receiver=receiver
    )
    over = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: over.set())
    sink.start()
    over.wait()
    sink.stop()


if __name__ == "__main__":
    main()
