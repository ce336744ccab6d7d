"""What the JSON API says and hears about payment controls."""

from marshmallow import Schema, fields, validate

from app.finance.item_queries import ITEM_STATES, SOURCES
from app.finance.line_views import VIEWS
from app.finance.models import CONTROL_STATES, MATCH_STATES, RULES
from app.web.fields import TrimmedString
from tenants.core.schema import Amount, PageQuery, said

LINE_STATES = ("proposed", "confirmed", "unmatched", "left_open")


class StatementOut(Schema):
    id = fields.UUID(required=True)
    statement = fields.String(required=True, metadata=said("The bank's own id."))
    account = fields.String(required=True, metadata=said("Its first and last characters."))
    starts_on = fields.Date(required=True, allow_none=True)
    ends_on = fields.Date(required=True, allow_none=True)
    opening = fields.Nested(Amount, required=True, allow_none=True)
    closing = fields.Nested(Amount, required=True, allow_none=True)
    movements = fields.Nested(Amount, required=True)
    difference = fields.Nested(
        Amount, required=True, allow_none=True,
        metadata=said("What the balances don't explain; zero when they agree."),
    )  # fmt: skip


class LineCountsOut(Schema):
    all = fields.Integer(required=True)
    proposed = fields.Integer(required=True)
    confirmed = fields.Integer(required=True)
    unmatched = fields.Integer(required=True)
    left_open = fields.Integer(required=True)


class ControlOut(Schema):
    state = fields.String(required=True, validate=validate.OneOf(CONTROL_STATES))
    problem = fields.String(
        required=True, metadata=said("Why the files were not taken; else empty.")
    )
    duplicate_of = fields.Integer(
        required=True, allow_none=True, metadata=said("The request that took the statement.")
    )
    items_in = fields.Integer(required=True)
    items_rejected = fields.Integer(required=True)
    lines_in = fields.Integer(required=True)
    lines_rejected = fields.Integer(required=True)
    open_items_sha256 = fields.String(required=True)
    statement_sha256 = fields.String(required=True)
    accepted_by = fields.String(
        required=True, attribute="accepted_by_name",
        metadata=said("Who took a statement that doesn't balance; else empty."),
    )  # fmt: skip
    accepted_reason = fields.String(required=True)
    lines = fields.Nested(LineCountsOut, required=True)
    statements = fields.List(fields.Nested(StatementOut), required=True)


class LineQuery(PageQuery):
    view = fields.String(load_default="all", validate=validate.OneOf(VIEWS))
    q = fields.String(
        validate=validate.Length(max=120), metadata=said("A word of the name or the text.")
    )


class MatchOut(Schema):
    id = fields.UUID(required=True)
    item_id = fields.UUID(required=True)
    item_number = fields.String(required=True)
    customer = fields.String(required=True)
    amount = fields.Nested(Amount, required=True)
    state = fields.String(required=True, validate=validate.OneOf(MATCH_STATES))
    rule = fields.String(required=True, validate=validate.OneOf(RULES))
    confidence = fields.Integer(
        required=True, allow_none=True, metadata=said("0 to 100; null for a match by hand.")
    )
    explanation = fields.String(required=True, metadata=said("In the holder's language."))
    decided_by = fields.String(required=True, metadata=said("Empty while it is proposed."))
    difference = fields.Nested(
        Amount,
        required=True,
        metadata=said("What is lacking or too much and written off, like a discount; else zero."),
    )
    group = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said("Matches of one payment share it: they are confirmed and undone together."),
    )
    note = fields.String(required=True)


class LineOut(Schema):
    id = fields.UUID(required=True)
    statement = fields.Integer(required=True)
    position = fields.Integer(required=True)
    booked_on = fields.Date(required=True)
    name = fields.String(required=True)
    text = fields.String(required=True)
    amount = fields.Nested(Amount, required=True, metadata=said("Positive came in."))
    left = fields.Nested(Amount, required=True, metadata=said("What no live match covers."))
    state = fields.String(required=True, validate=validate.OneOf(LINE_STATES))
    note = fields.String(required=True)
    matches = fields.List(
        fields.Nested(MatchOut), required=True,
        metadata=said("Proposals are for the provider's tokens; a client sees what is confirmed."),
    )  # fmt: skip


class ItemQuery(PageQuery):
    state = fields.String(validate=validate.OneOf(ITEM_STATES))
    q = fields.String(
        validate=validate.Length(max=120), metadata=said("Of the number or the customer.")
    )


class OpenItemOut(Schema):
    id = fields.UUID(required=True)
    line = fields.Integer(required=True, metadata=said("In the file."))
    number = fields.String(required=True)
    customer = fields.String(required=True)
    issued_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    open = fields.Nested(Amount, required=True)
    confirmed = fields.Nested(Amount, required=True)
    remaining = fields.Nested(Amount, required=True)


class RejectQuery(PageQuery):
    source = fields.String(validate=validate.OneOf(SOURCES))


class RejectOut(Schema):
    source = fields.String(required=True, validate=validate.OneOf(SOURCES))
    line = fields.Integer(required=True)
    column = fields.String(required=True)
    raw = fields.String(required=True)
    reason = fields.String(required=True)


class HandMatch(Schema):
    item_id = fields.UUID(required=True)
    amount = fields.String(
        validate=validate.Regexp(r"^[0-9]{1,12}(\.[0-9]{1,3})?$"),
        metadata=said(
            "A part, in the line's currency and without sign. Left out: all that is left.",
            example="120.00",
        ),
    )
    note = TrimmedString(load_default="", validate=validate.Length(max=300))


class LeaveOpen(Schema):
    note = TrimmedString(required=True, validate=validate.Length(max=300))
