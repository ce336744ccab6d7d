"""Typesetting for what leaves the house: the data as it stands or an error that names what is in the
way, in a child process that can be killed. Templates are ours alone; whatever strangers wrote is
data to them."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.documents.printing.glyphs import Unprintable, unprintable
from app.documents.printing.press import PRESS
from tenants.core.errors import CoulisseError, Invalid
from tenants.core.limited import Limits
from tenants.core.text import _m

logger = logging.getLogger(__name__)

LIMITS = Limits(memory_mb=768, cpu_seconds=20, wall_seconds=40)
PREVIEW_LIMITS = Limits(memory_mb=768, cpu_seconds=6, wall_seconds=12)
PREVIEW_PAGES = 3


class NotPrintable(Invalid):
    code = "not_printable"
    message = _m(
        "“%(character)s” (%(name)s) can't be printed, none of our fonts has it. "
        "Where: %(place)s. Write it in another way."
    )

    def __init__(self, found: Unprintable) -> None:
        super().__init__(character=found.shown, name=found.name, place=found.place)


class TypesettingStopped(Invalid):
    code = "typesetting_stopped"
    message = _m(
        "Making this document took too much time or memory, so it was stopped. Make it shorter."
    )


class TypesettingFailed(CoulisseError):
    status = 500
    code = "document_not_typeset"
    message = _m("The document could not be made. The error has been recorded.")


def typeset_strictly(
    template: Path,
    data: Mapping[str, Any],
    *,
    dated: datetime,
    lang: str,
    limits: Limits = LIMITS,
) -> bytes:
    """PDF/A-3a and PDF/UA-1, the same bytes for the same data."""
    for found in unprintable(data):
        raise NotPrintable(found)
    return _run({"template": str(template), "data": data, "form": "pdf"}, dated, lang, limits)


def preview_pages(
    template: Path, data: Mapping[str, Any], *, dated: datetime, lang: str
) -> list[bytes]:
    """The first pages as PNG. What can't be printed is a box: whoever calls says so beside it."""
    asked = {"template": str(template), "data": data, "form": "png", "most": PREVIEW_PAGES}
    out = _run(asked, dated, lang, PREVIEW_LIMITS)
    pages = []
    while out:
        size, _, rest = out.partition(b"\n")
        pages.append(rest[: int(size)])
        out = rest[int(size) :]
    return pages


def _run(asked: dict[str, Any], dated: datetime, lang: str, limits: Limits) -> bytes:
    asked |= {"dated": dated.isoformat(), "lang": lang}
    outcome = PRESS.ask(json.dumps(asked).encode(), limits)
    if outcome.code == 0 and not outcome.stopped:
        return outcome.output
    if outcome.stopped or b"MemoryError" in outcome.log.encode():
        raise TypesettingStopped
    logger.error("typesetting ended with %s: %s", outcome.code, outcome.log[-2000:])
    raise TypesettingFailed
