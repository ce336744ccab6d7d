"""The form of recurring work: of its item and of the kind of rule that was chosen first."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from marshmallow import Schema, fields, validate

from app.calendars.date_rules import MOST_OFFSET
from app.calendars.repeating import LONGEST
from app.catalogue.item import CatalogueItem
from app.service_requests.recurring import words
from app.service_requests.recurring.models import Recurrence
from app.service_requests.recurring.period_words import LONGEST_TITLE
from app.service_requests.recurring.rules import MOST_LEAD
from app.service_requests.recurring.services.keeping import Wish
from app.service_requests.schemas import ActForm
from app.web.fields import TrimmedString
from tenants.core.text import _m

Made = fields.Field[Any]
# What the recurrence fills in by itself.
OWN = ("title", "period", "wanted_on")
PREFIX = "f_"


def _choice(label: str, choices: Mapping[str, str], **more: Any) -> Made:
    rule = validate.OneOf(list(choices), labels=list(choices.values()))
    return fields.String(
        validate=rule, metadata={"label": label, **more.pop("metadata", {})}, **more
    )


def _number(label: str, least: int, most: int, help_: str = "", **more: Any) -> Made:
    return fields.Integer(
        validate=validate.Range(min=least, max=most), metadata={"label": label, "help": help_}, **more
    )  # fmt: skip


def _shift() -> Made:
    return _choice(_m("If that day is closed"), words.SHIFTS, load_default="before")


def _unit() -> Made:
    return _choice(_m("Of every"), words.UNITS, required=True)


def _month() -> Made:
    help_ = _m("Of a quarter 1 to 3, of a year 1 to 12.")
    return _number(_m("In its month"), 1, 12, help_, load_default=None, allow_none=True)


def _offset() -> Made:
    return _number(
        _m("Business days later"), -MOST_OFFSET, MOST_OFFSET,
        _m("Counted from that day: -3 is three business days before it."), load_default=0,
    )  # fmt: skip


def rule_fields(kind: str) -> dict[str, Made]:
    if kind == "week_day":
        return {"nth": _choice(_m("Day"), words.WEEKDAYS, required=True), "shift": _shift()}
    if kind == "month_day":
        return {
            "nth": _number(_m("Day"), 1, 31, _m("A shorter month has its last day instead."),
                           required=True),
            "unit": _unit(), "month": _month(), "shift": _shift(), "offset": _offset(),
        }  # fmt: skip
    if kind == "business_day":
        return {
            "nth": _number(_m("Business day"), -262, 262, _m("1 is the first, -1 the last."),
                           required=True),
            "unit": _unit(), "month": _month(),
        }  # fmt: skip
    if kind == "deadline":
        return {
            "code": fields.String(
                required=True,
                metadata={"label": _m("Deadline"), "input": "select", "help": _m(
                    "An administrator keeps this list. Check the date: nothing is declared by it.")},
            ),
            "day": _number(_m("The company's own day"), 1, 31,
                           _m("Only where the law gives each company its own."),
                           load_default=None, allow_none=True),
            "shift": _shift(), "offset": _offset(),
        }  # fmt: skip
    return {
        "text": TrimmedString(
            required=True, validate=validate.Length(max=LONGEST),
            metadata={"label": _m("Rule"), "placeholder": "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR",
                      "help": _m("As calendars write it; it counts from the first day below.")},
        ),
        "shift": _shift(),
    }  # fmt: skip


def _lines(label: str, help_: str) -> Made:
    return TrimmedString(
        load_default="", validate=validate.Length(max=3000),
        metadata={"label": label, "help": help_, "input": "textarea", "rows": 3},
    )  # fmt: skip


def _first_fields(kind: str) -> dict[str, Made]:
    about = {"": _m("As the deadline says"), **words.ABOUT} if kind == "deadline" else words.ABOUT
    return {
        "title": TrimmedString(
            required=True, validate=validate.Length(max=LONGEST_TITLE),
            metadata={"label": _m("Title"), "help": _m("The period is added to it.")},
        ),
        **rule_fields(kind),
        "about": _choice(_m("It is about"), about, load_default="" if kind == "deadline" else "0"),
        "lead_days": _number(
            _m("Raised how many business days before"), 0, MOST_LEAD,
            _m("So that there is time to do it."), load_default=3,
        ),
        "starts_on": fields.Date(required=True, metadata={"label": _m("First day")}),
        "ends_on": fields.Date(
            load_default=None, allow_none=True,
            metadata={"label": _m("Last day"), "help": _m("Leave empty: it goes on.")},
        ),
        "assignee": fields.UUID(
            load_default=None, allow_none=True,
            metadata={"label": _m("Given to"), "input": "select", "placeholder": _m("The queue"),
                      "help": _m("If they may no longer work here, it waits in the queue.")},
        ),
    }  # fmt: skip


def form_of(item: CatalogueItem, kind: str) -> type[Schema]:
    asked = {
        "questions": _lines(_m("Questions to the client"), _m("One a line, asked with every request.")),
        "documents": _lines(_m("Documents from the client"),
                            _m("One a line. The item's own required files are asked for anyway.")),
        "client": fields.String(load_default="", metadata={"input": "hidden"}),
        "revision": fields.Integer(load_default=0, metadata={"input": "hidden"}),
    }  # fmt: skip
    return Schema.from_dict(
        {**_first_fields(kind), **item_fields(item), **asked}, name="RecurringForm"
    )


def item_fields(item: CatalogueItem) -> dict[str, Made]:
    return {
        f"{PREFIX}{name}": deepcopy(one)
        for name, one in item.schema._declared_fields.items()
        if name not in OWN
    }


def wish_of(
    item: CatalogueItem, kind: str, data: Mapping[str, Any], typed: Mapping[str, Any], *,
    about_of_deadline: Mapping[str, int],
) -> Wish:  # fmt: skip
    """`data` is the loaded form, `typed` what was written in it."""
    rule = {"kind": kind, **{name: data[name] for name in rule_fields(kind)}}
    if kind == "week_day":
        rule["nth"] = int(rule["nth"])
    about = data["about"] or about_of_deadline.get(rule.get("code", ""), 0)
    return Wish(
        title=data["title"], item=item.code, rule=rule, about=int(about),
        form={name.removeprefix(PREFIX): value for name, value in typed.items()
              if name.startswith(PREFIX) and value is not None},
        lead_days=data["lead_days"], starts_on=data["starts_on"], ends_on=data["ends_on"],
        assignee_id=data["assignee"], questions=_split(data["questions"]),
        documents=_split(data["documents"]),
    )  # fmt: skip


def values_of_row(row: Recurrence) -> dict[str, Any]:
    return {
        "title": row.title, **row.rule, "about": str(row.about), "lead_days": row.lead_days,
        "starts_on": row.starts_on, "ends_on": row.ends_on, "assignee": row.assignee_id,
        "questions": "\n".join(row.questions), "documents": "\n".join(row.documents),
        "revision": row.revision,
        **{f"{PREFIX}{name}": value for name, value in row.form.items()},
    }  # fmt: skip


def _split(value: str) -> list[str]:
    return [line.strip()[:300] for line in value.splitlines() if line.strip()]


class ChooseForm(Schema):
    item = fields.String(
        required=True, metadata={"label": _m("What comes again"), "input": "select"}
    )
    kind = _choice(_m("When"), words.KINDS, required=True, metadata={"input": "radio"})


class PauseForm(ActForm):
    first = fields.Date(required=True, metadata={"label": _m("First day")})
    last = fields.Date(
        load_default=None, allow_none=True,
        metadata={"label": _m("Last day"), "help": _m("Leave empty: until somebody goes on.")},
    )  # fmt: skip


class PeriodForm(ActForm):
    period = fields.String(required=True, metadata={"input": "hidden"})
    words = TrimmedString(
        load_default="", validate=validate.Length(max=300), metadata={"label": _m("Why")}
    )


class BackfillForm(ActForm):
    first = fields.Date(required=True, metadata={"label": _m("First day")})
    last = fields.Date(required=True, metadata={"label": _m("Last day")})
    period = fields.List(fields.String(), load_default=list)
