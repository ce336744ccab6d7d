"""What the JSON API hears of sales invoices. Quantities, prices and rates are texts, so that no program
rounds them."""

from collections.abc import Collection
from typing import Any

from marshmallow import Schema, fields, validate

from app.finance.einvoicing.document import CATEGORIES
from app.finance.einvoicing.forms import FORMS
from app.finance.sales_invoices.content import CHOSEN_TYPES, NATURES
from app.finance.sales_invoices.models import TYPES
from app.finance.sales_invoices.queries import VIEWS
from app.finance.sales_invoices.schemas import AUDIENCES, VAT_POINTS
from app.finance.sales_invoices.words import UNITS
from app.web.fields import TrimmedString
from tenants.core.schema import PageQuery, WholeNumber, said
from tenants.models import LANGUAGES

MOST_LINES = 2_000
_PERCENT = r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$"
_VAT_POINTS, _AUDIENCES = [code for code, _ in VAT_POINTS], [code for code, _ in AUDIENCES]


def _text(most: int, about: str = "") -> TrimmedString:
    return TrimmedString(
        load_default="", validate=validate.Length(max=most), metadata=said(about) if about else {}
    )


def _day(about: str = "") -> fields.Date:
    return fields.Date(
        load_default=None, allow_none=True, metadata=said(about) if about else {}
    )  # fmt: skip


def _decimal(pattern: str, about: str, **more: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(pattern), metadata=said(about), **more)


class InvoiceQuery(PageQuery):
    view = fields.String(
        load_default="all", validate=validate.OneOf(VIEWS),
        metadata=said("A state, `overdue`, `files`: those whose file needs somebody, or `undelivered`: "
                      "those whose mail never left."),
    )  # fmt: skip
    customer_id = fields.UUID()
    number = fields.String(validate=validate.Length(max=35), metadata=said("The whole number."))
    q = fields.String(
        validate=validate.Length(max=120),
        metadata=said("A number's beginning, or part of a customer's name."),
    )
    since = fields.Date(metadata=said("Dated on this day or later."))
    until = fields.Date(metadata=said("Dated on this day or earlier."))
    request = WholeNumber(
        validate=validate.Range(min=1, max=999_999_999),
        metadata=said("The request that they belong to."),
    )


class InvoiceLineIn(Schema):
    name = TrimmedString(required=True, validate=validate.Length(min=1, max=300))
    description = _text(2_000)
    item = _text(100, "The seller's own number of it.")
    quantity = _decimal(
        r"^-?[0-9]{1,9}(\.[0-9]{1,4})?$", "Negative in what takes back.", load_default="1"
    )
    unit = fields.String(
        load_default="C62", validate=validate.OneOf(list(UNITS)),
        metadata=said("Of UN/ECE Recommendation 20."),
    )  # fmt: skip
    unit_price = _decimal(
        r"^[0-9]{1,10}(\.[0-9]{1,6})?$", "Without VAT, in the invoice's currency.", required=True
    )
    discount = _decimal(_PERCENT, "Off the line, in per cent.", load_default=None, allow_none=True)
    category = fields.String(
        load_default="S", validate=validate.OneOf(CATEGORIES),
        metadata=said("Of VAT, as EN 16931 names them."),
    )  # fmt: skip
    rate = _decimal(
        _PERCENT, "Of VAT in per cent: needed in category S, null in O.", load_default=None,
        allow_none=True,
    )  # fmt: skip
    exemption_code = fields.String(
        load_default="", validate=validate.Regexp(r"^[A-Za-z0-9_-]{0,40}$"),
        metadata=said("Of the list VATEX; left out: the usual one of the category."),
    )  # fmt: skip
    exemption_reason = _text(300)


HEAD: dict[str, Any] = {
    "customer_id": fields.UUID(
        load_default=None, allow_none=True, attribute="customer",
        metadata=said("Of the directory. Without one it is a draft only."),
    ),
    "series_id": fields.UUID(
        load_default=None, allow_none=True, attribute="series",
        metadata=said("Left out: the usual one."),
    ),
    "issued_on": _day("Left out: the day on which it is validated."),
    "due_on": _day("Left out: by the customer's terms."),
    "language": fields.String(
        load_default="", validate=validate.OneOf(["", *LANGUAGES]),
        metadata=said("Empty: the customer's."),
    ),
    "currency": fields.String(
        load_default="", validate=validate.Regexp("^([A-Z]{3})?$"),
        metadata=said("Empty: the customer's."),
    ),
    "exchange_rate": _decimal(
        r"^[0-9]{1,7}(\.[0-9]{1,6})?$", "Euros for one of another currency.", load_default=None,
        allow_none=True, attribute="rate",
    ),
    "form": fields.String(
        load_default="", validate=validate.OneOf(["", *FORMS]),
        metadata=said("Of its file. Empty: what the customer takes."),
    ),
    "nature": fields.String(load_default="services", validate=validate.OneOf(NATURES)),
    "vat_point": fields.String(
        load_default="", validate=validate.OneOf(_VAT_POINTS),
        metadata=said("When VAT is due; `invoice` is VAT on debits. Empty: the company's usual."),
    ),
    "audience": fields.String(
        load_default="", validate=validate.OneOf(_AUDIENCES),
        metadata=said("Empty: it follows from the customer."),
    ),
    "payment_terms": _text(500, "In words."),
    "note": _text(2_000),
    "buyer_reference": _text(100, "A French service code, a German Leitweg-ID."),
    "order": _text(100),
    "contract": _text(100),
    "project": _text(100),
    "delivery": _text(40, "The id of one of the customer's addresses, or `none`; empty: the usual."),
    "contact": _text(40, "The id of one of the customer's contacts; empty: the usual one."),
    "delivered_on": _day(),
    "period_start": _day(),
    "period_end": _day(),
    "reason": _text(500, "Why it is corrected."),
    "deposits": fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(max=100),
        metadata=said("Deposit invoices of the customer that it deducts."),
    ),
    "lines": fields.List(
        fields.Nested(InvoiceLineIn), load_default=list, validate=validate.Length(max=MOST_LINES)
    ),
}  # fmt: skip


def _type(choices: Collection[str]) -> fields.String:
    return fields.String(
        load_default="380", validate=validate.OneOf(choices),
        metadata=said("380 or 386. Credit notes and corrective invoices begin at their invoice, "
                      "whose draft keeps its kind."),
    )  # fmt: skip


DraftIn: type[Schema] = Schema.from_dict(
    {"type": _type(TYPES), **HEAD},
    name="DraftIn",
)  # fmt: skip
NewDraftIn: type[Schema] = DraftIn.from_dict(
    {
        "type": _type(CHOSEN_TYPES),
        "request": fields.Integer(
            load_default=None, allow_none=True, strict=True,
            validate=validate.Range(min=1, max=999_999_999),
            metadata=said("The number of the request that it belongs to."),
        ),
    },
    name="NewDraftIn",
)  # fmt: skip


class SendIn(Schema):
    to = _text(250, "The mail address that its file goes to.")
    handed_over = fields.Boolean(
        load_default=False, truthy={True}, falsy={False},
        metadata=said("You handed it over yourself, on a platform or a portal: no mail is sent."),
    )  # fmt: skip


class CreditIn(Schema):
    reason = TrimmedString(required=True, validate=validate.Length(min=1, max=500))
    share = _decimal(
        r"^(100(\.0{1,2})?|[1-9][0-9]?(\.[0-9]{1,2})?|0\.[0-9]?[1-9])$",
        "Of each line, in per cent; left out: in full.", load_default=None, allow_none=True,
    )  # fmt: skip


class DisputeIn(Schema):
    reason = TrimmedString(required=True, validate=validate.Length(min=1, max=1000))


class ResolveIn(Schema):
    outcome = TrimmedString(required=True, validate=validate.Length(min=1, max=1000))
