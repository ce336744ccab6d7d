"""Shapes of what is typed for sales invoices."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.directory import endpoints
from app.finance.einvoicing.forms import FORMS
from app.finance.sales_invoices.words import NATURES, TYPES
from app.web.fields import TrimmedString
from tenants.core.text import _m

_HIDDEN: dict[str, Any] = {"input": "hidden"}
LANGUAGES = [("fr", "Français"), ("de", "Deutsch"), ("en", "English")]
VAT_POINTS = [
    ("", _m("as usual for this company")),
    ("invoice", _m("when it is invoiced (VAT on debits)")),
    ("delivery", _m("on delivery")),
    ("payment", _m("when it is paid")),
]
AUDIENCES = [
    ("", _m("follows from the customer")),
    ("B2B", _m("a company in France")),
    ("B2BINT", _m("a company abroad")),
    ("B2C", _m("a private person")),
    ("OUTOFSCOPE", _m("outside of e-invoicing")),
]


def _text(label: str, most: int, **more: Any) -> TrimmedString:
    return TrimmedString(
        load_default="", validate=validate.Length(max=most), metadata={"label": label, **more}
    )


def _choice(label: str, choices: list[tuple[str, str]], default: str, **more: Any) -> fields.String:
    return fields.String(
        load_default=default,
        validate=validate.OneOf([code for code, _ in choices]),
        metadata={"label": label, "input": "select", "choices": choices, **more},
    )


def _day(label: str, **more: Any) -> fields.Date:
    return fields.Date(load_default=None, allow_none=True, metadata={"label": label, **more})


class ActForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    version = fields.Integer(load_default=None, allow_none=True, metadata=_HIDDEN)


class InvoiceForm(ActForm):
    """Lines come beside it, see line_forms."""

    type = _choice(_m("Kind"), [(c, t) for c, t in TYPES.items() if c in ("380", "386")], "380")
    customer = fields.UUID(load_default=None, allow_none=True, metadata=_HIDDEN)
    request = fields.Integer(load_default=None, allow_none=True, metadata=_HIDDEN)
    issued_on = _day(_m("Date"), help=_m("Empty: the day on which it is validated."))
    due_on = _day(_m("Due on"), help=_m("Empty: by the customer's terms."))
    delivered_on = _day(_m("Delivered or done on"))
    period_start = _day(_m("Period from"))
    period_end = _day(_m("to"))
    nature = _choice(_m("What is invoiced"), list(NATURES.items()), "services")
    language = _choice(_m("Language of the invoice"), LANGUAGES, "fr")
    currency = TrimmedString(
        load_default="EUR",
        validate=validate.Regexp(r"^[A-Z]{3}$", error=_m("Write the three letters, like EUR.")),
        metadata={"label": _m("Currency")},
    )
    rate = fields.Decimal(
        load_default=None, allow_none=True,
        validate=validate.Range(min=0, min_inclusive=False, max=1_000_000),
        metadata={"label": _m("Euros for one of it"), "help": _m("For another currency alone.")},
    )  # fmt: skip
    form = _choice(_m("File"), [(one.name, one.label) for one in FORMS.values()], "facturx-en16931")
    series = fields.UUID(
        load_default=None, allow_none=True,
        metadata={"label": _m("Series of numbers"), "input": "select", "placeholder": _m("the usual one")},
    )  # fmt: skip
    delivery = _text(_m("Delivered to"), 40, input="select")
    contact = _text(_m("Contact of the customer"), 40, input="select")
    order = _text(_m("Customer's order"), 100)
    contract = _text(_m("Contract"), 100)
    project = _text(_m("Project"), 100)
    buyer_reference = _text(
        _m("Reference of the buyer"), 100,
        help=_m("A service code in France, the Leitweg-ID of an authority in Germany."),
    )  # fmt: skip
    vat_point = _choice(_m("VAT is due"), VAT_POINTS, "")
    audience = _choice(_m("The customer is"), AUDIENCES, "")
    payment_terms = _text(_m("Terms of payment in words"), 500)
    note = _text(_m("Note on the invoice"), 2000, input="textarea", rows=2)
    reason = _text(_m("Why it is corrected"), 500)
    deposits = fields.List(
        fields.UUID(), load_default=list,
        metadata={"label": _m("Deposits to deduct"), "input": "checkbox"},
    )  # fmt: skip


class SheetForm(Schema):
    """A sheet of invoices: of the request's files, or one that is sent now."""

    client = fields.String(load_default="", metadata=_HIDDEN)
    request = fields.Integer(load_default=None, allow_none=True, metadata=_HIDDEN)
    chosen = fields.UUID(
        load_default=None, allow_none=True,
        metadata={"label": _m("File of the request"), "input": "select",
                  "placeholder": _m("none, I send another one")},
    )  # fmt: skip
    file = fields.Raw(
        load_default=None, allow_none=True,
        metadata={"label": _m("File"), "accept": ".csv,.txt,.xlsx", "input": "file"},
    )  # fmt: skip


class IssueForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    aim = fields.String(
        load_default="validate",
        validate=validate.OneOf(
            ["validate", "draft"],
            labels=[_m("Validate them: each gets its number and can't be changed any more"),
                    _m("Leave them as drafts")],
        ),
        metadata={"label": _m("What becomes of the invoices"), "input": "radio"},
    )  # fmt: skip
    again = fields.Boolean(
        load_default=False,
        metadata={"label": _m("Make those once more that an earlier sheet made")},
    )


class SendForm(ActForm):
    to = TrimmedString(
        load_default="", validate=validate.Length(max=250),
        metadata={"label": _m("To this address"), "input": "email", "autocomplete": "off"},
    )  # fmt: skip
    otherwise = fields.Boolean(
        load_default=False,
        metadata={
            "label": _m("I handed it over myself"),
            "help": _m("On a platform or a portal: no mail is sent."),
        },
    )


class CreditForm(ActForm):
    share = fields.Decimal(
        load_default=None, allow_none=True, places=2,
        validate=validate.Range(min=0, max=100, min_inclusive=False),
        metadata={"label": _m("Of each line"), "suffix": "%",
                  "help": _m("Empty: in full. You change single lines in the draft.")},
    )  # fmt: skip
    reason = TrimmedString(
        required=True, validate=validate.Length(max=500),
        metadata={"label": _m("Why it is corrected")},
    )  # fmt: skip


class DisputeForm(ActForm):
    reason = TrimmedString(
        required=True, validate=validate.Length(max=1000),
        metadata={"label": _m("What the customer disagrees with"), "input": "textarea", "rows": 3},
    )  # fmt: skip


class ResolveForm(ActForm):
    outcome = TrimmedString(
        required=True, validate=validate.Length(max=1000),
        metadata={"label": _m("How it ended"), "input": "textarea", "rows": 3},
    )  # fmt: skip


class SettingsForm(Schema):
    """What stands on every invoice of the company."""

    client = fields.String(load_default="", metadata=_HIDDEN)
    name = TrimmedString(required=True, validate=validate.Length(max=200), metadata={"label": _m("Name of the company")})  # fmt: skip
    legal_id = _text(_m("Register number"), 20, help=_m("In France the SIREN, nine digits."))
    establishment_id = _text(_m("Establishment (SIRET)"), 14)
    vat_id = _text(_m("VAT number"), 20)
    tax_number = _text(_m("Tax number"), 30)
    legal_text = _text(_m("Legal form, capital, register"), 300)
    street = _text(_m("Street and number"), 150)
    more_address = _text(_m("More of the address"), 150)
    postcode = _text(_m("Postcode"), 20)
    city = _text(_m("Town"), 100)
    country = TrimmedString(
        required=True, validate=validate.Regexp(r"^[A-Z]{2}$", error=_m("Two letters, like FR.")),
        metadata={"label": _m("Country"), "input": "select"},
    )  # fmt: skip
    electronic_scheme = _choice(
        _m("Kind of e-invoice address"), [("", _m("None")), *endpoints.LABELS.items()], ""
    )
    electronic_address = _text(_m("E-invoice address"), 125)
    contact = _text(_m("Contact"), 100)
    phone = _text(_m("Telephone"), 40)
    email = _text(_m("Mail address for answers"), 250, input="email")
    iban = TrimmedString(load_default=None, allow_none=True, validate=validate.Length(max=42), metadata={"label": _m("IBAN"), "help": _m("Empty: the one that is there stays.")})  # fmt: skip
    bic = _text("BIC", 11)
    account_name = _text(_m("Account holder"), 70)
    code = TrimmedString(
        load_default="", validate=validate.Length(max=40),
        metadata={"label": _m("Code from your authenticator app"), "autocomplete": "one-time-code",
                  "help": _m("For another account only: it confirms this one change, and the company's administrators are told.")},
    )  # fmt: skip
    payment_days = fields.Integer(load_default=30, validate=validate.Range(min=0, max=365), metadata={"label": _m("Days to pay")})  # fmt: skip
    small_business = fields.Boolean(load_default=False, metadata={"label": _m("Small business without VAT")})  # fmt: skip
    vat_on_debits = fields.Boolean(load_default=False, metadata={"label": _m("VAT on debits")})
    late_payment = _text(_m("Late payment, in your words"), 400)
    recovery_charge = _text(_m("Recovery charge, in your words"), 400)
    early_payment = _text(_m("Early payment, in your words"), 400)


SETTINGS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (_m("Who it is"), (("name",), ("legal_id", "establishment_id"), ("vat_id", "tax_number"),
                      ("legal_text",))),
    (_m("Address"), (("street", "more_address"), ("postcode", "city"), ("country",))),
    (_m("E-invoices"), (("electronic_scheme", "electronic_address"),)),
    (_m("Contact"), (("contact", "phone"), ("email",))),
    (_m("Bank account"), (("iban", "bic"), ("account_name",), ("code",))),
    (_m("Terms"), (("payment_days",), ("small_business", "vat_on_debits"), ("late_payment",),
                   ("recovery_charge",), ("early_payment",))),
)  # fmt: skip
assert {name for _, rows in SETTINGS for row in rows for name in row} == {
    *SettingsForm().fields
} - {"client"}


class SeriesForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    name = TrimmedString(required=True, validate=validate.Length(max=60), metadata={"label": _m("Name")})  # fmt: skip
    prefix = TrimmedString(
        required=True,
        validate=validate.Regexp(
            r"^[A-Za-z0-9+_/-]{0,18}(\{year\}[A-Za-z0-9+_/-]{0,12})?$",
            error=_m("Letters, digits and + - _ / only; {year} stands for the year."),
        ),
        metadata={"label": _m("Numbers begin with"), "placeholder": "F-{year}-"},
    )
    digits = fields.Integer(load_default=4, validate=validate.Range(min=1, max=10), metadata={"label": _m("Digits")})  # fmt: skip
    types = fields.List(
        fields.String(validate=validate.OneOf(list(TYPES), labels=list(TYPES.values()))),
        required=True, validate=validate.Length(min=1, error=_m("Choose one of the list.")),
        metadata={"label": _m("For"), "input": "checkbox", "choices": list(TYPES.items())},
    )  # fmt: skip
