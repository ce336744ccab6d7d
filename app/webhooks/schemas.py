from marshmallow import Schema, fields, validate

from app.catalogue.lines import LINES
from app.web.fields import TrimmedString
from app.webhooks.addresses import LONGEST
from app.webhooks.catalogue import KINDS
from app.webhooks.models import STATES
from app.webhooks.signing import NOT_A_SECRET, SECRET
from tenants.core.schema import Moment, PageQuery, said
from tenants.core.text import _m

ENDPOINT_STATES = ("on", "troubled", "person", "failing", "gone", "deleted")
_ONE_KIND = _m("Choose at least one thing to be told of.")
_ONE_LINE = _m("Choose at least one service line.")


class EndpointForm(Schema):
    url = TrimmedString(
        required=True,
        validate=validate.Length(max=LONGEST),
        metadata={
            "label": _m("Address"), "input": "url", "placeholder": "https://hooks.example.com/coulisse",
            "help": _m("Where your program listens: https, reachable from the internet."),
        },
    )  # fmt: skip
    description = TrimmedString(
        load_default="",
        validate=validate.Length(max=80),
        metadata={"label": _m("What it is for"), "help": _m("So that you recognise it later.")},
    )
    kinds = fields.List(
        fields.String(validate=validate.OneOf(list(KINDS), labels=list(KINDS.values()))),
        required=True,
        validate=validate.Length(min=1, error=_ONE_KIND),
        metadata={"label": _m("Tell it when"), "input": "checkbox"},
    )
    lines = fields.List(
        fields.String(validate=validate.OneOf(list(LINES))),
        required=True,
        validate=validate.Length(min=1, error=_ONE_LINE),
        metadata={"label": _m("Of the service lines"), "input": "checkbox"},
    )


class SwitchForm(Schema):
    on = fields.Boolean(load_default=False)


class NewEndpointIn(Schema):
    url = TrimmedString(required=True, validate=validate.Length(max=LONGEST))
    description = TrimmedString(load_default="", validate=validate.Length(max=80))
    kinds = fields.List(
        fields.String(validate=validate.OneOf(list(KINDS))), required=True,
        validate=validate.Length(min=1, error=_ONE_KIND),
    )  # fmt: skip
    lines = fields.List(
        fields.String(validate=validate.OneOf(list(LINES))), required=True,
        validate=validate.Length(min=1, error=_ONE_LINE),
    )  # fmt: skip


_SECRET = said("`whsec_` and then 24 to 64 random bytes in base64. No answer ever shows it.")


class SecretIn(Schema):
    secret = fields.String(
        required=True, validate=validate.Regexp(SECRET, error=NOT_A_SECRET), metadata=_SECRET
    )


class NewEndpointWithSecretIn(NewEndpointIn, SecretIn):
    pass


class SwitchIn(Schema):
    on = fields.Boolean(required=True, truthy={True}, falsy={False})


class EndpointOut(Schema):
    id = fields.UUID(required=True)
    url = fields.String(required=True)
    description = fields.String(required=True)
    kinds = fields.List(fields.String(validate=validate.OneOf(list(KINDS))), required=True)
    lines = fields.List(fields.String(validate=validate.OneOf(list(LINES))), required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(ENDPOINT_STATES),
        metadata=said("`troubled`: on, and the last try failed. `person`, `failing` and `gone` say "
                      "who or what switched it off."),
    )  # fmt: skip
    failures = fields.Integer(required=True, metadata=said("In a row."))
    failing_since = Moment(required=True, allow_none=True)
    last_success_at = Moment(required=True, allow_none=True)
    old_secret_until = Moment(
        required=True, allow_none=True,
        metadata=said("Until when the secret before the current one signs too."),
    )  # fmt: skip
    created_at = Moment(required=True)


class SentMessageOut(Schema):
    id = fields.UUID(required=True)
    webhook_id = fields.String(
        required=True, attribute="public_id",
        metadata=said("What the receiver got as `webhook-id`, the same at every try."),
    )  # fmt: skip
    kind = fields.String(required=True)
    at = Moment(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    tries = fields.Integer(required=True)
    next_try_at = Moment(required=True, allow_none=True)
    body = fields.Dict(required=True)


class AttemptOut(Schema):
    at = Moment(required=True)
    status = fields.Integer(
        required=True, allow_none=True, metadata=said("Null where no answer came.")
    )
    trouble = fields.String(required=True)
    duration_ms = fields.Integer(required=True)
    answer = fields.String(required=True, metadata=said("Its first 1,024 characters."))
    by_hand = fields.Boolean(required=True)


class SentMessageDetail(SentMessageOut):
    attempts = fields.List(fields.Nested(AttemptOut), required=True)


__all__ = [
    "AttemptOut",
    "EndpointForm",
    "EndpointOut",
    "NewEndpointIn",
    "NewEndpointWithSecretIn",
    "PageQuery",
    "SecretIn",
    "SentMessageDetail",
    "SentMessageOut",
    "SwitchForm",
    "SwitchIn",
]
