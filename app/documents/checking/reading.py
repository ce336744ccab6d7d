"""What a file must be before any rule looks at it, found out before a parser builds anything."""

import contextlib
import xml.parsers.expat
from dataclasses import dataclass

MAX_BYTES = 20 * 1024 * 1024
_CHUNK = 64 * 1024
_FORMS = {
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100 CrossIndustryInvoice": "cii",
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2 Invoice": "ubl",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2 CreditNote": "ubl",
}


@dataclass(frozen=True, slots=True)
class Look:
    """`refused` is a rule of ours (FILE-…) that the file breaks; then the rest says nothing."""

    refused: str = ""
    detail: str = ""
    form: str = ""
    credit_note: bool = False


class _Seen(Exception):
    """Enough was read."""


class _Doctype(Exception):
    """The file declares one."""


def look(content: bytes) -> Look:
    """Stops at the first element: a document type, with all that entities can do, comes before."""
    if not content.strip():
        return Look("FILE-EMPTY")
    if len(content) > MAX_BYTES:
        return Look("FILE-SIZE", str(MAX_BYTES // 1024**2))
    try:
        root = _root(content)
    except _Doctype:
        return Look("FILE-DTD")
    except (xml.parsers.expat.ExpatError, LookupError, ValueError) as error:
        return Look("FILE-XML", str(error))
    return Look(form=_FORMS.get(root, ""), credit_note=root.endswith(" CreditNote"))


def _root(content: bytes) -> str:
    found: list[str] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        found.append(name)
        raise _Seen

    def declared(*names: object) -> None:
        raise _Doctype

    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = declared
    with contextlib.suppress(_Seen):
        for start in range(0, len(content), _CHUNK):
            parser.Parse(content[start : start + _CHUNK], start + _CHUNK >= len(content))
    return found[0] if found else ""
