"""The pages of a draft as pictures in the answer itself: nothing of it is kept."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import render_template

from app.documents.printing.letterheads import Letterhead, Sheet
from app.documents.printing.strict import TypesettingFailed, TypesettingStopped
from app.documents.templating.fields import sample_values
from app.documents.templating.filling import Filled, Wording, fill
from app.documents.templating.markup import Problem
from app.documents.templating.saying import sentences
from app.web.i18n import text
from tenants.queries import get_tenant


class Drawn(Protocol):
    def preview(self) -> list[bytes]: ...


# What fills a text in, the letterhead and the language make of it, by kind.
Draw = Callable[[Filled, Letterhead, str], Drawn]
_drawings: dict[str, Draw] = {}


def register_drawing(kind: str, draw: Draw) -> None:
    """For documents whose page belongs to a service line."""
    _drawings[kind] = draw


def shown_sheet(sheet: Drawn, problems: Sequence[Problem] = ()) -> str:
    """The fragment beside an editor: what is wrong, then the first pages."""
    said = sentences(problems)
    try:
        pages = [base64.b64encode(one).decode() for one in sheet.preview()]
    except (TypesettingStopped, TypesettingFailed) as error:
        pages = []
        said.append(text(error.message))
    return render_template("documents/_preview.html", pages=pages, problems=said)


def sample_sheet(
    wording: Wording, language: str, letterhead: Letterhead, now: datetime
) -> tuple[Drawn, tuple[Problem, ...]]:
    """With invented people: what a template looks like."""
    own = {"company_name": get_tenant().name}
    values: Mapping[str, str] = sample_values(wording.kind, language) | own
    filled = fill(wording, values)
    if wording.kind in _drawings:
        return _drawings[wording.kind](filled, letterhead, language), filled.problems
    asked = sample_values("letter", language)
    made = Sheet(
        wording.kind, filled.data, letterhead, language, local(now),
        recipient=[asked["recipient_name"], *asked["recipient_address"].split("\n")],
        place=asked["place"], reference=asked["reference"],
        columns=["A", "B"], rows=[["1", "2"], ["3", "4"]] if wording.kind != "letter" else (),
    )  # fmt: skip
    return made, filled.problems


def local(now: datetime) -> datetime:
    """What stands on paper is the company's own day."""
    return now.astimezone(ZoneInfo(get_tenant().time_zone))
