import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.catalogue.lines import LEVELS, LINES
from app.provider.countries import ZONES
from app.provider.proposals import CODE, SLUG
from app.web.branding import BLACK, WHITE, contrast, mix
from app.web.fields import TrimmedString
from app.web.i18n import LANGUAGES, text
from app.web.person_fields import (
    TIME_ZONES,
    code_of_own,
    email_address,
    language_choice,
    person_name,
)
from tenants.core.text import _m

COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
# A stripe and a dot have to stand out from white (WCAG 1.4.11).
VISIBLE = 3.0
PERIODS: Mapping[str, int] = {"91": 91, "182": 182, "365": 365}
ROLES: Mapping[str, str] = {
    "operator": _m("Operator"),
    "supervisor": _m("Supervisor"),
    "provider_admin": _m("Provider administrator"),
}
ROLE_MEANINGS: Mapping[str, str] = {
    "operator": _m("Operator: works for the clients that a grant opens"),
    "supervisor": _m("Supervisor: the same, and sees how the desk is doing"),
    "provider_admin": _m(
        "Provider administrator: companies, grants and staff; no client's content"
    ),
}
LEVEL_MEANINGS: Mapping[str, str] = {
    "read": _m("Read: sees the requests of the line"),
    "work": _m("Work: works on them, too"),
    "review": _m("Review: checks the results of others, too"),
}


def _visible(colour: str) -> None:
    """Says which darker shade would do."""
    if not COLOUR.match(colour) or contrast(colour, WHITE) >= VISIBLE:
        return
    shades = (mix(colour, BLACK, 1 - step / 20) for step in range(1, 21))
    darker = next(shade for shade in shades if contrast(shade, WHITE) >= VISIBLE)
    raise ValidationError(
        text(_m("This colour is too light to be seen on white. %(colour)s would do."),
             {"colour": darker})
    )  # fmt: skip


class CompanyFacts(Schema):
    """What may change later, too."""

    name = TrimmedString(
        required=True,
        validate=validate.Length(max=120),
        metadata={"label": _m("Name"), "autocomplete": "off"},
    )
    legal_form = TrimmedString(
        load_default="",
        validate=validate.Length(max=40),
        metadata={"label": _m("Legal form"), "help": _m("As it stands on letters: SAS, GmbH, …")},
    )
    registration_number = TrimmedString(
        load_default="",
        validate=validate.Length(max=80),
        metadata={
            "label": _m("Registration number"),
            "help": _m("France: the SIREN. Germany: court and number, like München HRB 12345."),
        },
    )
    vat_id = TrimmedString(
        load_default="",
        validate=validate.Length(max=20),
        metadata={"label": _m("VAT number"), "help": _m("With the letters of its country.")},
    )
    language = language_choice(
        _m("Language of its people"), help=_m("Each person may choose another one later.")
    )
    document_language = language_choice(
        _m("Main language of its documents"), help=_m("Reports are written in it.")
    )
    more_languages = fields.List(
        fields.String(
            validate=validate.OneOf(list(LANGUAGES), labels=list(LANGUAGES.values())),
        ),
        load_default=list,
        metadata={"label": _m("Further languages of its documents"), "input": "checkbox"},
    )
    time_zone = fields.String(
        load_default="",
        validate=validate.OneOf(["", *TIME_ZONES]),
        metadata={
            "label": _m("Time zone"), "input": "select", "placeholder": _m("As usual in its country"),
            "choices": list(TIME_ZONES.items()),
        },
    )  # fmt: skip
    colour = fields.String(
        required=True,
        validate=[
            validate.Regexp(COLOUR, error=_m("Write a colour like #1f6f54.")), _visible,
        ],
        metadata={
            "label": _m("Colour"), "input": "color",
            "help": _m("Operators tell their clients apart by it. Texts on it stay readable by "
                       "themselves."),
        },
    )  # fmt: skip


class NewCompany(CompanyFacts):
    country = fields.String(
        required=True,
        validate=validate.OneOf(list(ZONES)),
        metadata={"label": _m("Country"), "help": _m("It can't be changed later.")},
    )
    code = TrimmedString(
        load_default="",
        validate=validate.Regexp(
            f"^$|{CODE.pattern}", error=_m("Three letters from A to Z, like LEN.")
        ),
        metadata={
            "label": _m("Three letters"), "autocomplete": "off",
            "help": _m("On every row and every mail of this company. Empty: we propose them."),
        },
    )  # fmt: skip
    slug = TrimmedString(
        load_default="",
        validate=validate.Regexp(
            f"^$|{SLUG.pattern}",
            error=_m("Small letters without accents, digits and hyphens, like lentier."),
        ),
        metadata={
            "label": _m("Short name in addresses"), "autocomplete": "off",
            "help": _m("Links lead to it, so it can't be changed later. Empty: we propose one."),
        },
    )  # fmt: skip
    admin_name = person_name(_m("Name of its first administrator"))
    admin_email = email_address()
    admin_language = language_choice(_m("Language of the invitation"))
    subscription = fields.String(
        load_default="agreed",
        validate=validate.OneOf(["agreed", "chosen"]),
        metadata={
            "label": _m("Subscription"), "input": "radio",
            "choices": [
                ("agreed", _m("By agreement: it begins now and is paid by invoice")),
                ("chosen", _m("The company chooses a plan and pays it itself, before its first request")),
            ],
        },
    )  # fmt: skip


class ChangedFacts(CompanyFacts):
    seen = fields.String(load_default="", metadata={"input": "hidden"})


class AccessTerms(Schema):
    """How far an access goes, and why."""

    level = fields.String(
        required=True,
        validate=validate.OneOf(list(LEVELS), labels=list(LEVEL_MEANINGS.values())),
        metadata={"label": _m("Level"), "input": "radio"},
    )
    period = fields.String(
        required=True,
        validate=validate.OneOf(
            [*PERIODS, "day"],
            labels=[_m("3 months"), _m("6 months"), _m("1 year"), _m("Until a day of my choice")],
        ),
        metadata={"label": _m("How long"), "input": "select"},
    )
    day = fields.Date(
        allow_none=True,
        load_default=None,
        metadata={
            "label": _m("Last day"),
            "help": _m("Only for a day of your choice; within a year."),
        },
    )
    reason = TrimmedString(
        required=True,
        validate=validate.Length(max=300),
        metadata={
            "label": _m("Reason"),
            "help": _m("The client's administrators read it, too."),
        },
    )

    @validates_schema
    def a_day_is_chosen(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("period") == "day" and not data.get("day"):
            raise ValidationError(_m("Choose the last day."), field_name="day")


class NewAccess(AccessTerms):
    user_id = fields.UUID(required=True, metadata={"label": _m("Person"), "input": "select"})
    lines = fields.List(
        fields.String(validate=validate.OneOf(list(LINES), labels=list(LINES.values()))),
        required=True,
        validate=validate.Length(min=1, error=_m("Choose at least one service line.")),
        metadata={"label": _m("Service lines"), "input": "checkbox"},
    )


def last_day(terms: Mapping[str, Any], today: date) -> date:
    chosen: date | None = terms["day"]
    if terms["period"] == "day" and chosen is not None:
        return chosen
    return today + timedelta(days=PERIODS[terms["period"]])


def _staff_role() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(list(ROLES), labels=list(ROLE_MEANINGS.values())),
        metadata={"label": _m("Role"), "input": "radio"},
    )


class NewStaff(Schema):
    display_name = person_name()
    email = email_address()
    role = _staff_role()
    language = language_choice()


class OwnCode(Schema):
    """Confirms one act, not the session."""

    code = code_of_own(
        _m("Your own code"),
        help=_m("Six digits from your own authenticator app, or a recovery code of yours."),
    )


class StaffRole(Schema):
    role = _staff_role()


class OfficeRegion(Schema):
    region = TrimmedString(
        load_default="", validate=validate.Length(max=8),
        metadata={"label": _m("Department or Land"), "input": "text",
                  "help": _m("Like 67 or BY. Empty: the whole country's days.")},
    )  # fmt: skip
