from marshmallow import Schema, fields, validate

from app.service_requests.schemas import long_text
from app.web.fields import TrimmedString
from tenants.core.text import _m


class AskForm(Schema):
    """`version` is that of the request which the guest saw."""

    client = fields.String(load_default="", metadata={"input": "hidden"})
    version = fields.Integer(load_default=None, allow_none=True, metadata={"input": "hidden"})
    body = long_text(_m("Your question"))


class QueryForm(Schema):
    """`once` makes the same form sent twice one question."""

    client = fields.String(load_default="", metadata={"input": "hidden"})
    line = fields.String(required=True, metadata={"label": _m("Service line"), "input": "select"})
    title = TrimmedString(
        required=True, validate=validate.Length(max=120), metadata={"label": _m("Subject")}
    )
    details = long_text(_m("Your question"), rows=6)
