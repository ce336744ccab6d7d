from marshmallow import Schema, fields, validate

from app.web.fields import TrimmedString
from tenants.core.text import _m

SCOPE_LABELS = {
    "requests:read": _m("Read requests, messages and files"),
    "requests:write": _m("Raise requests, write messages, answer questions, send files"),
    "payments:read": _m("Read payment controls"),
    "payments:write": _m("Decide on the matches of payment controls"),
    "usage:read": _m("Read usage"),
    "invoices:read": _m("Read invoices"),
    "reports:read": _m("Read service reports"),
    "documents:read": _m("Read documents and download them"),
    "documents:write": _m("File documents and new versions"),
    "sales_invoices:read": _m("Read sales invoices, their files and payments"),
    "sales_invoices:write": _m("Draft, validate and send sales invoices"),
    "directory:read": _m("Read customers and suppliers"),
    "directory:write": _m("Write customers and suppliers, import them from files"),
    "webhooks:read": _m("Read webhooks and what was sent"),
    "webhooks:write": _m("Set up webhooks, send messages again"),
}
LIFETIMES = {"30": _m("30 days"), "90": _m("90 days"), "180": _m("180 days"), "365": _m("One year")}


class TokenForm(Schema):
    name = TrimmedString(
        required=True,
        validate=validate.Length(max=80),
        metadata={
            "label": _m("Name"),
            "help": _m("The program that will use it, so that you recognise it later."),
        },
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf(list(SCOPE_LABELS))),
        required=True,
        validate=validate.Length(min=1, error=_m("Choose at least one thing it may do.")),
        metadata={"label": _m("What it may do"), "input": "checkbox"},
    )
    days = fields.String(
        load_default="90",
        validate=validate.OneOf(list(LIFETIMES), labels=list(LIFETIMES.values())),
        metadata={"label": _m("It works for"), "input": "select"},
    )
