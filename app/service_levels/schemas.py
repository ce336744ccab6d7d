from marshmallow import Schema, fields, validate

from app.web.fields import TrimmedString
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}


class ContestForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    month = fields.String(required=True, metadata=_HIDDEN)
    line = fields.String(required=True, metadata=_HIDDEN)
    words = TrimmedString(
        required=True,
        validate=validate.Length(max=4_000),
        metadata={
            "label": _m("What is not right?"), "input": "textarea", "rows": 3,
            "help": _m("Name the requests by their numbers. A supervisor answers here."),
        },
    )  # fmt: skip


class VerdictForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    month = fields.String(required=True, metadata=_HIDDEN)
    line = fields.String(required=True, metadata=_HIDDEN)
    missed = fields.List(
        fields.UUID(error_messages={"invalid_uuid": _m("Choose among those of the list.")}),
        load_default=list,
        metadata={
            "label": _m("Counts as missed after all"), "input": "checkbox",
            "help": _m("The credit grows by the same rates and the same cap. None declines it."),
        },
    )  # fmt: skip
    answer = TrimmedString(
        required=True,
        validate=validate.Length(max=4_000),
        metadata={"label": _m("Answer to the client"), "input": "textarea", "rows": 3},
    )
