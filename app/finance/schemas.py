"""Forms of the payment control: for whom and from which files each was made stands in it."""

from functools import cache

from marshmallow import Schema, fields, validate

from app.service_requests.catalogue import STATEMENT_SUFFIXES
from app.service_requests.schemas import ActForm
from app.web.fields import MoneyField, TrimmedString
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}
_FILES = {
    "open_items": (_m("Open items"), ".csv,.txt,.xlsx"),
    "statement": (_m("Bank statement"), STATEMENT_SUFFIXES),
}


@cache
def file_form(slot: str) -> type[Schema]:
    """A better file for one slot; its input has the slot's name."""
    label, accept = _FILES[slot]
    sent = fields.Raw(
        required=True,
        error_messages={"required": _m("Please choose a file.")},
        metadata={"label": label, "accept": accept, "input": "file"},
    )
    return ActForm.from_dict({slot: sent}, name=f"{slot}_file_form")


class AcceptForm(ActForm):
    reason = TrimmedString(
        required=True,
        validate=validate.Length(max=1000),
        metadata={
            "label": _m("Reason"),
            "input": "textarea",
            "rows": 2,
            "help": _m("It stands in the report, beside your name."),
        },
    )


class DecisionForm(Schema):
    """`files` is the mark of the two files that the page was made from."""

    client = fields.String(load_default="", metadata=_HIDDEN)
    files = fields.String(load_default="", metadata=_HIDDEN)


class ConfirmAllForm(DecisionForm):
    """`chosen` is the least confidence and the number of proposals shown beside it: `90-34`."""

    chosen = fields.String(
        required=True,
        validate=validate.Regexp(r"^\d{1,3}-\d{1,7}$"),
        metadata={"label": _m("Proposals"), "input": "select"},
    )


class LeaveOpenForm(DecisionForm):
    note = TrimmedString(
        required=True,
        validate=validate.Length(max=300),
        metadata={"label": _m("Why it stays open"), "placeholder": _m("Bank fee, wages, …")},
    )


@cache
def hand_form(currency: str) -> type[Schema]:
    """Match by hand; an empty amount takes as much as line and item leave."""
    return DecisionForm.from_dict(
        {
            "item_id": fields.UUID(
                required=True,
                error_messages={"required": _m("Choose an open item.")},
                metadata={"label": _m("Open item"), "input": "radio"},
            ),
            "amount": MoneyField(
                currency=currency,
                allow_none=True,
                load_default=None,
                metadata={
                    "label": _m("Part of the amount"),
                    "placeholder": _m("all that is left"),
                },
            ),
            "note": TrimmedString(
                load_default="",
                validate=validate.Length(max=300),
                metadata={"label": _m("Note")},
            ),
        },
        name=f"hand_form_{currency.lower()}",
    )
