"""The forms of a letter; each of its fields has an input of its own."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from app.administration.letters.models import KINDS
from app.documents.templating.fields import FIELDS, LONGEST_VALUE
from app.documents.templating.schemas import LANGUAGES, WordingForm
from app.web.fields import TrimmedString
from tenants.core.text import _m

FIELD = "field_"
MOST_TABLE = 60_000


class BeginForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    begin = fields.String(required=True, metadata={"label": _m("Begin with")})


class StepForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    version = fields.Integer(required=True, metadata={"input": "hidden"})


def letter_form(kind: str, codes: Sequence[str]) -> type[Schema]:
    asked: dict[str, Any] = {
        f"{FIELD}{code}": TrimmedString(
            load_default="", validate=validate.Length(max=LONGEST_VALUE),
            metadata={
                "label": FIELDS[code].label,
                **({"input": "textarea", "rows": 3} if FIELDS[code].lines else {}),
            },
        )
        for code in codes
    }  # fmt: skip
    if kind != "letter":
        asked["table"] = TrimmedString(
            load_default="", validate=validate.Length(max=MOST_TABLE),
            metadata={
                "label": _m("Table"), "input": "textarea", "rows": 6,
                "help": _m("One row a line, columns separated by semicolons. A list's first row is its head."),
            },
        )  # fmt: skip
    return WordingForm.from_dict(asked, name=f"{kind}_letter_form")


def choices_of(kinds: dict[str, str], translate: Any) -> list[tuple[str, str]]:
    """The texts that everybody has."""
    return [
        (f"{kind}:{code}", f"{translate(kinds[kind])}, {translate(name)}")
        for kind in KINDS
        for code, name in LANGUAGES.items()
    ]
