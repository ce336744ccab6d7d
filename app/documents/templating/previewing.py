"""The pages of a draft as pictures in the answer itself: nothing of it is kept."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template

from app.documents.printing.letterheads import Letterhead, Sheet
from app.documents.printing.strict import TypesettingFailed, TypesettingStopped
from app.documents.templating.fields import sample_values
from app.documents.templating.filling import Wording, fill
from app.documents.templating.markup import Problem
from app.documents.templating.saying import sentences
from app.web.i18n import text
from tenants.queries import get_tenant


def shown_sheet(sheet: Sheet, problems: Sequence[Problem] = ()) -> str:
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
) -> tuple[Sheet, tuple[Problem, ...]]:
    """With invented people: what a template looks like. An invoice's texts are shown as on a
    letter."""
    values: Mapping[str, str] = sample_values(wording.kind, language)
    filled = fill(wording, values)
    asked = sample_values("letter", language)
    made = Sheet(
        "letter" if wording.kind == "invoice" else wording.kind, filled.data, letterhead, language,
        local(now),
        recipient=[asked["recipient_name"], *asked["recipient_address"].split("\n")],
        place=asked["place"], reference=asked["reference"],
        columns=["A", "B"], rows=[["1", "2"], ["3", "4"]] if wording.kind != "letter" else (),
    )  # fmt: skip
    return made, filled.problems


def local(now: datetime) -> datetime:
    """What stands on paper is the company's own day."""
    return now.astimezone(ZoneInfo(get_tenant().time_zone))
