"""The palette: what a typed or pasted text may mean, and a line of what it finds."""

import re
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from flask import url_for

from app.web.i18n import text
from tenants.core.text import _m

_NUMBER = re.compile(r"(?:([A-Za-z]{3})-|#)?(\d{1,9})\Z")
# Shorter words are in every other text, and no index knows them.
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """`code` is a client's, as in LEN-1042; `words` are patterns for ILIKE, the longest first."""

    text: str
    number: int | None = None
    code: str = ""
    words: tuple[str, ...] = ()


class Found(NamedTuple):
    """A line of the palette."""

    url: str
    label: str
    kind: str
    icon: str
    client: str | None = None


def found_record(
    kind: str, number: str, record_id: UUID, title: str, *, slug: str, client: str | None = None
) -> Found:
    """Of what was made or is known: a document, a sales invoice, a customer or supplier."""
    if kind == "sales_invoice":
        url = url_for("sales_invoices.show", slug=slug, invoice_id=record_id)
        return Found(url, f"{number} {title}", text(_m("Sales invoice")), "file-invoice", client)
    if kind == "document":
        url = url_for("documents.show", slug=slug, document_number=number)
        said = text(_m("Document %(number)s"), {"number": number})
        return Found(url, title, said, "file-description", client)
    url = url_for("directory.show", slug=slug, party_number=number)
    return Found(url, title, text(_m("Directory")), "users-group", client)


def wanted(typed: str) -> Wanted:
    said = " ".join(typed.replace("\0", "").split())[:120]
    found = _NUMBER.match(said)
    if found:
        return Wanted(said, min(int(found[2]), 2**31 - 1), (found[1] or "").upper())
    words = sorted({word for word in said.split() if len(word) >= SHORTEST}, key=len, reverse=True)
    return Wanted(said, words=tuple(f"%{_escaped(word)}%" for word in words))


def _escaped(word: str) -> str:
    for char in "\\%_":
        word = word.replace(char, f"\\{char}")
    return word
