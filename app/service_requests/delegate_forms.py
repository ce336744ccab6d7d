from marshmallow import Schema, fields

from tenants.core.text import _m


class DelegateForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    delegate_id = fields.UUID(
        required=True,
        error_messages={"invalid_uuid": _m("Choose a colleague of your company.")},
        metadata={
            "label": _m("Colleague"), "input": "select",
            "help": _m("Needs an authenticator app where the approval asks for a code."),
        },
    )  # fmt: skip
    lines = fields.List(
        fields.String(),
        required=True,
        metadata={"label": _m("Service lines"), "input": "checkbox"},
    )
    starts_on = fields.Date(required=True, metadata={"label": _m("First day")})
    ends_on = fields.Date(required=True, metadata={"label": _m("Last day")})
