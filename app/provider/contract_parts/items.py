"""What is included, how often a month, what needs an offer, and until when inputs have to come."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.contracts.cut_offs import MOST
from app.contracts.offered import offered_items, usual_cut_off
from app.contracts.terms import INCLUDED, QUOTA, SCOPES
from app.contracts.words import CUT_OFF_KINDS, SCOPE_LABELS
from app.provider.contract_parts.part import SEEN, Document, Part
from tenants.core.text import _m

_TOO_FAR: Mapping[str, str] = {
    "month_day": _m("A day from 1 to 31, please."),
    "business_day": _m("A business day from 1 to 15, please."),
    "after": _m("1 to 60 business days, please."),
}


class _Checked(Schema):
    @validates_schema(skip_on_field_errors=True)
    def quotas_are_numbers(self, data: dict[str, Any], **_: Any) -> None:
        missing = [
            name for name, scope in data.items()
            if name.startswith("scope_") and scope == QUOTA
            and data.get(f"quota_{name.removeprefix('scope_')}") is None
        ]  # fmt: skip
        if missing:
            raise ValidationError({
                f"quota_{name.removeprefix('scope_')}": [_m("How many a month?")]
                for name in missing
            })  # fmt: skip

    @validates_schema(skip_on_field_errors=True)
    def cut_offs_are_days(self, data: dict[str, Any], **_: Any) -> None:
        wrong = {}
        for code in offered_items():
            kind: str = data.get(f"cut_{code}", "")
            day: int | None = data.get(f"day_{code}")
            if kind and day is None:
                wrong[f"day_{code}"] = [_m("Which day?")]
            elif kind and day is not None and not 1 <= day <= MOST[kind]:
                wrong[f"day_{code}"] = [_TOO_FAR[kind]]
            elif day is not None and not kind:
                wrong[f"cut_{code}"] = [_m("Say what the day counts from, or empty the number.")]
        if wrong:
            raise ValidationError(wrong)


def _form() -> type[Schema]:
    return _form_of(tuple(offered_items()))


@lru_cache(maxsize=4)
def _form_of(_codes: tuple[str, ...]) -> type[Schema]:
    made: dict[str, fields.Field[Any]] = {}
    for code, item in offered_items().items():
        made[f"scope_{code}"] = fields.String(
            required=True, validate=validate.OneOf(SCOPES),
            metadata={"label": item.title, "choices": list(SCOPE_LABELS.items())},
        )  # fmt: skip
        made[f"quota_{code}"] = fields.Integer(
            load_default=None, allow_none=True, validate=validate.Range(min=0, max=100_000),
            metadata={"label": _m("A month"), "min": 0},
        )  # fmt: skip
        made[f"cut_{code}"] = fields.String(
            load_default="", validate=validate.OneOf(["", *CUT_OFF_KINDS]),
            metadata={"label": _m("Inputs due"), "input": "select",
                      "choices": [("", _m("No cut-off")), *CUT_OFF_KINDS.items()]},
        )  # fmt: skip
        made[f"day_{code}"] = fields.Integer(
            load_default=None, allow_none=True, metadata={"label": _m("Day"), "min": 1, "max": 60},
        )  # fmt: skip
    return _Checked.from_dict({**SEEN, **made}, name="ContractItems")


def _show(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for code in offered_items():
        said = document["items"].get(code) or _usual(code)
        cut_off = said.get("cut_off") or {"kind": "", "number": None}
        values |= {
            f"scope_{code}": said["scope"], f"quota_{code}": said["quota"],
            f"cut_{code}": cut_off["kind"], f"day_{code}": cut_off["number"],
        }  # fmt: skip
    return values


def _read(data: Mapping[str, Any], before: Document) -> dict[str, Any]:
    """Only what differs from plainly included, with the catalogue's cut-off, is written down."""
    items = {code: said for code, said in before["items"].items() if code not in offered_items()}
    for code in offered_items():
        scope, kind = data[f"scope_{code}"], data[f"cut_{code}"]
        cut_off = {"kind": kind, "number": data[f"day_{code}"]} if kind else None
        quota = data[f"quota_{code}"] if scope == QUOTA else None
        found = {"scope": scope, "quota": quota, "cut_off": cut_off}
        if found != _usual(code):
            items[code] = found
    return {"items": items}


def _usual(code: str) -> dict[str, Any]:
    """What holds for an item that the contract doesn't name."""
    said = usual_cut_off(code)
    cut_off = {"kind": said.kind, "number": said.number} if said else None
    return {"scope": INCLUDED, "quota": None, "cut_off": cut_off}


ITEMS = Part(
    "items", _m("What is included"), "list-check",
    _m("Beyond a quota, and for what needs an offer, nobody works before the client accepted a "
       "price. Inputs are the files that a form asks for and documents on a list: what comes after "
       "its cut-off moves the due date by the open hours that it came late."),
    _form, _show, _read,
)  # fmt: skip
