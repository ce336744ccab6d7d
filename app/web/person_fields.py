"""Fields that forms about people share."""

from typing import Any
from zoneinfo import available_timezones

from marshmallow import fields, validate

from app.web.fields import TrimmedString
from app.web.i18n import LANGUAGES
from tenants.core.text import _m

# Names with a place: no bare offsets, no abbreviations.
TIME_ZONES = {
    name: name.replace("_", " ")
    for name in sorted(available_timezones())
    if "/" in name and not name.startswith("Etc/")
}


def person_name(label: str = _m("Name"), **meta: Any) -> TrimmedString:
    return TrimmedString(
        required=True,
        validate=validate.Length(max=120),
        metadata={"label": label, "autocomplete": "off", **meta},
    )


def email_address() -> TrimmedString:
    """Somebody else's; one that is copied from a mail often comes with a blank."""
    return TrimmedString(
        required=True,
        validate=[validate.Length(max=254), validate.Email()],
        metadata={"label": _m("E-mail"), "input": "email", "autocomplete": "off"},
    )


def language_choice(label: str = _m("Language"), **meta: Any) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(list(LANGUAGES), labels=list(LANGUAGES.values())),
        metadata={"label": label, **meta},
    )


def code_of_own(label: str = _m("Code"), **meta: Any) -> TrimmedString:
    """Of the authenticator app, or a recovery code."""
    return TrimmedString(
        required=True,
        validate=validate.Length(max=40),
        metadata={"label": label, "autocomplete": "one-time-code", **meta},
    )
