"""What the JSON API says and hears of one of several addresses, contacts or e-invoice addresses."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.directory import endpoints
from app.directory.data import LONGEST
from app.directory.models import ADDRESS_KINDS
from app.web.fields import TrimmedString
from tenants.core.schema import said

_MAIN = said("Whether it is the one that is taken by itself; the first of its kind is.")
_DAY = said("The first or last day on which it holds; without it there is no such limit.")


def _text(name: str, most: int) -> TrimmedString:
    return TrimmedString(load_default="", validate=validate.Length(max=most))


class _PartIn(Schema):
    main = fields.Boolean(load_default=False, truthy={True}, falsy={False}, metadata=_MAIN)


_PLACE: dict[str, Any] = {
    part: _text(part, LONGEST[f"delivery_{part}"])
    for part in (
        "name", "street", "house_number", "extra", "postcode", "city", "region", "country",
    )
}  # fmt: skip
AddressIn: type[Schema] = _PartIn.from_dict(
    {
        **_PLACE,
        "kind": fields.String(
            load_default="delivery", validate=validate.OneOf(ADDRESS_KINDS),
            metadata=said("It keeps its kind when it is changed."),
        ),
    },
    name="AddressIn",
)  # fmt: skip
ContactIn: type[Schema] = _PartIn.from_dict(
    {part: _text(part, LONGEST[f"contact_{part}"]) for part in ("name", "job", "email", "phone")},
    name="ContactIn",
)


class EndpointIn(_PartIn):
    scheme = fields.String(
        required=True, validate=validate.OneOf(list(endpoints.LABELS)),
        metadata=said("Of the list EAS."),
    )  # fmt: skip
    value = TrimmedString(required=True, validate=validate.Length(min=1, max=125))
    valid_from = fields.Date(load_default=None, allow_none=True, metadata=_DAY)
    valid_until = fields.Date(load_default=None, allow_none=True, metadata=_DAY)


def _out(names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": fields.UUID(required=True), "main": fields.Boolean(required=True),
        **{name: fields.String(required=True) for name in names},
    }  # fmt: skip


PartyAddressOut: type[Schema] = Schema.from_dict(_out(("kind", *_PLACE)), name="PartyAddressOut")
PartyContactOut: type[Schema] = Schema.from_dict(
    _out(("name", "job", "email", "phone")), name="PartyContactOut"
)
PartyEndpointOut: type[Schema] = Schema.from_dict(
    {
        **_out(("scheme", "value")),
        "valid_from": fields.Date(required=True, allow_none=True),
        "valid_until": fields.Date(required=True, allow_none=True),
    },
    name="PartyEndpointOut",
)
