"""Files that come with a mail, and why some are not taken."""

from dataclasses import dataclass

from tenants.core.text import _m
from tenants.files import safe_name
from tenants.uploads import MOST, why_refused

MANY = _m("A mail may bring 20 files at most.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """`refused` says why it isn't taken; empty when it is."""

    name: str
    content_type: str
    content: bytes
    refused: str = ""


def checked(found: list[tuple[str, str, bytes]]) -> list[Attachment]:
    """Of names, types and contents in the mail's order."""
    return [
        Attachment(safe_name(name), kind, content,
                   why_refused(name, kind, content) or (MANY if place >= MOST else ""))
        for place, (name, kind, content) in enumerate(found)
    ]  # fmt: skip
