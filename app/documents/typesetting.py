"""One way from data to an archivable, accessible PDF: PDF/A-3a and PDF/UA-1, the same bytes for the
same data. Templates set `document(date:)` from `d.dated`, never from the clock."""

import functools
import importlib.resources
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from tenants.core.errors import CoulisseError
from tenants.core.text import _m

FONTS = ("Inter", "Noto Sans")
_FONT_PACKAGES = ("fontpkg_inter", "fontpkg_noto_sans")
Form = Literal["pdf", "png"]
_MISSING_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
_REPLACEMENT = "\u25a1"
_MAX_TRIES = 8
_LONG_WORD = re.compile(r"[^\s\u200b-]{25,}")
_SOFT_BREAK = 20
# Copied out of the document, a fingerprint must still be one word.
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class NotTypeset(CoulisseError):
    status = 500
    code = "document_not_typeset"
    message = _m("The document could not be made. The error has been recorded.")


def typeset(template: Path, data: Mapping[str, Any], *, dated: datetime, lang: str) -> bytes:
    """`template` reads `json(bytes(sys.inputs.data))`; strings in it stay text, never code."""
    import typst

    payload = _payload(data, dated, lang)
    for _ in range(_MAX_TRIES):
        try:
            return _compile(template, payload)[0]
        except typst.TypstError as error:
            unknown = set(_MISSING_GLYPH.findall(error.diagnostic))
            if not unknown:
                raise NotTypeset(code="document_not_typeset") from error
            # PDF/A forbids text without a glyph; a customer's name may hold any script.
            payload = _without(payload, unknown)
    raise NotTypeset(code="document_not_typeset")


def compiled(
    template: Path, data: Mapping[str, Any], *, dated: datetime, lang: str, form: Form, ppi: int
) -> list[bytes]:
    """One PDF, or a PNG a page; an error where the PDF can't have the data as it stands."""
    return _compile(template, _payload(data, dated, lang), form, ppi)


def load_engine() -> None:
    """Before a fork: starts no thread."""
    _fonts()


def _payload(data: Mapping[str, Any], dated: datetime, lang: str) -> Any:
    moment = [dated.year, dated.month, dated.day, dated.hour, dated.minute, dated.second]
    return _cleaned({"fonts": list(FONTS), **data, "dated": moment, "lang": lang})


def _compile(template: Path, payload: Any, form: Form = "pdf", ppi: int = 0) -> list[bytes]:
    import typst

    kind: dict[str, Any] = {"pdf_standards": ["a-3a", "ua-1"]} if form == "pdf" else {"ppi": ppi}
    result = typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format=form,
        sys_inputs={"data": json.dumps(payload, ensure_ascii=False)},
        **kind,
    )
    if result is None:
        raise NotTypeset
    return result if isinstance(result, list) else [result]


@functools.cache
def _fonts() -> Any:
    import typst

    folders = [str(importlib.resources.files(name) / "files") for name in _FONT_PACKAGES]
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders)
    )


def _cleaned(value: Any) -> Any:
    return _each_text(value, _clean_text)


def _clean_text(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode("utf-8")
    kept = "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") else _REPLACEMENT
        for c in unicodedata.normalize("NFC", whole)
    )
    return _LONG_WORD.sub(_breakable, kept)


def _breakable(word: re.Match[str]) -> str:
    """A zero-width space now and then: a reference of 140 characters must not leave its cell."""
    text = word.group()
    if _FINGERPRINT.fullmatch(text):
        return text
    return "\u200b".join(text[i : i + _SOFT_BREAK] for i in range(0, len(text), _SOFT_BREAK))


def _without(payload: Any, unknown: set[str]) -> Any:
    pattern = re.compile("|".join(sorted(map(re.escape, unknown), key=len, reverse=True)))
    return _each_text(payload, lambda text: pattern.sub(_REPLACEMENT, text))


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(item, change) for item in value]
    return value
