"""Limits of a company as they are typed."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.web.fields import MoneyField, TrimmedString
from billing.limits.rules import FEATURES
from billing.plans import CURRENCY
from tenants.core.text import _m

NAMES = {"seats": _m("Seats"), "storage_gb": _m("Storage in GB")}


class AskedLimit(Schema):
    feature = fields.String(
        required=True,
        validate=validate.OneOf(FEATURES, labels=[NAMES[one] for one in FEATURES]),
        metadata={"label": _m("Limit"), "input": "radio"},
    )
    value = fields.Integer(
        required=True,
        validate=validate.Range(1, 100_000, error=_m("Give a number from 1 to 100,000.")),
        metadata={"label": _m("At most"), "help": _m("In all, not on top of the plan.")},
    )
    until = fields.Date(
        required=True,
        metadata={"label": _m("Until"), "help": _m("The plan's limit counts again after it.")},
    )
    reason = TrimmedString(
        required=True, validate=validate.Length(max=500),
        metadata={"label": _m("Reason"), "help": _m("Who decides reads it; the client doesn't."),
                  "input": "textarea", "rows": 3},
    )  # fmt: skip


class Exposure(Schema):
    limit = MoneyField(
        currency=CURRENCY, load_default=None, allow_none=True,
        metadata={"label": _m("May stand open"), "suffix": CURRENCY,
                  "help": _m("Empty: as for everybody.")},
    )  # fmt: skip


def asked(typed: dict[str, Any]) -> dict[str, Any]:
    return {name: typed[name] for name in ("feature", "value", "reason")}
