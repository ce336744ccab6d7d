"""Forms of a request's page, and the form of a catalogue item with its files."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from app.catalogue.item import CatalogueItem
from app.service_requests.priorities import IMPACTS, URGENCIES
from app.web.fields import TrimmedString
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}


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


class SnoozeForm(ActForm):
    """A preset, or a time of the writer's own zone."""

    preset = fields.String(
        load_default="", validate=validate.OneOf(["", "tomorrow", "monday"]),
        metadata={"label": _m("Until")},
    )  # fmt: skip
    until = fields.NaiveDateTime(
        load_default=None, allow_none=True,
        metadata={"label": _m("Until"), "input": "datetime-local"},
    )  # fmt: skip


class DeliverableForm(ActForm):
    """What kinds of results there are is the item's to say: the view knows it."""

    kind = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={"label": _m("What it is"), "input": "select"},
    )
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


# Fields of every item's form that are about the request, not about its content.
ABOUT = ("impact", "urgency", "requester")


def _degree(label: str, names: Mapping[str, str]) -> fields.String:
    return fields.String(
        load_default="normal",
        validate=validate.OneOf(list(names), list(names.values())),
        metadata={"label": label},
    )


@cache
def item_form(item: CatalogueItem, side: str = "client") -> type[Schema]:
    """The item's fields, its file inputs, how much it presses, and the client that the form was
    made for. Operators choose for whom of the client they raise it."""
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
    about: dict[str, fields.Field[Any]] = {
        "impact": _degree(_m("What depends on it"), IMPACTS),
        "urgency": _degree(_m("How long it can wait"), URGENCIES),
    }
    if side == "provider":
        about["requester"] = fields.UUID(
            load_default=None,
            allow_none=True,
            metadata={
                "label": _m("On behalf of"),
                "input": "select",
                "placeholder": _m("Nobody in particular"),
                "help": _m("This person is told, and reads the request as theirs."),
            },
        )
    return item.schema.from_dict(slots | about | hidden, name=f"{item.code}_form")
