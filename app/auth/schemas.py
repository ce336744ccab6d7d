from typing import Any

from marshmallow import Schema, fields, validate

from app.web.fields import TrimmedString
from app.web.person_fields import TIME_ZONES, code_of_own, language_choice
from tenants.core.text import _m

_EMAIL = {"label": _m("E-mail"), "input": "email", "autocomplete": "username"}
_NEW_PASSWORD = {
    "label": _m("New password"),
    "input": "password",
    "autocomplete": "new-password",
    "help": _m("At least 8 characters. A few unrelated words are easy to keep in mind."),
}
_CODE_HELP = _m("Six digits from your authenticator app, or one of your recovery codes.")


class SignInSchema(Schema):
    email = TrimmedString(
        required=True,
        validate=validate.Length(max=254),
        metadata={**_EMAIL, "autofocus": True},
    )
    password = fields.String(
        required=True,
        validate=validate.Length(max=1024),
        metadata={
            "label": _m("Password"),
            "input": "password",
            "autocomplete": "current-password",
        },
    )


class CodeSchema(Schema):
    code = code_of_own(help=_CODE_HELP, autofocus=True)


class StepUpSchema(Schema):
    """A code for one act, within a page."""

    code = code_of_own(help=_CODE_HELP)


class EnrolSchema(Schema):
    sealed = fields.String(required=True, metadata={"input": "hidden"})
    code = TrimmedString(
        required=True,
        validate=validate.Length(max=20),
        metadata={
            "label": _m("Code from the app"),
            "autocomplete": "one-time-code",
            "help": _m("The six digits that the app shows after scanning."),
        },
    )


class ForgotSchema(Schema):
    email = TrimmedString(
        required=True,
        validate=validate.Length(max=254),
        metadata={**_EMAIL, "autofocus": True},
    )


class LinkSchema(Schema):
    password = fields.String(
        required=True,
        validate=validate.Length(max=1024),
        metadata={**_NEW_PASSWORD, "autofocus": True},
    )


class PasswordSchema(Schema):
    current_password = fields.String(
        required=True,
        validate=validate.Length(max=1024),
        metadata={
            "label": _m("Current password"),
            "input": "password",
            "autocomplete": "current-password",
        },
    )
    password = fields.String(
        required=True, validate=validate.Length(max=1024), metadata=_NEW_PASSWORD
    )


class ProfileSchema(Schema):
    language = language_choice()
    time_zone = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.OneOf(list(TIME_ZONES), labels=list(TIME_ZONES.values())),
        metadata={
            "label": _m("Time zone"),
            "input": "select",
            "placeholder": _m("As in the company"),
        },
    )
    single_keys = fields.Boolean(
        load_default=False,
        metadata={
            "label": _m("Single-key shortcuts"),
            "help": _m("j and k to move, e to close, r to reply. Never while you write."),
        },
    )


def profile_values(user: Any) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ("language", "time_zone", "single_keys")}
