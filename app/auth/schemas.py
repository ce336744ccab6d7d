from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, fields, validate

from app.web.fields import TrimmedString
from app.web.i18n import LANGUAGES
from tenants.core.text import _m

_EMAIL = {"label": _m("E-mail"), "input": "email", "autocomplete": "username"}
_NEW_PASSWORD = {
    "label": _m("New password"),
    "input": "password",
    "autocomplete": "new-password",
    "help": _m("At least 8 characters. A few unrelated words are easy to keep in mind."),
}


ZONES = sorted(name for name in available_timezones() if "/" in name and name[:4] != "Etc/")


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
    code = TrimmedString(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": _m("Code"),
            "autocomplete": "one-time-code",
            "autofocus": True,
            "help": _m("Six digits from your authenticator app, or one of your recovery codes."),
        },
    )


class StepUpSchema(Schema):
    """A code for one act, within a page."""

    code = TrimmedString(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": _m("Code"),
            "autocomplete": "one-time-code",
            "help": _m("Six digits from your authenticator app, or one of your recovery codes."),
        },
    )


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
    language = fields.String(
        required=True,
        validate=validate.OneOf(list(LANGUAGES), labels=list(LANGUAGES.values())),
        metadata={"label": _m("Language")},
    )
    time_zone = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.OneOf(ZONES, labels=[name.replace("_", " ") for name in ZONES]),
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
