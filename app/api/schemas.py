from marshmallow import Schema, fields, validate

from tenants.core.schema import Moment
from tenants.permissions import TOKEN_SCOPES


class CompanyOut(Schema):
    slug = fields.String(required=True)
    name = fields.String(required=True)
    code = fields.String(required=True)


class PersonOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    side = fields.String(required=True, validate=validate.OneOf(("client", "provider")))
    role = fields.String(
        required=True,
        metadata={"description": "Of the member, or of the provider's person."},
    )


class MeOut(Schema):
    person = fields.Nested(PersonOut, required=True)
    company = fields.Nested(CompanyOut, required=True)
    scopes = fields.List(fields.String(validate=validate.OneOf(list(TOKEN_SCOPES))), required=True)
    lines = fields.List(
        fields.String(), required=True, metadata={"description": "The service lines seen."}
    )
    rights = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What the holder may do here, within the scopes."},
    )
    now = Moment(required=True, metadata={"description": "Our clock."})
