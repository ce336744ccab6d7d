from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, validate

from app.catalogue.lines import LINES
from app.web.fields import TrimmedString
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}
REMARK = "remark_"


class StepForm(Schema):
    """A step from the page as it was shown; `shown` is the hash of a draft's figures."""

    client = fields.String(load_default="", metadata=_HIDDEN)
    version = fields.Integer(required=True, metadata=_HIDDEN)
    shown = fields.String(load_default="", validate=validate.Length(max=64), metadata=_HIDDEN)


class WordsForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    version = fields.Integer(required=True, metadata=_HIDDEN)
    summary = TrimmedString(
        load_default="",
        validate=validate.Length(max=4_000),
        metadata={
            "label": _m("The month in short"), "input": "textarea", "rows": 6,
            "help": _m("What went well, what did not and why, what you suggest. It stands on the "
                       "first page. Leave it empty if there is nothing to add."),
        },
    )  # fmt: skip


def words_form(lines: Iterable[str]) -> type[Schema]:
    """With a field for a remark on each of these lines."""
    made: dict[str, Any] = {f"{REMARK}{line}": _remark(line) for line in lines}
    return type("WordsOnLines", (WordsForm,), made)


def _remark(line: str) -> TrimmedString:
    return TrimmedString(
        load_default="", validate=validate.Length(max=1_000),
        metadata={"label": LINES.get(line, line), "input": "textarea", "rows": 2},
    )  # fmt: skip


def remarks_in(data: dict[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix(REMARK): words for name, words in data.items() if name.startswith(REMARK)
    }
