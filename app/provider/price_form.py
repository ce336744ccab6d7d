"""A negotiated price as it is typed: in the plan's currency, by whole months."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.web.fields import TrimmedString
from app.web.formats import date_text
from billing.plans import BY_KEY, CURRENCY
from billing.prices.services import begins_in_time
from tenants.core.text import _c, _m

MOST = Decimal(1_000_000)
MONTHS_AHEAD = 24
PLACES = 4


def _written_out(amount: Decimal) -> None:
    if not 0 <= amount <= MOST:
        raise ValidationError(_m("Give a price between 0 and 1,000,000."))
    if amount != round(amount, PLACES):
        raise ValidationError(_m("A price has at most four decimals."))


def _first_of_month(day: date) -> None:
    if day.day != 1:
        raise ValidationError(_m("Choose one of the list."))


class ProposedPrice(Schema):
    price = fields.String(
        required=True,
        validate=validate.OneOf(
            [key for key, part in BY_KEY.items() if part.kind != "tax"],
            error=_m("Choose one of the list."),
        ),
        metadata={"label": _m("Price"), "input": "select"},
    )  # fmt: skip
    amount = fields.Decimal(
        required=True, allow_nan=False, validate=_written_out,
        metadata={
            "label": _m("Agreed amount"), "suffix": CURRENCY,
            "help": _m("Before VAT: for one line or minute, or a month of the base fee."),
        },
    )  # fmt: skip
    starts_on = fields.Date(
        required=True, validate=_first_of_month,
        metadata={"label": _c("day", "From"), "input": "select",
                  "help": _m("A price changes with a billing period, which is a month.")},
    )  # fmt: skip
    # The first day of the last month.
    last_month = fields.Date(
        load_default=None, allow_none=True, validate=_first_of_month,
        metadata={"label": _m("Until"), "input": "select",
                  "help": _m("The plan's price counts again after it.")},
    )  # fmt: skip
    reason = TrimmedString(
        required=True, validate=validate.Length(max=500),
        metadata={"label": _m("Reason"), "help": _m("Who decides reads it; the client doesn't."),
                  "input": "textarea", "rows": 3},
    )  # fmt: skip


def proposed(typed: dict[str, Any]) -> dict[str, Any]:
    """As the service takes it: in minor units, with the first day that it doesn't count for."""
    last = typed["last_month"]
    return {
        "lookup_key": typed["price"], "unit_amount": typed["amount"] * 100,
        "starts_on": typed["starts_on"], "ends_on": following(last) if last else None,
        "reason": typed["reason"],
    }  # fmt: skip


def following(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def months(now: datetime) -> Sequence[date]:
    """Those whose price can still be agreed, by their first day."""
    found = [following(now.astimezone(UTC).date().replace(day=1))]
    while len(found) < MONTHS_AHEAD:
        found.append(following(found[-1]))
    return [month for month in found if begins_in_time(month, now=now)]


def month_choices(
    now: datetime, *, without_end: str, language: str
) -> dict[str, list[tuple[str, str]]]:
    ahead = months(now)
    return {
        "starts_on": [(one.isoformat(), date_text(one, language)) for one in ahead],
        "last_month": [
            ("", without_end),
            *((one.isoformat(), date_text(following(one) - timedelta(days=1), language))
              for one in ahead),
        ],
    }  # fmt: skip
