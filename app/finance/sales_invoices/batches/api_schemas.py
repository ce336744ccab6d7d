"""What the JSON API says and hears of sheets of invoices."""

from marshmallow import Schema, fields, validate

from app.finance.sales_invoices.batches.queries import STATES
from app.finance.sales_invoices.models import AIMS, BATCH_STATES, FILES
from app.finance.sales_invoices.models import STATES as INVOICE_STATES
from tenants.core.schema import Amount, Moment, PageQuery, WholeNumber, said


class BatchQuery(PageQuery):
    request = WholeNumber(
        validate=validate.Range(min=1, max=999_999_999),
        metadata=said("The request that they belong to."),
    )


class SentSheetQuery(Schema):
    name = fields.String(
        validate=validate.Length(min=1, max=150),
        metadata=said("The file's name, when the body is its bare bytes."),
    )
    request = WholeNumber(
        validate=validate.Range(min=1, max=999_999_999),
        metadata=said("The request that the invoices belong to."),
    )


class IssueIn(Schema):
    aim = fields.String(
        load_default="validate", validate=validate.OneOf(AIMS),
        metadata=said("`validate`: each gets its number and stays as it is. `draft`: they wait."),
    )  # fmt: skip
    again = fields.Boolean(
        load_default=False, metadata=said("Make those once more that an earlier sheet made.")
    )


class InvoiceBatchOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    sha256 = fields.String(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(BATCH_STATES),
        metadata=said("`read` waits for your word: no invoice is made yet."),
    )  # fmt: skip
    aim = fields.String(required=True, validate=validate.OneOf(AIMS))
    problem = fields.String(required=True, metadata=said("Why the file is refused; else empty."))
    ignored = fields.List(fields.String(), required=True, metadata=said("Unknown headings."))
    rows_in = fields.Integer(required=True)
    invoices_in = fields.Integer(
        required=True, metadata=said("`made`, `rejected` and `ready` together.")
    )
    ready = fields.Integer(required=True)
    made = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    job_id = fields.UUID(required=True, allow_none=True)
    created_by_name = fields.String(required=True)
    created_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class InvoiceBatchRowQuery(PageQuery):
    state = fields.String(validate=validate.OneOf(STATES))


class InvoiceReasonOut(Schema):
    line = fields.Integer(required=True, metadata=said("Of the sheet; 0: of the whole invoice."))
    column = fields.String(required=True, metadata=said("As the sheet calls it, or empty."))
    reason = fields.String(required=True, metadata=said("In the holder's language."))


class InvoiceBatchRowOut(Schema):
    position = fields.Integer(required=True)
    reference = fields.String(required=True, metadata=said("What the sheet calls the invoice."))
    lines = fields.List(fields.Integer(), required=True, metadata=said("Of the sheet."))
    customer_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    net = fields.Nested(Amount, required=True, allow_none=True)
    tax = fields.Nested(Amount, required=True, allow_none=True)
    gross = fields.Nested(Amount, required=True, allow_none=True)
    reasons = fields.List(fields.Nested(InvoiceReasonOut), required=True)
    invoice_id = fields.UUID(required=True, allow_none=True)
    number = fields.String(required=True, metadata=said("Empty while it is a draft."))
    invoice_state = fields.String(
        required=True, validate=validate.OneOf(["", *INVOICE_STATES]),
        metadata=said("Of the invoice that was made; else empty."),
    )  # fmt: skip
    file = fields.String(required=True, validate=validate.OneOf(FILES))
