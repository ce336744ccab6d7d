from collections.abc import Mapping

from marshmallow import Schema, fields, validate

from app.contracts.words import PRIORITY_NAMES
from app.staffing.words import KINDS
from app.web.fields import TrimmedString
from app.web.i18n import LANGUAGES
from tenants.core.text import _c, _m

ICONS: Mapping[str, str] = {
    "star": _m("Star"), "flag": _m("Flag"), "flame": _m("Flame"), "bell": _m("Bell"),
    "calendar": _m("Calendar"), "coins": _m("Coins"), "users": _m("People"), "truck": _m("Truck"),
    "briefcase": _m("Briefcase"), "bookmark": _m("Bookmark"), "target": _c("icon", "Target"),
    "hourglass": _m("Hourglass"),
}  # fmt: skip
AFTER: Mapping[str, str] = {
    "next": _m("Open the next request of the list"),
    "stay": _m("Stay on the request"),
    "list": _m("Go back to the list"),
}


class ViewForm(Schema):
    name = TrimmedString(
        required=True, validate=validate.Length(min=1, max=40), metadata={"label": _m("Name")}
    )
    icon = fields.String(
        load_default="star",
        validate=validate.OneOf(list(ICONS), labels=list(ICONS.values())),
        metadata={"label": _m("Symbol"), "input": "select"},
    )
    position = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 99),
        metadata={"label": _m("Place in the list"), "help": _m("Smaller numbers stand higher.")},
    )


class NewViewForm(ViewForm):
    shared = fields.Boolean(
        load_default=False,
        metadata={
            "label": _m("For all operators"),
            "help": _m("Everybody sees it with their own clients. A supervisor keeps these."),
        },
    )


class SettingsForm(Schema):
    default_view = fields.String(load_default="", metadata={
        "label": _m("The desk opens with"), "input": "select"})  # fmt: skip
    after = fields.String(
        load_default="next",
        validate=validate.OneOf(list(AFTER), labels=list(AFTER.values())),
        metadata={"label": _m("After handing over, closing or delivering"), "input": "select"},
    )


class PlainForm(Schema):
    """An act that needs no more words."""


class AssignForm(Schema):
    user_id = fields.UUID(required=True, metadata={
        "label": _m("Colleague"), "input": "select"})  # fmt: skip


class PriorityForm(Schema):
    priority = fields.String(
        required=True,
        validate=validate.OneOf(list(PRIORITY_NAMES), labels=list(PRIORITY_NAMES.values())),
        metadata={"label": _m("Priority"), "input": "select"},
    )
    reason = TrimmedString(
        load_default="",
        validate=validate.Length(max=500),
        metadata={
            "label": _m("Reason"),
            "help": _m("The client reads it where they proposed another priority."),
        },
    )


class SnoozeForm(Schema):
    preset = fields.String(
        load_default="tomorrow",
        validate=validate.OneOf(
            ["tomorrow", "monday", "other"],
            labels=[_m("Tomorrow at nine"), _m("Next Monday at nine"), _m("Another time")],
        ),
        metadata={"label": _m("Until"), "input": "select"},
    )
    until = fields.NaiveDateTime(
        load_default=None, allow_none=True,
        metadata={"label": _m("Another time"), "input": "datetime-local"},
    )  # fmt: skip


class HoldForm(Schema):
    reason = TrimmedString(
        required=True,
        validate=validate.Length(min=1, max=2000),
        metadata={"label": _m("Reason"), "help": _m("Kept as an internal note of each request.")},
    )


BULK_FORMS: Mapping[str, type[Schema]] = {
    "": PlainForm, "assign": AssignForm, "priority": PriorityForm, "snooze": SnoozeForm,
    "hold": HoldForm,
}  # fmt: skip


class TextForm(Schema):
    name = TrimmedString(
        required=True,
        validate=validate.Length(min=1, max=60),
        metadata={"label": _m("Name"), "help": _m("What you look for while you write.")},
    )
    language = fields.String(
        required=True,
        validate=validate.OneOf(list(LANGUAGES), labels=list(LANGUAGES.values())),
        metadata={"label": _m("Language"), "input": "select"},
    )
    body = TrimmedString(
        required=True,
        validate=validate.Length(min=1, max=5000),
        metadata={"label": _m("Text"), "input": "textarea", "rows": 10},
    )


class NewTextForm(TextForm):
    shared = fields.Boolean(
        load_default=False,
        metadata={"label": _m("For all operators"), "help": _m("A supervisor keeps these.")},
    )


class RateForm(Schema):
    """Without an operator for everybody."""

    item = fields.String(required=True, metadata={"label": _m("Kind of work"), "input": "select"})
    operator = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={
            "label": _m("Operator"), "input": "select", "placeholder": _m("Everybody"),
            "help": _m("A rate of one person counts instead of everybody's."),
        },
    )  # fmt: skip
    rate = fields.Integer(
        required=True,
        validate=validate.Range(0, 100),
        metadata={
            "label": _m("Checked, of a hundred results"), "input": "number", "min": 0, "max": 100,
        },
    )  # fmt: skip
    reason = TrimmedString(
        required=True,
        validate=validate.Length(min=1, max=500),
        metadata={
            "label": _m("Reason"), "input": "textarea", "rows": 2,
            "help": _m("Supervisors read it; the client never does."),
        },
    )  # fmt: skip


class AbsenceForm(Schema):
    first = fields.Date(required=True, metadata={"label": _m("First day")})
    last = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"label": _m("Last day"), "help": _m("Empty: the same day.")},
    )
    from_noon = fields.Boolean(
        load_default=False, metadata={"label": _m("There in the morning of the first day")}
    )
    until_noon = fields.Boolean(
        load_default=False, metadata={"label": _m("Back in the afternoon of the last day")}
    )
    kind = fields.String(
        load_default="holiday",
        validate=validate.OneOf(list(KINDS), labels=list(KINDS.values())),
        metadata={
            "label": _m("Kind"), "input": "select",
            "help": _m("Only supervisors and you see it. No other reason is written down."),
        },
    )  # fmt: skip


class SkillsForm(Schema):
    skills = TrimmedString(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={
            "label": _m("Skills"), "help": _m("Separated by commas, such as payroll, german."),
        },
    )  # fmt: skip
