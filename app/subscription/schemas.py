"""What is asked of who pays the subscription."""

from marshmallow import Schema, fields, validate

from app.subscription.countries import CODES
from app.web.fields import TrimmedString
from tenants.core.text import _m


def _line(length: int) -> validate.Length:
    return validate.Length(max=length)


class BillingDetails(Schema):
    billing_name = TrimmedString(
        required=True, validate=_line(200), metadata={"label": _m("Company's name on invoices")}
    )
    billing_email = fields.Email(
        required=True, validate=_line(200),
        metadata={"label": _m("E-mail for invoices"), "autocomplete": "email"},
    )  # fmt: skip
    line1 = TrimmedString(
        required=True, validate=_line(200),
        metadata={"label": _m("Street and number"), "autocomplete": "address-line1"},
    )  # fmt: skip
    line2 = TrimmedString(
        load_default="", validate=_line(200),
        metadata={"label": _m("Address, second line"), "autocomplete": "address-line2"},
    )  # fmt: skip
    postcode = TrimmedString(
        required=True, validate=_line(16),
        metadata={"label": _m("Postcode"), "autocomplete": "postal-code"},
    )  # fmt: skip
    town = TrimmedString(
        required=True, validate=_line(100),
        metadata={"label": _m("Town"), "autocomplete": "address-level2"},
    )  # fmt: skip
    country = fields.String(
        required=True,
        validate=validate.OneOf(CODES, error=_m("Choose one of the list.")),
        metadata={"label": _m("Country"), "input": "select"},
    )
    vat_id = TrimmedString(
        load_default="", validate=_line(24),
        metadata={
            "label": _m("VAT number"),
            "help": _m("With the letters of its country, like FR40303265045. Empty without one."),
            "autocomplete": "off",
        },
    )  # fmt: skip


class Leaving(Schema):
    reason = TrimmedString(
        load_default="",
        validate=validate.Length(max=500),
        metadata={
            "label": _m("Why do you leave us?"), "input": "textarea", "rows": 3,
            "help": _m("Only if you like."),
        },
    )  # fmt: skip
