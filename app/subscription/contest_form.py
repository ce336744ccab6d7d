"""Why a usage record is contested, and what the client would pay."""

from marshmallow import Schema, fields, validate

from app.web.fields import TrimmedString
from tenants.core.text import _m


class ContestUsage(Schema):
    reason = TrimmedString(
        required=True, validate=validate.Length(max=1000),
        metadata={
            "label": _m("Why is it wrong?"), "input": "textarea", "rows": 4,
            "help": _m("The provider's administration reads it. They see figures, not files."),
        },
    )  # fmt: skip
    accepted = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=10**12),
        metadata={
            "label": _m("What you would accept"),
            "help": _m("A quantity below the recorded one. Leave it empty to accept nothing."),
        },
    )  # fmt: skip
