"""Forms of one address, contact or e-invoice address of a party."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.directory import endpoints
from app.directory.data import LABELS
from app.web.fields import TrimmedString
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}
ADDRESS_KINDS = {"billing": _m("Billing address"), "delivery": _m("Delivery address")}


def _text(label: str, **more: Any) -> TrimmedString:
    # What is too long is said by the rules, for programs too.
    return TrimmedString(
        load_default="", validate=validate.Length(max=1000), metadata={"label": label, **more}
    )


class PartForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    version = fields.Integer(load_default=None, allow_none=True, metadata=_HIDDEN)


class AddressForm(PartForm):
    kind = fields.String(
        load_default="delivery",
        validate=validate.OneOf(list(ADDRESS_KINDS), labels=list(ADDRESS_KINDS.values())),
        metadata={"label": LABELS["kind"], "input": "select"},
    )
    name = _text(_m("Name on it"), help=_m("Where it differs, like that of a warehouse."))
    street = _text(LABELS["billing_street"])
    house_number = _text(LABELS["billing_house_number"])
    extra = _text(LABELS["billing_extra"])
    postcode = _text(LABELS["billing_postcode"])
    city = _text(LABELS["billing_city"])
    region = _text(LABELS["billing_region"])
    country = _text(LABELS["billing_country"], input="select")


class ContactForm(PartForm):
    name = _text(LABELS["name"])
    job = _text(LABELS["contact_job"])
    email = _text(LABELS["contact_email"], input="email")
    phone = _text(LABELS["contact_phone"], input="tel")


class EndpointForm(PartForm):
    scheme = fields.String(
        load_default="", validate=validate.OneOf(["", *endpoints.LABELS]),
        metadata={"label": LABELS["kind"], "input": "select",
                  "choices": [("", _m("Choose…")), *endpoints.LABELS.items()]},
    )  # fmt: skip
    value = _text(LABELS["endpoint_value"], help=_m("In France it begins with the SIREN."))
    valid_from = fields.Date(
        load_default=None, allow_none=True,
        metadata={"label": _m("Holds from"), "help": _m("Empty: from the beginning.")},
    )  # fmt: skip
    valid_until = fields.Date(
        load_default=None, allow_none=True,
        metadata={"label": _m("Holds until"), "help": _m("Empty: until further notice.")},
    )  # fmt: skip


FORMS: dict[str, type[PartForm]] = {
    "addresses": AddressForm, "contacts": ContactForm, "endpoints": EndpointForm,
}  # fmt: skip
SHOWN: dict[str, tuple[tuple[str, ...], ...]] = {
    "addresses": (
        ("kind",), ("name",), ("street", "house_number"), ("extra",), ("postcode", "city"),
        ("region", "country"),
    ),
    "contacts": (("name", "job"), ("email", "phone")),
    "endpoints": (("scheme",), ("value",), ("valid_from", "valid_until")),
}  # fmt: skip
NEW = {
    "addresses": _m("Another address"), "contacts": _m("Another contact"),
    "endpoints": _m("Another e-invoice address"),
}  # fmt: skip
CHANGE = {
    "addresses": _m("Change the address"), "contacts": _m("Change the contact"),
    "endpoints": _m("Change the e-invoice address"),
}  # fmt: skip
