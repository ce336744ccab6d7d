"""What the JSON API says about usage and invoices."""

from marshmallow import Schema, fields, validate

from billing.credits.rules import KINDS as CREDIT_KINDS
from billing.credits.rules import METHODS as CREDIT_METHODS
from billing.credits.rules import STATES as CREDIT_STATES
from billing.models import METERS
from billing.taxes.rules import KINDS
from tenants.core.schema import Amount, Moment, PageQuery, said


class PlannedChange(Schema):
    plan = fields.String(required=True)
    interval = fields.String(required=True)
    at = Moment(required=True, allow_none=True, metadata=said("Null: at once."))
    state = fields.String(
        required=True, metadata=said("sent, planned, or unpaid while its charge has failed.")
    )


class SubscriptionOut(Schema):
    plan = fields.String(
        required=True, allow_none=True, metadata=said("The plan's key.", example="standard")
    )
    version = fields.Integer(required=True, allow_none=True)
    interval = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(("month", "year"))
    )
    state = fields.String(
        required=True,
        metadata=said("As Stripe calls it: trialing, active, past_due, …; none before the first."),
    )
    started_at = Moment(required=True, allow_none=True)
    trial_end = Moment(required=True, allow_none=True)
    period_start = Moment(required=True, allow_none=True)
    period_end = Moment(required=True, allow_none=True)
    ends_at = Moment(
        required=True, allow_none=True, metadata=said("When it ended, or is planned to.")
    )
    change = fields.Nested(PlannedChange, required=True, allow_none=True)


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


class MeterUseOut(Schema):
    meter = fields.String(required=True, validate=validate.OneOf(METERS))
    used = fields.Integer(required=True)
    included = fields.Integer(required=True, metadata=said("Part of the base fee, each period."))
    beyond = fields.Integer(required=True)
    forecast = fields.Integer(
        required=True, allow_none=True,
        metadata=said("To the end of the period, as a straight line; null in its first 3 days."),
    )  # fmt: skip
    forecast_beyond = fields.Integer(required=True, allow_none=True)
    amount = fields.Nested(
        Amount, required=True, metadata=said("Of what is beyond, before VAT; nothing in a trial.")
    )
    forecast_amount = fields.Nested(Amount, required=True, allow_none=True)


class LimitOut(Schema):
    used = fields.Integer(required=True)
    limit = fields.Integer(required=True, allow_none=True, metadata=said("Null: no limit."))
    agreed_until = Moment(
        required=True, allow_none=True, metadata=said("When the plan's own limit counts again.")
    )


class UsageSummary(Schema):
    plan = fields.String(required=True)
    starts_on = fields.Date(
        required=True, allow_none=True, metadata=said("In UTC. Null without a subscription.")
    )
    ends_on = fields.Date(required=True, allow_none=True)
    trial = fields.Boolean(required=True)
    meters = fields.List(fields.Nested(MeterUseOut), required=True)
    amount = fields.Nested(Amount, required=True)
    forecast_amount = fields.Nested(Amount, required=True, allow_none=True)
    seats = fields.Nested(LimitOut, required=True, metadata=said("In people."))
    storage = fields.Nested(LimitOut, required=True, metadata=said("In bytes."))


class InvoiceOut(Schema):
    number = fields.String(required=True, allow_none=True, metadata=said("Null of a draft."))
    state = fields.String(
        required=True, metadata=said("As Stripe calls it: draft, open, paid, void, …")
    )
    total = fields.Nested(Amount, required=True)
    net = fields.Nested(Amount, required=True, metadata=said("Before VAT."))
    tax = fields.Nested(Amount, required=True)
    tax_treatment = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(KINDS),
        metadata=said("Why it has this VAT: at home, until a VAT number is verified, or none."),
    )  # fmt: skip
    tax_rate = fields.String(
        required=True, allow_none=True, metadata=said("In per cent. Null without VAT.")
    )
    your_vat_number = fields.String(required=True, allow_none=True)
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


class CreditOut(Schema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(CREDIT_KINDS))
    state = fields.String(
        required=True,
        validate=validate.OneOf(CREDIT_STATES),
        metadata=said("`issued` is at Stripe; the ones before it are on their way."),
    )
    method = fields.String(
        required=True, validate=validate.OneOf(CREDIT_METHODS),
        metadata=said("A note on an invoice, or a grant that usage uses up."),
    )  # fmt: skip
    line = fields.String(
        required=True, allow_none=True, metadata=said("The service line whose targets were missed.")
    )
    month = fields.String(
        required=True, allow_none=True, metadata=said("Of that line.", example="2026-10")
    )
    amount = fields.Nested(Amount, required=True, metadata=said("Before VAT."))
    total = fields.Nested(
        Amount, required=True, allow_none=True, metadata=said("With VAT; null until issued.")
    )
    number = fields.String(
        required=True, allow_none=True, metadata=said("Of the credit note, once issued.")
    )
    pdf = fields.String(required=True, allow_none=True, metadata=said("The credit note's file."))
    invoice = fields.String(
        required=True, allow_none=True, metadata=said("The number of the invoice it lowers.")
    )
    reason = fields.String(required=True, allow_none=True)
    asked_at = Moment(required=True)
    issued_at = Moment(required=True, allow_none=True)
    expires_at = Moment(required=True, allow_none=True)
