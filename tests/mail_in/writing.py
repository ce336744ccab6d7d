"""Mails as programs write them, byte for byte where it matters."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formataddr, make_msgid

AUTHSERV = "mx.coulisse.example"
OWN_DOMAIN = "mail.coulisse.example"


def result(domain: str, *, outcome: str = "pass", server: str = AUTHSERV) -> str:
    return f"{server}; dkim={outcome} header.d={domain}; spf=pass smtp.mailfrom={domain}"


def letter(
    sender: str,
    to: str,
    text: str = "Hello",
    *,
    subject: str = "A question",
    name: str = "",
    signed: str | None = None,
    results: list[str] | None = None,
    html: str | None = None,
    files: list[tuple[str, str, bytes]] | None = None,
    message_id: str | None = None,
    **headers: str,
) -> bytes:
    """`signed` is the domain whose signature our server found good; names of `headers` are written
    with `_` for `-`."""
    mail = EmailMessage()
    for line in results or ([result(signed)] if signed else []):
        mail["Authentication-Results"] = line
    mail["From"] = formataddr((name, sender))
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = message_id or make_msgid(domain="sender.example")
    for key, value in headers.items():
        mail[key.replace("_", "-")] = value
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for filename, kind, content in files or []:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=filename)
    return mail.as_bytes().replace(b"\n", b"\r\n")


def raw(head: str, body: bytes | str = b"") -> bytes:
    body = body.encode() if isinstance(body, str) else body
    return head.strip().encode("latin-1").replace(b"\n", b"\r\n") + b"\r\n\r\n" + body
