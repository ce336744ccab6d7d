"""What stands around every document of a company, and the pages that have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date

from app.documents.language import translator
from app.documents.printing.strict import preview_pages, typeset_strictly
from tenants.core.text import _m

FOLDER = Path(__file__).parent
TEMPLATES = {name: FOLDER / f"{name}.typ" for name in ("letter", "list", "cover")}
FONTS = {"inter": ("Inter", "Noto Sans"), "noto_sans": ("Noto Sans", "Inter")}
DEFAULT_COLOUR = "#44546a"
PAGE = _m("Page %(page)s of %(pages)s")
VERIFY = _m("Verify this document: %(address)s, code %(code)s")
PLACE_AND_DATE = _m("%(place)s, %(day)s")
_LOCALES = {"fr": "fr", "de": "de", "en": "en_GB"}
# Where an envelope has its window (NF Z 11-001 and DIN 5008).
_WINDOW_ON_THE_RIGHT = frozenset({"FR", "BE", "LU"})


@dataclass(frozen=True, slots=True)
class Logo:
    """`kind` is "png" or "svg"."""

    kind: str
    content: bytes
    alt: str

    @property
    def media_type(self) -> str:
        return "image/svg+xml" if self.kind == "svg" else "image/png"


@dataclass(frozen=True, slots=True)
class Letterhead:
    name: str
    colour: str = DEFAULT_COLOUR
    sender: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    font: str = "inter"
    country: str = ""
    logo: Logo | None = None

    def data(self) -> dict[str, Any]:
        logo = self.logo
        return {
            "name": self.name,
            "colour": self.colour,
            "sender": list(self.sender),
            "one_line": " · ".join([self.name, *self.sender]),
            "footer": list(self.footer),
            "logo": logo and {"kind": logo.kind, "alt": logo.alt, "bytes": list(logo.content)},
        }

    @property
    def fonts(self) -> list[str]:
        return list(FONTS[self.font])


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document: `kind` names its page, `content` is what app/documents/templating/filling.py
    makes of a text. `code` is the one that the public page asks for."""

    kind: str
    content: Mapping[str, Any]
    letterhead: Letterhead
    language: str
    dated: datetime
    recipient: Sequence[str] = ()
    reference: str = ""
    place: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    code: str = ""
    verify_address: str = ""

    def pdf(self) -> bytes:
        """`dated` in the company's own time zone is what stands on it."""
        return typeset_strictly(
            TEMPLATES[self.kind], self._data(), dated=self.dated, lang=self.language
        )

    def preview(self) -> list[bytes]:
        return preview_pages(
            TEMPLATES[self.kind], self._data(), dated=self.dated, lang=self.language
        )

    def _data(self) -> dict[str, Any]:
        say = translator(self.language)
        day = format_date(self.dated, "long", locale=_LOCALES[self.language])
        placed = say(PLACE_AND_DATE) % {"place": self.place, "day": day} if self.place else day
        verification = None
        if self.code:
            told = {"address": self.verify_address, "code": self.code}
            verification = say(VERIFY) % told
        right = self.letterhead.country in _WINDOW_ON_THE_RIGHT
        return {
            **self.content,
            "title": self.content["subject"] or self.letterhead.name,
            "letterhead": self.letterhead.data(),
            "fonts": self.letterhead.fonts,
            "labels": {"page": say(PAGE)},
            "recipient": list(self.recipient),
            "reference": self.reference,
            "place_and_date": placed,
            "window": "right" if right else "left",
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "verification": verification,
        }
