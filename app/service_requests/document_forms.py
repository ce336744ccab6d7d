"""Forms of document lists: one to ask with, and those of a line."""

from datetime import date, timedelta
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.service_requests.documents.formats import NAMES
from app.service_requests.schemas import ActForm, long_text
from app.web.fields import TrimmedString
from tenants.core import clock
from tenants.core.text import _m

ROWS = 8
_FARTHEST = timedelta(days=365)


def _soon(day: date) -> None:
    """Between today and a year from now, wherever the client is: days on earth are up to 12 hours
    behind and 14 ahead of ours."""
    now = clock.now()
    first, last = (now - timedelta(hours=12)).date(), (now + timedelta(hours=14)).date()
    if not first <= day <= last + _FARTHEST:
        raise ValidationError(_m("Choose a day between today and one year from now."))


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
                load_default=None, allow_none=True, validate=_soon,
                metadata={"label": _m("Needed by")},
            ),
        }  # fmt: skip
    found |= {
        "client": fields.String(load_default="", metadata={"input": "hidden"}),
        "version": fields.Integer(load_default=None, allow_none=True, metadata={"input": "hidden"}),
    }
    return Schema.from_dict(found, name="DocumentListForm")
