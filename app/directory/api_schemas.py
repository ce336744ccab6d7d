"""What the JSON API says and hears of customers and suppliers."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.directory import endpoints
from app.directory.api_part_schemas import (
    PartyAddressOut,
    PartyContactOut,
    PartyEndpointOut,
)
from app.directory.data import LONGEST
from app.directory.importing.models import IMPORT_STATES, OUTCOMES
from app.directory.models import ACCOUNT_STATES, KINDS, ROLES, SCHEMES
from app.directory.queries import STATES
from app.web.fields import TrimmedString
from tenants.core.schema import Moment, PageQuery, said
from tenants.models import LANGUAGES

_SAID = {
    "name": "As it stands in its register.",
    "reference": "Its number in the company's own books.",
    "siren": "Nine digits with their check.",
    "siret": "Fourteen digits; begins with the SIREN.",
    "vat": "With the letters of its country; that of a French company ends with its SIREN.",
    "leitweg": "Of a German public buyer.",
    "register": "In Germany with the court, like `München HRB 12345`.",
    "endpoint_value": "Where its e-invoices go, by `endpoint_scheme`.",
    "billing_country": "Two letters of ISO 3166; left out: the company's own.",
    "buyer_reference": "What it wants to read on every invoice.",
}
_ACCOUNT = {
    "iban": "Of an account that comes with a new party. Later ones are entered on its page, where a "
    "second person releases them.",
    "bic": "Found by the IBAN where it is left out.",
    "holder": "Whose account it is.",
}


def _string(name: str, most: int) -> fields.Field[Any]:
    metadata = said(_SAID[name]) if name in _SAID else {}
    if name == "name":
        return TrimmedString(
            required=True, validate=validate.Length(min=1, max=most), metadata=metadata
        )
    return TrimmedString(load_default="", validate=validate.Length(max=most), metadata=metadata)


_TEXTS = {
    **{name: _string(name, most) for name, most in LONGEST.items() if name != "holder"},
    **{name: _string(name, 60) for name in SCHEMES},
}
_OWN: dict[str, Any] = {
    **_TEXTS,
    "customer": fields.Boolean(load_default=True, truthy={True}, falsy={False}),
    "supplier": fields.Boolean(load_default=False, truthy={True}, falsy={False}),
    "kind": fields.String(load_default="company", validate=validate.OneOf(KINDS)),
    "language": fields.String(load_default="", validate=validate.OneOf(["", *LANGUAGES]),
                              metadata=said("Empty: the company's own.")),
    "currency": fields.String(load_default="EUR", validate=validate.Regexp("^[A-Z]{3}$")),
    "payment_days": fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0, max=365),
    ),
    "end_of_month": fields.Boolean(load_default=False, truthy={True}, falsy={False}),
    "endpoint_scheme": fields.String(
        load_default="", validate=validate.OneOf(["", *endpoints.LABELS]),
        metadata=said("Of the list EAS."),
    ),
}  # fmt: skip
PartyIn: type[Schema] = Schema.from_dict(_OWN, name="PartyIn")
NewPartyIn: type[Schema] = Schema.from_dict(
    {
        **_OWN,
        **{
            name: TrimmedString(
                load_default="", validate=validate.Length(max=140), metadata=said(text)
            )
            for name, text in _ACCOUNT.items()
        },
        "anyway": fields.Boolean(
            load_default=False, truthy={True}, falsy={False},
            metadata=said("Create it though another one has the same name and postcode."),
        ),
    },
    name="NewPartyIn",
)  # fmt: skip


class AccountOut(Schema):
    id = fields.UUID(required=True)
    iban = fields.String(
        required=True, attribute="iban_shown", metadata=said("Its first and last characters.")
    )
    bic = fields.String(required=True)
    holder = fields.String(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(ACCOUNT_STATES),
        metadata=said("Only an `active` one may be paid to."),
    )  # fmt: skip


def _said(name: str, field: fields.Field[Any]) -> fields.Field[Any]:
    if isinstance(field, fields.Boolean):
        return fields.Boolean(required=True)
    if isinstance(field, fields.Integer):
        return fields.Integer(required=True, allow_none=True)
    return fields.String(required=True)


PartyOut: type[Schema] = Schema.from_dict(
    {
        "id": fields.UUID(required=True),
        "number": fields.Integer(required=True),
        "version": fields.Integer(required=True),
        "state": fields.String(
            required=True, validate=validate.OneOf(["active", "archived", "merged"])
        ),
        "merged_into": fields.UUID(required=True, allow_none=True),
        "changed_at": Moment(required=True),
        **{name: _said(name, field) for name, field in _OWN.items()},
        "accounts": fields.List(fields.Nested(AccountOut), required=True),
        "addresses": fields.List(
            fields.Nested(PartyAddressOut),
            required=True,
            metadata=said("All of them, the main ones first, which stand above too."),
        ),
        "contacts": fields.List(fields.Nested(PartyContactOut), required=True),
        "endpoints": fields.List(
            fields.Nested(PartyEndpointOut),
            required=True,
            metadata=said("E-invoice addresses with the days on which they hold."),
        ),
    },
    name="PartyOut",
)


class PartyQuery(PageQuery):
    role = fields.String(validate=validate.OneOf(ROLES))
    state = fields.String(load_default="active", validate=validate.OneOf(STATES))
    q = fields.String(
        validate=validate.Length(max=120),
        metadata=said("Of the name, a number, an identifier's beginning or the town."),
    )


class ImportQuery(Schema):
    name = fields.String(
        validate=validate.Length(min=1, max=150),
        metadata=said("The file's name, when the body is its bare bytes."),
    )


class ImportOut(Schema):
    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(IMPORT_STATES))
    file_name = fields.String(required=True)
    sha256 = fields.String(required=True)
    problem = fields.String(required=True, metadata=said("Why the file is refused; else empty."))
    ignored = fields.List(fields.String(), required=True, metadata=said("Unknown headings."))
    rows_in = fields.Integer(required=True, metadata=said("The four below together."))
    rows_new = fields.Integer(required=True)
    rows_changed = fields.Integer(required=True)
    rows_same = fields.Integer(required=True)
    rows_rejected = fields.Integer(required=True)
    rows_undone = fields.Integer(required=True)
    rows_kept = fields.Integer(required=True, metadata=said("What an undo had to leave."))


class ImportRowQuery(PageQuery):
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))


class ReasonOut(Schema):
    column = fields.String(required=True)
    reason = fields.String(required=True, metadata=said("In the holder's language."))


class ImportRowOut(Schema):
    line = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    name = fields.String(required=True)
    party_id = fields.UUID(required=True, allow_none=True)
    changes = fields.List(fields.String(), required=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True)
    undo = fields.String(required=True, metadata=said("What an undo did with it; else empty."))
