"""A printed invoice read back: its text without spaces, and what the XML says in the page's own words."""

import io
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

import pypdf
from babel.numbers import format_decimal
from facturx import parse_ubl_cii_xml

_LONG = {"fr": "%d/%m/%Y", "de": "%d.%m.%Y"}
_PER = {"fr": "par", "de": "je"}
_NO_RATE = {"fr": "sans", "de": "ohne"}
# What only machines read: how the tax office is told, and codes the page says in words.
_UNPRINTED = ("BAR",)


def squeezed(text: str) -> str:
    kept = (c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Cf")
    return "".join("".join(kept).split()).replace("\u2212", "-")


def page_text(content: bytes) -> str:
    return squeezed(
        "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    )


def parsed(xml: bytes) -> dict[str, Any]:
    found: dict[str, Any] = parse_ubl_cii_xml(xml, check_xsd=False, check_schematron="")
    return found


def stated(xml: bytes, language: str) -> list[tuple[str, str]]:
    """Each field of the XML and how the page must say it."""
    fields, place = parsed(xml), _Place(language)
    found = [
        *_as_it_stands(fields),
        *place.days(fields, "BT-2", "BT-9", "BT-72", "BT-73", "BT-74"),
        *_totals(fields, place),
        *(
            pair
            for name in ("BG-4", "BG-7", "BG-10", "BG-11", "BG-13")
            for pair in _party(name, fields.get(name) or {})
        ),
        *(pair for vat in fields["BG-23"] for pair in _vat(vat, place)),
    ]
    for one in fields.get("BG-3") or []:
        found += [("BT-25", one["BT-25"]), ("BT-26", place.day(one["BT-26"]))]
    for note in fields.get("BG-1") or []:
        if note.get("BT-21") not in _UNPRINTED:
            found.append(("BT-22", note["BT-22"]))
    return [(name, squeezed(text)) for name, text in found]


def _as_it_stands(fields: dict[str, Any]) -> list[tuple[str, str]]:
    numbers = (1, 10, 11, 12, 13, 20, 83, 84, 85, 86, 89, 90, 91)
    return [(f"BT-{n}", fields[f"BT-{n}"]) for n in numbers if fields.get(f"BT-{n}")]


def _totals(fields: dict[str, Any], place: "_Place") -> list[tuple[str, str]]:
    return [
        (name, place.number(fields[name], 2) + fields["BT-6" if name == "BT-111" else "BT-5"])
        for name in ("BT-106", "BT-108", "BT-109", "BT-110", "BT-111", "BT-112", "BT-114", "BT-115")
        if fields.get(name)
    ]


def _vat(vat: dict[str, Any], place: "_Place") -> list[tuple[str, str]]:
    amounts = place.number(vat["BT-116"], 2) + place.number(vat["BT-117"], 2)
    said = place.rate(vat.get("BT-119"), vat["BT-118"]) + amounts
    return [("BG-23", said), *([("BT-120", vat["BT-120"])] if vat.get("BT-120") else [])]


def stated_lines(xml: bytes, language: str) -> list[tuple[str, str]]:
    """Of each line: how it begins, and the figures it ends with."""
    place = _Place(language)
    found = []
    for line in parsed(xml)["BG-25"]:
        begins = line["BT-126"] + line["BT-153"] + (line.get("BT-154") or "")
        rate = place.rate(line.get("BT-152"), line["BT-151"])
        base = f"{_PER[language]}{place.number(line['BT-149'], 0)}" if line.get("BT-149") else ""
        ends = place.number(line["BT-146"], 2) + base + rate + place.number(line["BT-131"], 2)
        found.append((squeezed(begins), squeezed(ends)))
    return found


def _party(name: str, party: dict[str, Any]) -> list[tuple[str, str]]:
    keys = ("name", "biz_name", "legal_identifier", "vat_identifier", "tax_identifier", "legal_info",
            "einvoicing_addr", "addr_l1", "addr_l2", "postcode", "city")  # fmt: skip
    found = [(f"{name} {key}", party[key]) for key in keys if party.get(key)]
    for contact in party.get("contacts") or []:
        found += [(f"{name} contact", value) for value in contact.values() if value]
    return found + [(f"{name} id", value) for value in (party.get("identifiers") or {}).values()]


class _Place:
    def __init__(self, language: str) -> None:
        self.language = language

    def rate(self, text: str | None, category: str) -> str:
        said = f"{self.number(text, 0)}%" if text else _NO_RATE[self.language]
        return said if category == "S" else f"{said}({category})"

    def day(self, value: date) -> str:
        return value.strftime(_LONG[self.language])

    def days(self, fields: dict[str, Any], *names: str) -> list[tuple[str, str]]:
        return [(name, self.day(fields[name])) for name in names if fields.get(name)]

    def number(self, text: str, least: int) -> str:
        pattern = "#,##0." + "0" * least + "#" * (6 - least)
        return format_decimal(Decimal(text), format=pattern, locale=self.language)
