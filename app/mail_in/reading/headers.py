"""Header fields as people and rules read them: unfolded, decoded, without what can't be stored."""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

_FOLD = re.compile(r"\r?\n[ \t]*")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
LONGEST = 8_000
_ADDRESS = re.compile(r"[^@\s<>\"(),;:\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")


def clean(text: str) -> str:
    """Without characters that can't be stored or that turn a line around."""
    return _CONTROL.sub("", text)


def raw_values(message: Message, name: str) -> list[str]:
    """Unfolded, topmost first; what is too long to be honest is cut."""
    return [_FOLD.sub(" ", str(value))[:LONGEST].strip() for value in message.get_all(name, [])]


def value(message: Message, name: str) -> str:
    """The first one, with encoded words decoded."""
    found = raw_values(message, name)
    return decoded(found[0]) if found else ""


def decoded(text: str) -> str:
    try:
        read = str(make_header(decode_header(text)))
    except (LookupError, UnicodeError, ValueError, HeaderParseError):
        read = text
    return " ".join(clean(read).split())


def only_address(message: Message, name: str) -> tuple[str, str]:
    """Name and address in small letters; both empty unless there is exactly one of them, so that
    no two readers can take a different one for the sender."""
    fields = raw_values(message, name)
    if len(fields) != 1:
        return "", ""
    found = getaddresses(fields)
    if len(found) != 1:
        return "", ""
    address = plain_address(found[0][1])
    return (decoded(found[0][0])[:120], address) if address else ("", "")


def plain_address(text: str) -> str:
    """In small letters; empty for what is no address that one of our people could have."""
    address = clean(text).strip().strip("<>").lower()
    return address if len(address) <= 254 and _ADDRESS.fullmatch(address) else ""
