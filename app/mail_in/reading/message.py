"""One mail, read: pure, without a database, and without faith in anything that it says."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser

from app.mail_in.reading import headers
from app.mail_in.reading.attachments import Attachment, checked
from app.mail_in.reading.authentication import Findings, findings
from app.mail_in.reading.automatic import why_automatic

# With its attachments as they travel, a third larger than they are.
LARGEST = 20 * 1024 * 1024
MOST_PARTS = 200
# No honest mail has more above its first empty line.
LARGEST_HEAD = 256 * 1024
# Logos and tracking pixels of signatures.
_SMALL_PICTURE = 10 * 1024
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_SAME = ("message-id", "from", "to", "cc", "subject", "date")


class Unreadable(ValueError):
    """It can't be taken apart, or was built so that nobody can."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before anything is believed; `sender` is empty unless there is exactly one."""

    sender: str
    sender_name: str
    subject: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Mail:
    head: Head
    automatic: str
    findings: Findings
    text: str
    attachments: list[Attachment] = field(default_factory=list)


def head_of(raw: bytes) -> Head:
    message = _head(raw)
    name, sender = headers.only_address(message, "From")
    return Head(
        sender=sender,
        sender_name=name,
        subject=headers.value(message, "Subject")[:300],
        message_id=headers.value(message, "Message-ID")[:300],
    )


def fingerprint(raw: bytes) -> str:
    """The same for a mail that is handed over again, whatever lines servers put above it on the
    way; a copied Message-ID alone makes no two mails the same."""
    message, body = _head(raw), raw[_end_of_head(raw) :]
    named = [f"{name}:{value}" for name in _SAME for value in headers.raw_values(message, name)]
    found = hashlib.sha256("\n".join(named).encode("utf-8", "surrogateescape"))
    found.update(b"\0" + body.replace(b"\r\n", b"\n").strip())
    return found.hexdigest()


def _head(raw: bytes) -> Message:
    return BytesHeaderParser(policy=policy.compat32).parsebytes(raw[: _end_of_head(raw)])


def _end_of_head(raw: bytes) -> int:
    found = _EMPTY_LINE.search(raw, 0, LARGEST_HEAD)
    return found.end() if found else min(len(raw), LARGEST_HEAD)


def read(raw: bytes, *, envelope_from: str, authserv_id: str, own_domain: str) -> Mail:
    if not _EMPTY_LINE.search(raw, 0, LARGEST_HEAD) and len(raw) > LARGEST_HEAD:
        raise Unreadable
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        texts, files = _contents(message)
    except RecursionError as error:
        raise Unreadable from error
    return Mail(
        head=head_of(raw),
        automatic=why_automatic(message, envelope_from=envelope_from, own_domain=own_domain),
        findings=findings(message, authserv_id=authserv_id),
        text="\n\n".join(texts),
        attachments=checked(files),
    )


def _contents(message: Message) -> tuple[list[str], list[tuple[str, str, bytes]]]:
    texts: list[str] = []
    files: list[tuple[str, str, bytes]] = []
    for count, part in enumerate(_leaves(message)):
        if count > MOST_PARTS:
            raise Unreadable
        if _is_text(part):
            words = _words(part)
            if words:
                texts.append(words)
        elif not _is_decoration(part):
            files.append((_name(part), part.get_content_type(), _bytes(part)))
    return texts, files


def _leaves(part: Message, depth: int = 0) -> Iterator[Message]:
    if depth > 20:
        raise Unreadable
    kind = part.get_content_type()
    if kind == "message/rfc822" or not part.is_multipart():
        yield part
        return
    children = [one for one in part.get_payload() if isinstance(one, Message)]
    if kind == "multipart/alternative":
        children = _chosen(children)
    for one in children:
        yield from _leaves(one, depth + 1)


def _chosen(children: list[Message]) -> list[Message]:
    """The plain words where there are some, else the last that can be read; an invitation stays a
    file beside them."""
    plain = [one for one in children if one.get_content_type() == "text/plain" and _words(one)]
    files = [one for one in children if one.get_content_type() == "text/calendar"]
    others = [one for one in children if one not in files]
    return [*(plain[:1] or others[-1:]), *files]


def _is_text(part: Message) -> bool:
    kind = part.get_content_type()
    attached = part.get_content_disposition() == "attachment" or part.get_filename()
    return kind in ("text/plain", "text/html") and not attached


def _is_decoration(part: Message) -> bool:
    shown_inside = part.get("Content-ID") and part.get_content_disposition() != "attachment"
    picture = part.get_content_maintype() == "image"
    return bool(shown_inside and picture and len(_bytes(part)) < _SMALL_PICTURE)


def _words(part: Message) -> str:
    text = _decoded(_bytes(part), part.get_content_charset())
    if part.get_content_type() == "text/html":
        from app.mail_in.reading.html import words_of

        return _tidy(words_of(text))
    flowed = str(part.get_param("format", "")).lower() == "flowed"
    return _tidy(re.sub(r"(?m)(?<!^--) \r?\n(?![>\r\n])", " ", text) if flowed else text)


def _decoded(content: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8", "cp1252"):
        try:
            return content.decode(name or "utf-8")
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("latin-1")


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in headers.clean(text).replace("\r\n", "\n").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return first.as_bytes() if isinstance(first, Message) else b""
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


_SUFFIXES = {"text/calendar": ".ics", "message/rfc822": ".eml", "application/pdf": ".pdf",
             "text/html": ".html", "image/png": ".png", "image/jpeg": ".jpg"}  # fmt: skip


def _name(part: Message) -> str:
    try:
        named = part.get_filename()
    except (LookupError, UnicodeError, ValueError, TypeError):
        named = None
    kind = part.get_content_type()
    return headers.decoded(str(named)) if named else f"attachment{_SUFFIXES.get(kind, '.bin')}"
