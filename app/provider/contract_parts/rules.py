"""Limits, credits, reminders and what else was agreed."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.contracts.offered import PRIORITIES, offered_lines
from app.contracts.terms import SHOWN, STEPS
from app.contracts.words import PRIORITY_NAMES, SHOWN_NAMES, STEP_NAMES
from app.provider.contract_parts.part import SEEN, Document, Part
from app.web.fields import MoneyField, plain_number
from billing.plans import CURRENCY
from tenants.core.text import _m

_PLAIN = ("third_party_pauses", "reminder_days", "approval_days", "urgent_per_month")


class Percent(fields.Field[int]):
    """“2,5” as basis points; empty is none."""

    default_error_messages = {  # noqa: RUF012  marshmallow declares it so
        "invalid": _m("Write a percentage between 0 and 100, like 2.5."),
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        text = str(value or "").strip().removesuffix("%").strip()
        if not text:
            return 0
        try:
            points = Decimal(plain_number(text, 2)) * 100
        except ValueError as error:
            raise self.make_error("invalid") from error
        if points != int(points) or not 0 <= points <= 10_000:
            raise self.make_error("invalid")
        return int(points)


class ReminderDays(fields.Field[list[int]]):
    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[int]:
        parts = [part for part in re.split(r"[\s,;]+", str(value)) if part]
        days = [int(part) for part in parts if re.fullmatch(r"\d{1,2}", part, re.ASCII)]
        sound = days and len(days) == len(parts) <= 10 and days == sorted(set(days))
        if not sound or not 1 <= days[0] <= days[-1] <= 60:
            raise ValidationError(_m("Write the days in ascending order, like 1, 3, 5."))
        return days


def _amount(label: str) -> MoneyField:
    return MoneyField(
        currency=CURRENCY, load_default=None, allow_none=True,
        metadata={"label": label, "suffix": CURRENCY},
    )  # fmt: skip


def _percent(label: str) -> Percent:
    return Percent(load_default=0, metadata={"label": label, "input": "decimal", "suffix": "%"})


@cache
def _form() -> type[Schema]:
    lines = offered_lines()
    made: dict[str, fields.Field[Any]] = {
        "third_party_pauses": fields.Boolean(
            load_default=False,
            metadata={"label": _m("The clock stands still while we wait for somebody else")},
        ),
        "reminder_days": ReminderDays(
            required=True,
            metadata={"label": _m("Remind the client after so many business days"),
                      "input": "text", "placeholder": "1, 3, 5"},
        ),
        "approval_days": fields.Integer(
            required=True, validate=validate.Range(min=1, max=260),
            metadata={"label": _m("A request for approval is open for so many business days")},
        ),
        "urgent_per_month": fields.Integer(
            load_default=None, allow_none=True, validate=validate.Range(min=0, max=100_000),
            metadata={"label": _m("Urgent requests a month at most"),
                      "help": _m("Empty: as many as there are.")},
        ),
        "time_step": fields.Integer(
            load_default=1, validate=validate.OneOf(STEPS),
            metadata={"label": _m("Billed time is rounded up"), "input": "select",
                      "choices": list(STEP_NAMES.items()),
                      "help": _m("Once per request, on its total. What was recorded stays as it is; "
                                 "requests raised before keep their own rounding.")},
        ),
        "time_shown": fields.String(
            load_default="detail", validate=validate.OneOf(SHOWN),
            metadata={"label": _m("What the client sees of the time"), "input": "select",
                      "choices": list(SHOWN_NAMES.items())},
        ),
        "time_names": fields.Boolean(
            load_default=False,
            metadata={"label": _m("With the names of our people"),
                      "help": _m("Without, each has a number that stays, like Operator 3.")},
        ),
        "cap": _percent(_m("At most in a month, of the line's base")),
        **{f"rate_{one}": _percent(PRIORITY_NAMES[one]) for one in PRIORITIES},
        **{f"limit_{line}": _amount(title) for line, title in lines.items()},
        **{f"base_{line}": _amount(title) for line, title in lines.items()},
    }  # fmt: skip
    return Schema.from_dict({**SEEN, **made}, name="ContractRules")


def _show(document: Document) -> dict[str, Any]:
    said = document["credits"]
    return {
        **{name: document[name] for name in _PLAIN},
        **{f"time_{name}": value for name, value in document["time"].items()},
        "reminder_days": ", ".join(str(day) for day in document["reminder_days"]),
        "cap": _shown(said["cap"]),
        **{f"rate_{one}": _shown(said["rates"].get(one, 0)) for one in PRIORITIES},
        **{f"limit_{line}": amount for line, amount in document["limits"].items()},
        **{f"base_{line}": amount for line, amount in said["bases"].items()},
    }


def _shown(points: int) -> str:
    return f"{Decimal(points) / 100:f}" if points else ""


def _read(data: Mapping[str, Any], _before: Document) -> dict[str, Any]:
    rates = {one: data[f"rate_{one}"] for one in PRIORITIES if data[f"rate_{one}"]}
    return {
        **{name: data[name] for name in _PLAIN},
        "time": {name: data[f"time_{name}"] for name in ("step", "shown", "names")},
        "limits": _amounts("limit", data),
        "credits": {"cap": data["cap"], "rates": rates, "bases": _amounts("base", data)},
    }


def _amounts(kind: str, data: Mapping[str, Any]) -> dict[str, int]:
    found = {line: data[f"{kind}_{line}"] for line in offered_lines()}
    return {line: amount for line, amount in found.items() if amount is not None}


RULES = Part(
    "rules", _m("Limits, credits and rules"), "scale",
    _m("Amounts before VAT. Above a line's limit two of the client's approvers have to agree."),
    _form, _show, _read,
)  # fmt: skip
