"""A statutory deadline as administrators write it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from app.calendars.date_rules import MOST_OFFSET
from app.calendars.deadlines import COUNTRIES
from app.catalogue.lines import LINES
from app.service_requests.recurring.words import ABOUT, UNITS
from app.web.fields import TrimmedString
from tenants.core.text import _m
from tenants.models import LANGUAGES

SHIFTS = {
    "none": _m("It stays on that day"), "after": _m("The business day after"),
    "before": _m("The business day before"),
}  # fmt: skip
# Their names in their own language.
COUNTRY_NAMES = {"FR": "France", "DE": "Deutschland"}


def _text(label: str, most: int = 160, *, required: bool = False, **more: Any) -> TrimmedString:
    given: dict[str, Any] = {"required": True} if required else {"load_default": ""}
    return TrimmedString(
        validate=validate.Length(max=most), metadata={"label": label, **more}, **given
    )


def _number(label: str, least: int, most: int, help_: str = "") -> fields.Integer:
    return fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=least, max=most),
        metadata={"label": label, "help": help_},
    )  # fmt: skip


def _choice(label: str, choices: Mapping[str, str], default: str) -> fields.String:
    return fields.String(
        load_default=default, validate=validate.OneOf(list(choices), labels=list(choices.values())),
        metadata={"label": label},
    )  # fmt: skip


class DeadlineForm(Schema):
    title_en = _text(_m("Title in English"), required=True)
    title_fr = _text(_m("Title in French"))
    title_de = _text(_m("Title in German"))
    country = fields.String(
        required=True,
        validate=validate.OneOf(COUNTRIES, labels=[COUNTRY_NAMES[one] for one in COUNTRIES]),
        metadata={"label": _m("Country")},
    )
    line = fields.String(
        required=True, validate=validate.OneOf(list(LINES), labels=list(LINES.values())),
        metadata={"label": _m("Line")},
    )  # fmt: skip
    legal = _text(_m("Where the law says so"), 200, required=True)
    every = _choice(_m("Of every"), UNITS, "month")
    month = _number(_m("In its month"), 1, 12, _m("Of a quarter 1 to 3, of a year 1 to 12."))
    day = _number(_m("Day"), 1, 31, _m("A shorter month has its last day instead."))
    business_day = _number(
        _m("Or business day"), -23, 23, _m("1 is the first, -1 the last; then leave the day empty.")
    )
    business_days_later = fields.Integer(
        load_default=0, validate=validate.Range(min=-MOST_OFFSET, max=MOST_OFFSET),
        metadata={"label": _m("Business days later")},
    )  # fmt: skip
    shift = _choice(_m("If that day is closed"), SHIFTS, "none")
    about = _choice(_m("It is about"), ABOUT, "0")
    own_from = _number(_m("Companies have a day of their own: from"), 1, 31)
    own_to = _number(_m("until"), 1, 31)
    banks = fields.Boolean(
        load_default=False, metadata={"label": _m("It counts the days on which banks work")}
    )
    valid_from = fields.Date(
        load_default=None, allow_none=True, metadata={"label": _m("Holds from")}
    )
    valid_until = fields.Date(
        load_default=None, allow_none=True, metadata={"label": _m("Holds until")}
    )
    note = _text(_m("Why, and where you looked it up"), 500, required=True)
    revision = fields.Integer(load_default=0, metadata={"input": "hidden"})


class WhyForm(Schema):
    note = _text(_m("Why"), 500, required=True)
    revision = fields.Integer(load_default=0, metadata={"input": "hidden"})


_PLAIN = ("country", "line", "legal", "every", "month", "day", "business_day", "shift",
          "business_days_later", "banks")  # fmt: skip


def document_of(data: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """`before` is what it said: its notes stay."""
    titles = {code: data[f"title_{code}"] for code in LANGUAGES if data[f"title_{code}"]}
    own_days = list(range(data["own_from"], data["own_to"] + 1)) if _has_range(data) else []
    return {
        **{name: data[name] for name in _PLAIN}, "title": titles, "about": int(data["about"]),
        "own_days": own_days, "note": dict(before.get("note") or {}),
        **{name: data[name].isoformat() if data[name] else None
           for name in ("valid_from", "valid_until")},
    }  # fmt: skip


def values_of(document: Mapping[str, Any]) -> dict[str, Any]:
    own_days = document.get("own_days") or []
    return {
        **{name: document.get(name) for name in _PLAIN}, "about": str(document.get("about", 0)),
        **{f"title_{code}": document["title"].get(code, "") for code in LANGUAGES},
        "business_days_later": document.get("business_days_later", 0),
        "shift": document.get("shift", "none"),
        "own_from": own_days[0] if own_days else None, "own_to": own_days[-1] if own_days else None,
        "valid_from": document.get("valid_from"), "valid_until": document.get("valid_until"),
    }  # fmt: skip


def _has_range(data: Mapping[str, Any]) -> bool:
    return bool(data["own_from"] and data["own_to"] and data["own_from"] <= data["own_to"])
