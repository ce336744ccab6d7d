"""What the JSON API says of sales invoices."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.documents.api_schemas import SlipOut
from app.finance.einvoicing.document import CATEGORIES
from app.finance.einvoicing.forms import FORMS
from app.finance.sales_invoices.api_schemas import HEAD
from app.finance.sales_invoices.models import FILES, STATES, TYPES
from tenants.core.schema import Amount, Moment, said

TYPE = said("Of UNTDID 1001: 380 invoice, 381 credit note, 384 corrective, 386 deposit invoice.")


class SalesInvoiceOut(Schema):
    id = fields.UUID(required=True)
    type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata=TYPE)
    number = fields.String(required=True, metadata=said("Empty while it is a draft."))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    version = fields.Integer(required=True)
    customer_id = fields.UUID(required=True, allow_none=True)
    customer_name = fields.String(required=True)
    issued_on = fields.Date(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    net = fields.Nested(Amount, required=True)
    tax = fields.Nested(Amount, required=True)
    gross = fields.Nested(Amount, required=True)
    due = fields.Nested(Amount, required=True, metadata=said("Less deposits."))
    paid = fields.Nested(Amount, required=True, metadata=said("By confirmed payments."))
    credited = fields.Nested(Amount, required=True)
    released = fields.Nested(
        Amount, required=True,
        metadata=said("What of `credited` its deposits had paid, which are free again."),
    )  # fmt: skip
    open = fields.Nested(
        Amount, required=True, allow_none=True,
        metadata=said("What is still to be paid; null of a draft and of a credit note."),
    )  # fmt: skip
    form = fields.String(required=True, validate=validate.OneOf(list(FORMS)))
    file = fields.String(
        required=True, validate=validate.OneOf(FILES),
        metadata=said("How far its file is. Only one that is `valid` is sent."),
    )  # fmt: skip
    preceding_id = fields.UUID(
        required=True, allow_none=True, metadata=said("The invoice that this one corrects.")
    )
    sent_at = Moment(required=True, allow_none=True)
    undelivered_at = Moment(
        required=True, allow_none=True,
        metadata=said("Since when the last mail with it is known not to have left."),
    )  # fmt: skip


class SalesInvoiceLineOut(Schema):
    name = fields.String(required=True)
    description = fields.String(required=True)
    item = fields.String(required=True)
    quantity = fields.String(required=True)
    unit = fields.String(required=True)
    unit_price = fields.String(required=True)
    discount = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    rate = fields.String(required=True, allow_none=True)
    exemption_code = fields.String(required=True)
    exemption_reason = fields.String(required=True)
    net = fields.Nested(Amount, required=True)


class VatOut(Schema):
    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    rate = fields.String(required=True, allow_none=True)
    taxable = fields.Nested(Amount, required=True)
    tax = fields.Nested(Amount, required=True)
    exemption_code = fields.String(required=True)
    exemption_reason = fields.String(required=True)


class InvoiceProblemOut(Schema):
    pointer = fields.String(required=True, metadata=said("Where, by JSON Pointer."))
    detail = fields.String(required=True, metadata=said("In the holder's language."))


class InvoiceDisputeOut(Schema):
    reason = fields.String(required=True)
    opened_at = Moment(required=True)
    opened_by = fields.String(required=True, attribute="opened_by_name")
    outcome = fields.String(required=True)
    resolved_at = Moment(required=True, allow_none=True)
    resolved_by = fields.String(required=True, attribute="resolved_by_name")


class _Facts(SalesInvoiceOut):
    request = fields.Integer(required=True, allow_none=True)
    lines = fields.List(fields.Nested(SalesInvoiceLineOut), required=True)
    vat = fields.List(fields.Nested(VatOut), required=True, metadata=said("By category and rate."))
    tax_in_euros = fields.Nested(
        Amount, required=True, allow_none=True, metadata=said("Of an invoice in another currency.")
    )
    prepaid = fields.Nested(Amount, required=True, metadata=said("By the deposits."))
    sha256 = fields.String(
        required=True, metadata=said("Of what was validated, in its canonical form; else empty.")
    )
    validated_at = Moment(required=True, allow_none=True)
    validated_by = fields.String(required=True)
    sent_to = fields.String(required=True)
    undelivered_to = fields.String(required=True, metadata=said("Where that mail was to go."))
    leaves_at = Moment(
        required=True, allow_none=True,
        metadata=said("When a mail leaves that somebody may still take back on its page."),
    )  # fmt: skip
    file_problem = fields.String(required=True, metadata=said("Why it couldn't be written."))
    problems = fields.List(
        fields.Nested(InvoiceProblemOut), required=True,
        metadata=said("What keeps a draft from being validated."),
    )  # fmt: skip
    disputes = fields.List(fields.Nested(InvoiceDisputeOut), required=True)
    following = fields.List(
        fields.UUID(), required=True,
        metadata=said("Its credit notes, its corrective invoice, and what deducts it."),
    )  # fmt: skip


def _out(field: fields.Field[Any]) -> fields.Field[Any]:
    """What a program may write, as it reads it."""
    if isinstance(field, fields.List):
        return fields.List(fields.UUID(), required=True)
    kind = type(field) if isinstance(field, fields.UUID | fields.Date) else fields.String
    return kind(required=True, allow_none=field.allow_none)


SalesInvoiceDetail: type[Schema] = _Facts.from_dict(
    {name: _out(field) for name, field in HEAD.items() if name not in _Facts._declared_fields},
    name="SalesInvoiceDetail",
)


class InvoicePaymentOut(Schema):
    id = fields.UUID(required=True)
    match_id = fields.UUID(required=True, metadata=said("Of payment control."))
    amount = fields.Nested(Amount, required=True)
    difference = fields.Nested(Amount, required=True, metadata=said("Written off with it."))
    received_on = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("live", "undone")))


class InvoiceSeriesOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    prefix = fields.String(required=True, metadata=said("`{year}` stands for the year."))
    digits = fields.Integer(required=True)
    types = fields.List(fields.String(validate=validate.OneOf(TYPES)), required=True, metadata=TYPE)
    active = fields.Boolean(required=True)


class InvoiceSlipOut(SlipOut):
    """Of the latest check of its file."""
