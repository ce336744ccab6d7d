from marshmallow import Schema, fields, validate

from app.web.fields import TrimmedString
from tenants.core.text import _m


class DecisionForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})


class AsMessage(DecisionForm):
    number = TrimmedString(
        required=True,
        validate=validate.Regexp(r"^#?[1-9]\d{0,8}$", error=_m("Please choose a request.")),
        metadata={"label": _m("Request"), "input": "select"},
    )


class AsRequest(DecisionForm):
    line = fields.String(required=True, metadata={"label": _m("Service line"), "input": "select"})


class Discard(DecisionForm):
    words = TrimmedString(
        required=True,
        validate=validate.Length(max=300),
        metadata={
            "label": _m("Reason"),
            "help": _m("The client's administrator reads it. The sender hears nothing."),
        },
    )
    block = fields.Boolean(
        load_default=False, metadata={"label": _m("Take no more mails from this sender")}
    )
