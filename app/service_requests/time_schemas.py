"""Forms of time: how long, when, what for."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from app.service_requests.schemas import ActForm
from app.timesheets.categories import CATEGORIES
from app.web.fields import TrimmedString
from tenants.core.text import _m

_DURATION = re.compile(r"(?P<sign>[-−]?)(?:(?P<hours>\d{1,3})\s*[h:])?\s*(?P<minutes>\d{0,4})\Z")
_SPAN = re.compile(
    r"(?P<h1>[01]?\d|2[0-3])[:h](?P<m1>[0-5]\d)\s*[-–]\s*(?P<h2>[01]?\d|2[0-4])[:h](?P<m2>[0-5]\d)\Z"
)


class Minutes(fields.Field[int]):
    """`90`, `1:30` and `1 h 30` are 90 minutes, `9:15-10:45` too; a minus sign corrects."""

    default_error_messages = {  # noqa: RUF012  marshmallow declares it so
        "invalid": _m(
            "Write minutes, hours and minutes like 1:30, or from and to like 9:15-10:45."
        ),
        "range": _m("Between one minute and 24 hours, please."),
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        written = str(value).strip().lower().removesuffix("min").strip()
        minutes = minutes_of(written)
        if minutes is None:
            raise self.make_error("invalid")
        if not 0 < abs(minutes) <= 1440:
            raise self.make_error("range")
        return minutes


def minutes_of(written: str) -> int | None:
    span = _SPAN.match(written)
    if span is not None:
        begin, end = (int(span[f"h{n}"]) * 60 + int(span[f"m{n}"]) for n in (1, 2))
        # Past midnight counts for the day on which it began.
        return end - begin if end >= begin else end - begin + 1440
    found = _DURATION.match(written)
    if found is None or not (found["hours"] or found["minutes"]):
        return None
    minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    return -minutes if found["sign"] else minutes


def _activity(*, required: bool) -> TrimmedString:
    more: dict[str, Any] = {"required": True} if required else {"load_default": ""}
    return TrimmedString(
        **more,
        validate=validate.Length(max=200),
        metadata={"label": _m("Activity"), "placeholder": _m("What did you do?")},
    )


def _category() -> fields.String:
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(list(CATEGORIES)),
        metadata={
            "label": _m("Kind of work"), "input": "select", "choices": list(CATEGORIES.items()),
        },
    )  # fmt: skip


class TimeForm(ActForm):
    """`once` becomes the entry's id: the same form sent twice is recorded once."""

    once = fields.UUID(load_default=None, allow_none=True, metadata={"input": "hidden"})
    minutes = Minutes(
        required=True,
        metadata={
            "label": _m("Time"), "input": "text", "placeholder": "1:30",
            "help": _m("1:30, 90, or from and to: 9:15-10:45."),
        },
    )  # fmt: skip
    worked_on = fields.Date(required=True, metadata={"label": _m("Day")})
    activity = _activity(required=True)
    category = _category()
    billable = fields.Boolean(load_default=False, metadata={"label": _m("Billable")})
    comment = TrimmedString(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={"label": _m("Internal comment"), "help": _m("Never shown to the client.")},
    )


class TimerForm(ActForm):
    """`minutes` only where the person says otherwise than the timer."""

    minutes = Minutes(
        load_default=None, allow_none=True,
        metadata={"label": _m("Time"), "input": "text", "placeholder": "1:30"},
    )  # fmt: skip
    activity = _activity(required=False)
    category = _category()
    billable = fields.Boolean(load_default=False, metadata={"label": _m("Billable")})
    back = fields.String(load_default="", metadata={"input": "hidden"})
