"""What is included, how often a month, and what needs an offer."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.contracts.offered import offered_items
from app.contracts.terms import INCLUDED, QUOTA, SCOPES
from app.contracts.words import SCOPE_LABELS
from app.provider.contract_parts.part import SEEN, Document, Part
from tenants.core.text import _m


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


@cache
def _form() -> type[Schema]:
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
    return _Checked.from_dict({**SEEN, **made}, name="ContractItems")


def _show(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for code in offered_items():
        said = document["items"].get(code, {"scope": INCLUDED, "quota": None})
        values |= {f"scope_{code}": said["scope"], f"quota_{code}": said["quota"]}
    return values


def _read(data: Mapping[str, Any], before: Document) -> dict[str, Any]:
    """Only what differs from plainly included is written down."""
    items = {code: said for code, said in before["items"].items() if code not in offered_items()}
    for code in offered_items():
        scope = data[f"scope_{code}"]
        if scope != INCLUDED:
            quota = data[f"quota_{code}"] if scope == QUOTA else None
            items[code] = {"scope": scope, "quota": quota}
    return {"items": items}


ITEMS = Part(
    "items", _m("What is included"), "list-check",
    _m("Beyond a quota, and for what needs an offer, nobody works before the client accepted a "
       "price."),
    _form, _show, _read,
)  # fmt: skip
