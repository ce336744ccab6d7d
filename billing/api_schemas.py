"""What the JSON API says about usage and invoices."""

from marshmallow import Schema, fields, validate

from billing.models import METERS
from tenants.core.schema import Amount, Moment, PageQuery, said


class UsageQuery(PageQuery):
    meter = fields.String(
        load_default="statement_lines", validate=validate.OneOf(METERS),
        metadata=said("What is counted."),
    )  # fmt: skip
    month = fields.String(
        validate=validate.Regexp(r"^20[0-9]{2}-(0[1-9]|1[0-2])$"),
        metadata=said(
            "A month in UTC. Left out: the subscription's current period.", example="2026-10"
        ),
    )
    invoice = fields.String(
        validate=[validate.Length(min=1, max=60), validate.Regexp(r"^[A-Za-z0-9_-]+$")],
        metadata=said("The period of this invoice instead."),
    )


class UsageOut(Schema):
    id = fields.UUID(required=True)
    meter = fields.String(required=True, validate=validate.OneOf(METERS))
    quantity = fields.Integer(required=True, metadata=said("Negative corrects an earlier one."))
    at = Moment(required=True)
    request = fields.Integer(
        required=True, allow_none=True, metadata=said("The number of the request it stands for.")
    )
    source = fields.String(required=True, metadata=said("What was counted: a result, or time."))


class InvoiceOut(Schema):
    number = fields.String(required=True, allow_none=True, metadata=said("Null of a draft."))
    state = fields.String(
        required=True, metadata=said("As Stripe calls it: draft, open, paid, void, …")
    )
    total = fields.Nested(Amount, required=True)
    tax = fields.Nested(Amount, required=True)
    remaining = fields.Nested(Amount, required=True)
    invoiced_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    paid_at = Moment(required=True, allow_none=True)
    url = fields.String(
        required=True, allow_none=True, metadata=said("Where Stripe shows it, for people.")
    )


class InvoiceLineOut(Schema):
    description = fields.String(required=True)
    meter = fields.String(
        required=True, allow_none=True, metadata=said("Null of a fixed fee or a tax.")
    )
    quantity = fields.String(required=True, allow_none=True)
    amount = fields.Nested(Amount, required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    usage = fields.String(
        required=True, allow_none=True, metadata=said("The records behind it: GET this.")
    )


class InvoiceDetail(InvoiceOut):
    lines = fields.List(fields.Nested(InvoiceLineOut), required=True)
