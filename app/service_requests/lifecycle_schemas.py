"""Forms of the acts behind a request's menu; each opens in the page when it is asked for."""

from collections.abc import Mapping

from marshmallow import fields, validate

from app.contracts.words import PRIORITY_NAMES
from app.service_requests.priorities import IMPACTS, URGENCIES
from app.service_requests.schemas import ActForm, long_text
from app.web.fields import TrimmedString
from tenants.core.text import _m


def _select(label: str, names: Mapping[str, str]) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(list(names), list(names.values())),
        metadata={"label": label},
    )


class AssignToForm(ActForm):
    assignee = fields.UUID(required=True, metadata={"label": _m("Operator"), "input": "select"})


class PlanForm(ActForm):
    planned_for = fields.Date(
        required=True,
        metadata={"label": _m("Work begins on"), "help": _m("The client reads this date.")},
    )
    due_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={
            "label": _m("Agreed with the client: done by"),
            "help": _m("Counts instead of the contract's date. Leave it empty to keep that one."),
        },
    )


class WaitForm(ActForm):
    waiting_for = TrimmedString(
        required=True,
        validate=validate.Length(max=80),
        metadata={
            "label": _m("Waiting for"),
            "placeholder": _m("Bank, authority, supplier…"),
            "help": _m("The client reads “Waiting for …” with this name."),
        },
    )
    reason = long_text(_m("Why"), rows=2, help=_m("The client reads this too."))


class HoldForm(ActForm):
    reason = long_text(
        _m("Reason"),
        rows=2,
        help=_m("Kept as an internal note. The client goes on reading “In progress”."),
    )


class RejectForm(ActForm):
    reason = long_text(_m("Reason"), rows=2, help=_m("The client reads it."))


class TargetForm(ActForm):
    number = TrimmedString(
        required=True,
        validate=validate.Regexp(r"^#?\d{1,9}$", error=_m("Write a number, like 12.")),
        metadata={"label": _m("Number of the other request"), "placeholder": "#12"},
    )


class SplitForm(ActForm):
    title = TrimmedString(
        required=True,
        validate=validate.Length(max=120),
        metadata={"label": _m("Subject of the new request")},
    )
    details = long_text(_m("What is to be done there"))
    asked = fields.List(
        fields.UUID(),
        load_default=list,
        metadata={
            "label": _m("Open questions and documents that are asked there instead"),
            "input": "checkbox",
            "help": _m(
                "The client answers them in the new request, which waits for them. What you don't "
                "tick is still asked here, and the work here waits for it."
            ),
        },
    )
    messages = fields.List(
        fields.UUID(),
        load_default=list,
        metadata={"label": _m("Messages that go along"), "input": "checkbox"},
    )
    questions = fields.List(
        fields.UUID(),
        load_default=list,
        metadata={"label": _m("Answered questions that go along"), "input": "checkbox"},
    )
    files = fields.List(
        fields.UUID(),
        load_default=list,
        metadata={"label": _m("Files that go along"), "input": "checkbox"},
    )


class PriorityForm(ActForm):
    priority = _select(_m("Priority"), PRIORITY_NAMES)
    reason = TrimmedString(
        load_default="",
        validate=validate.Length(max=2000),
        metadata={
            "label": _m("Reason"),
            "input": "textarea",
            "rows": 2,
            "help": _m("The client reads it. Needed when it is not what they proposed."),
        },
    )


class ProposeForm(ActForm):
    impact = _select(_m("What depends on it"), IMPACTS)
    urgency = _select(_m("How long it can wait"), URGENCIES)


class KindForm(ActForm):
    item = fields.String(required=True, metadata={"label": _m("Kind"), "input": "select"})
    reason = long_text(_m("Reason"), rows=2, help=_m("The client reads it."))


class ReopenForm(ActForm):
    reason = long_text(_m("What is not right?"), help=_m("The operator reads it first."))


class FollowUpForm(ActForm):
    details = long_text(_m("What do you need?"))


LIFE_FORMS: Mapping[str, type[ActForm]] = {
    "assign_to": AssignToForm,
    "unassign": ActForm,
    "plan": PlanForm,
    "wait": WaitForm,
    "hold": HoldForm,
    "reject": RejectForm,
    "merge": TargetForm,
    "duplicate": TargetForm,
    "link": TargetForm,
    "unlink": TargetForm,
    "split": SplitForm,
    "priority": PriorityForm,
    "propose": ProposeForm,
    "kind": KindForm,
    "reopen": ReopenForm,
    "follow_up": FollowUpForm,
}
