"""Forms of document lists: one to ask with, and those of a line."""

from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from app.service_requests.documents.formats import NAMES
from app.service_requests.schemas import ActForm, long_text
from app.web.fields import TrimmedString
from tenants.core.text import _m

ROWS = 8


class DocumentForm(ActForm):
    file = fields.Raw(
        required=True,
        error_messages={"required": _m("Please choose a file.")},
        metadata={"label": _m("File"), "input": "file"},
    )


class UnavailableForm(ActForm):
    words = long_text(_m("Why there is none"), rows=2)


class SendBackForm(ActForm):
    words = long_text(_m("What is wrong with it"), rows=2)


class TaskForm(ActForm):
    note = long_text(_m("What you did"), rows=2)


@cache
def list_form() -> type[Schema]:
    """As many lines as the page has; those without a name are left out."""
    found: dict[str, fields.Field[Any]] = {}
    for row in range(1, ROWS + 1):
        found |= {
            f"name_{row}": TrimmedString(
                load_default="", validate=validate.Length(max=120),
                metadata={"label": _m("Document"), "placeholder": _m("Bank statement of October")},
            ),
            f"why_{row}": TrimmedString(
                load_default="", validate=validate.Length(max=300),
                metadata={"label": _m("What for")},
            ),
            f"format_{row}": fields.String(
                load_default="any",
                validate=validate.OneOf(list(NAMES), labels=list(NAMES.values())),
                metadata={"label": _m("As")},
            ),
            f"due_on_{row}": fields.Date(
                load_default=None, allow_none=True, metadata={"label": _m("Needed by")}
            ),
        }  # fmt: skip
    found |= {
        "client": fields.String(load_default="", metadata={"input": "hidden"}),
        "version": fields.Integer(load_default=None, allow_none=True, metadata={"input": "hidden"}),
    }
    return Schema.from_dict(found, name="DocumentListForm")
