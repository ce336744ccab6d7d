from marshmallow import Schema, fields, validate

from app.web.fields import MoneyField, TrimmedString
from billing.figures.services import LONGEST_REASON
from billing.plans import CURRENCY
from tenants.core.text import _c, _m


class AsideReason(Schema):
    reason = TrimmedString(
        required=True,
        validate=validate.Length(max=LONGEST_REASON),
        error_messages={"required": _m("Say why nobody needs to look at it.")},
        metadata={"label": _m("Why does nobody need to look at it?")},
    )


class RateForm(Schema):
    """`whose` is a role, or the id of a person."""

    whose = fields.String(
        required=True, validate=validate.Length(min=1, max=40),
        metadata={"label": _m("Whose hour"), "input": "select"},
    )  # fmt: skip
    amount = MoneyField(
        currency=CURRENCY, required=True,
        metadata={"label": _m("Cost of an hour"), "suffix": CURRENCY,
                  "help": _m("With everything: pay, charges, workplace.")},
    )  # fmt: skip
    starts_on = fields.Date(
        required=True,
        metadata={"label": _c("day", "From"), "input": "select",
                  "help": _m("Time from this month on; earlier months stay as they are.")},
    )  # fmt: skip
