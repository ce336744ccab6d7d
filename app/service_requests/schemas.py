"""Forms of a request's page, and the form of a catalogue item with its files."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from app.service_requests.catalogue import CatalogueItem
from app.web.fields import TrimmedString
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}
_DURATION = re.compile(r"(?P<sign>[-−]?)(?:(?P<hours>\d{1,3})\s*[h:])?\s*(?P<minutes>\d{0,4})\Z")


class Minutes(fields.Field[int]):
    """`90`, `1:30` and `1 h 30` are 90 minutes; a minus sign corrects an earlier entry."""

    default_error_messages = {  # noqa: RUF012  marshmallow declares it so
        "invalid": _m("Write minutes, or hours and minutes like 1:30."),
        "range": _m("Between one minute and 24 hours, please."),
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        found = _DURATION.match(str(value).strip().lower().removesuffix("min").strip())
        if found is None or not (found["hours"] or found["minutes"]):
            raise self.make_error("invalid")
        minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
        if not 0 < minutes <= 1440:
            raise self.make_error("range")
        return -minutes if found["sign"] else minutes


class ActForm(Schema):
    """What every form of a request's page carries: for whom and from which state it was made."""

    client = fields.String(load_default="", metadata=_HIDDEN)
    version = fields.Integer(load_default=None, allow_none=True, metadata=_HIDDEN)
    seen = fields.AwareDateTime(load_default=None, allow_none=True, metadata=_HIDDEN)


def long_text(label: str, rows: int = 3, **more: Any) -> TrimmedString:
    return TrimmedString(
        required=True,
        validate=validate.Length(max=10_000),
        metadata={"label": label, "input": "textarea", "rows": rows, **more},
    )


class MessageForm(ActForm):
    body = long_text(_m("Message"))


class NoteForm(ActForm):
    body = long_text(_m("Internal note"))


class QuestionForm(ActForm):
    body = long_text(_m("Question"))


class AnswerForm(ActForm):
    answer = long_text(_m("Your answer"))


class ReasonForm(ActForm):
    reason = long_text(_m("Reason"), rows=2)


class FindingsForm(ActForm):
    findings = long_text(_m("Findings"), help=_m("What has to change before it can go out."))


class TimeForm(ActForm):
    minutes = Minutes(
        required=True, metadata={"label": _m("Time"), "input": "text", "placeholder": "1:30"}
    )
    worked_on = fields.Date(required=True, metadata={"label": _m("Day")})
    activity = TrimmedString(
        required=True,
        validate=validate.Length(max=200),
        metadata={"label": _m("Activity"), "placeholder": _m("What did you do?")},
    )
    billable = fields.Boolean(load_default=False, metadata={"label": _m("Billable")})


class DeliverableForm(ActForm):
    title = TrimmedString(
        load_default="",
        validate=validate.Length(max=150),
        metadata={"label": _m("Title"), "help": _m("Empty: the name of the file.")},
    )
    file = fields.Raw(
        required=True,
        error_messages={"required": _m("Please choose a file.")},
        metadata={"label": _m("File"), "input": "file"},
    )


class DecisionForm(ActForm):
    """`sha256` is the package hash of the page that the decision was taken on."""

    sha256 = fields.String(
        required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"), metadata=_HIDDEN
    )


class ApprovalForm(DecisionForm):
    """Whether a code is asked for depends on the item: the view looks at it."""

    code = TrimmedString(
        load_default="",
        validate=validate.Length(max=20),
        metadata={
            "label": _m("Code from your authenticator app"),
            "autocomplete": "one-time-code",
            "placeholder": "123 456",
        },
    )


class RefusalForm(DecisionForm):
    reason = long_text(_m("Reason"), help=_m("What has to change before you can approve."))


@cache
def item_form(item: CatalogueItem) -> type[Schema]:
    """The item's fields, its file inputs, and the client that the form was made for."""
    slots: dict[str, fields.Field[Any]] = {
        slot.name: fields.Raw(
            required=slot.required,
            error_messages={"required": _m("Please choose a file.")},
            metadata={
                "label": slot.label, "help": slot.help, "accept": slot.accept, "input": "file",
            },
        )
        for slot in item.files
    }  # fmt: skip
    hidden: dict[str, fields.Field[Any]] = {
        "client": fields.String(load_default="", metadata=_HIDDEN)
    }
    return item.schema.from_dict(slots | hidden, name=f"{item.code}_form")
