"""Forms of the directory. What a value must be is said in `checking`, for files and programs too."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.directory import endpoints
from app.directory.data import LABELS, LONGEST, PartyData
from app.directory.models import SCHEMES
from app.web.fields import TrimmedString
from tenants.core.text import _m
from tenants.models import LANGUAGES

_HIDDEN = {"input": "hidden"}
KINDS = {
    "company": _m("Company"), "public_body": _m("Public body"), "person": _m("Private person"),
}  # fmt: skip
LANGUAGE_NAMES = {"fr": "Français", "de": "Deutsch", "en": "English"}
HELP = {
    "reference": _m("As your own books or your ERP know it."),
    "siret": _m("Fourteen digits; the first nine are the SIREN."),
    "vat": _m("With the letters of its country, like FR40303265045."),
    "register": _m("In Germany with the court, like “München HRB 12345”."),
    "endpoint_value": _m("Where its e-invoices go. In France it begins with the SIREN."),
    "payment_text": _m("In words, if days alone don't say it."),
    "buyer_reference": _m("What it wants to read on every invoice, like a cost centre."),
    "iban": _m("It may be used at once. A later one has to be released by a second person."),
}
_TEXTAREAS = {"note": 3, "payment_text": 2}
_DECLARED: dict[str, fields.Field[Any]] = {
    "client": fields.String(load_default="", metadata=_HIDDEN),
    "version": fields.Integer(load_default=None, allow_none=True, metadata=_HIDDEN),
    "customer": fields.Boolean(load_default=False, metadata={"label": LABELS["customer"]}),
    "supplier": fields.Boolean(load_default=False, metadata={"label": LABELS["supplier"]}),
    "kind": fields.String(
        load_default="company",
        validate=validate.OneOf(list(KINDS), labels=list(KINDS.values())),
        metadata={"label": LABELS["kind"], "input": "select"},
    ),
    "language": fields.String(
        load_default="",
        validate=validate.OneOf(["", *LANGUAGES]),
        metadata={"label": LABELS["language"], "input": "select", "choices": [
            ("", _m("As the company")), *LANGUAGE_NAMES.items()]},
    ),
    "payment_days": fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=365),
        metadata={"label": LABELS["payment_days"]},
    ),
    "end_of_month": fields.Boolean(
        load_default=False, metadata={"label": LABELS["end_of_month"]}
    ),
    "endpoint_scheme": fields.String(
        load_default="", validate=validate.OneOf(["", *endpoints.LABELS]),
        metadata={"label": LABELS["endpoint_scheme"], "input": "select",
                  "choices": [("", _m("None")), *endpoints.LABELS.items()]},
    ),
    "billing_country": TrimmedString(
        load_default="", metadata={"label": LABELS["billing_country"], "input": "select"}
    ),
    "delivery_country": TrimmedString(
        load_default="", metadata={"label": LABELS["delivery_country"], "input": "select"}
    ),
    "anyway": fields.Boolean(
        load_default=False, metadata={"label": _m("It is somebody else: create it anyway")}
    ),
}  # fmt: skip


def _text(name: str) -> fields.Field[Any]:
    meta: dict[str, Any] = {"label": LABELS[name]}
    if name in HELP:
        meta["help"] = HELP[name]
    if name in _TEXTAREAS:
        meta |= {"input": "textarea", "rows": _TEXTAREAS[name]}
    if name == "contact_email":
        meta["input"] = "email"
    if name == "contact_phone":
        meta["input"] = "tel"
    if name == "name":
        return TrimmedString(required=True, metadata=meta)
    return TrimmedString(load_default="", metadata=meta)


_TEXTS = [name for name in (*LONGEST, *SCHEMES, "currency", "iban", "bic") if name not in _DECLARED]
PartyForm: type[Schema] = Schema.from_dict(
    {**_DECLARED, **{name: _text(name) for name in _TEXTS}}, name="PartyForm"
)
assert set(PartyData.__slots__) <= set(PartyForm().fields)
SECTIONS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (_m("Who it is"), (("name",), ("trade_name", "legal_form"), ("kind", "language"),
                      ("customer", "supplier"), ("reference",))),
    (_m("Numbers"), (("siren", "siret"), ("vat", "leitweg"), ("register", "tax_number"),
                     ("gln", "duns"), ("lei", "creditor_id"), ("other",))),
    (_m("Billing address"), (("billing_street", "billing_house_number"), ("billing_extra",),
                             ("billing_postcode", "billing_city"),
                             ("billing_region", "billing_country"))),
    (_m("E-invoices"), (("endpoint_scheme", "endpoint_value"), ("buyer_reference",))),
    (_m("Contact"), (("contact_name", "contact_job"), ("contact_email", "contact_phone"))),
    (_m("Terms"), (("payment_days", "currency"), ("end_of_month",), ("payment_text",))),
    (_m("Delivery address"), (("delivery_name",), ("delivery_street", "delivery_house_number"),
                              ("delivery_extra",), ("delivery_postcode", "delivery_city"),
                              ("delivery_region", "delivery_country"))),
    (_m("Bank account"), (("iban", "bic"), ("holder",))),
    (_m("Note"), (("note",),)),
)  # fmt: skip


class AccountForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    iban = TrimmedString(required=True, metadata={"label": LABELS["iban"]})
    bic = TrimmedString(load_default="", metadata={"label": LABELS["bic"]})
    holder = TrimmedString(load_default="", metadata={"label": LABELS["holder"]})
    source = TrimmedString(
        required=True,
        validate=validate.Length(max=300),
        metadata={"label": _m("How you learned of it"),
                  "placeholder": _m("Letter of 3 November, invoice 4711, …")},
    )  # fmt: skip


class ReleaseForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    called_number = TrimmedString(
        required=True,
        validate=validate.Length(max=40),
        metadata={"label": _m("Number that you called"), "input": "tel",
                  "help": _m("One that you knew before, never one of the message itself.")},
    )  # fmt: skip
    called_person = TrimmedString(
        required=True,
        validate=validate.Length(max=120),
        metadata={"label": _m("Who confirmed it")},
    )


class RefuseForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    note = TrimmedString(
        required=True, validate=validate.Length(max=300), metadata={"label": _m("Why not")}
    )


class ActForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)


class MergeForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    other = fields.Integer(required=True, validate=validate.Range(min=1, max=2**31 - 1))
    kept_version = fields.Integer(required=True)
    other_version = fields.Integer(required=True)
