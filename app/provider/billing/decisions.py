"""What is typed to decide on a contest, and to give a credit."""

from marshmallow import Schema, fields, validate

from app.web.fields import MoneyField, TrimmedString
from tenants.core.text import _m

REASON = validate.Length(max=1000)


class Decision(Schema):
    verdict = fields.String(
        required=True,
        validate=validate.OneOf(
            ["upheld", "adjusted", "answered"], error=_m("Choose one of the list.")
        ),
        metadata={
            "label": _m("Decision"), "input": "radio",
            "choices": [
                ("upheld", _m("Upheld: nothing of it is billed")),
                ("adjusted", _m("In part: less is billed")),
                ("answered", _m("It stays billed")),
            ],
        },
    )  # fmt: skip
    remains = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=10**12),
        metadata={"label": _m("What stays billed"), "help": _m("For a decision in part only.")},
    )  # fmt: skip
    answer = TrimmedString(
        required=True, validate=REASON,
        metadata={"label": _m("Why"), "input": "textarea", "rows": 4,
                  "help": _m("The client reads it.")},
    )  # fmt: skip


class Goodwill(Schema):
    amount = MoneyField(
        currency="EUR", required=True,
        metadata={"label": _m("Amount"), "help": _m("Before VAT.")},
    )  # fmt: skip
    invoice = fields.String(
        load_default="", metadata={"label": _m("Given as"), "input": "select"}
    )  # fmt: skip
    reason = TrimmedString(
        required=True, validate=validate.Length(max=400),
        metadata={"label": _m("What for"), "input": "textarea", "rows": 3,
                  "help": _m("The client reads it, also on the credit note.")},
    )  # fmt: skip


class CreditRefusal(Schema):
    reason = TrimmedString(
        required=True, validate=validate.Length(max=500), metadata={"label": _m("Reason")}
    )
