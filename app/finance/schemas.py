"""Forms of the payment control: for whom and from which files each was made stands in it."""

from functools import cache

from marshmallow import Schema, fields, validate

from app.service_requests.schemas import ActForm
from app.web.fields import MoneyField, TrimmedString
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}
STATEMENT_SUFFIXES = ".xml,.sta,.mt940,.940,.txt,.csv,.zip"
DIFFERENCES = {
    "small_difference": _m("is a small difference"),
    "bank_charge": _m("are bank charges"),
    "cash_discount": _m("is cash discount"),
}
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
    """`chosen` is the least confidence (or `learned`) and the number of proposals shown beside it:
    `90-34`."""

    chosen = fields.String(
        required=True,
        validate=validate.Regexp(r"^(\d{1,3}|learned)-\d{1,7}$"),
        metadata={"label": _m("Proposals"), "input": "select"},
    )


class LeaveOpenForm(DecisionForm):
    note = TrimmedString(
        required=True,
        validate=validate.Length(max=300),
        metadata={"label": _m("Why it stays open"), "placeholder": _m("Bank fee, wages, …")},
    )


class LeaveLearnedForm(DecisionForm):
    """`expected` is the number of lines shown beside the button."""

    expected = fields.Integer(required=True, validate=validate.Range(min=1))


class LinesForm(DecisionForm):
    """Lines that together pay one item."""

    line_id = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(min=1, max=60, error=_m("Choose at least one line.")),
        metadata={"label": _m("Statement lines"), "input": "checkbox"},
    )
    note = TrimmedString(
        load_default="", validate=validate.Length(max=300), metadata={"label": _m("Note")}
    )


class SwitchForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    on = fields.Boolean(load_default=False)


class ToleranceForm(Schema):
    """Both limits hold; the lower one counts."""

    client = fields.String(load_default="", metadata=_HIDDEN)
    currency = TrimmedString(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z]{3}$", error=_m("Write the three letters, like EUR.")),
        metadata={"label": _m("Currency"), "placeholder": "EUR"},
    )
    absolute = MoneyField(currency_field="currency", required=True,
                          metadata={"label": _m("At most")})  # fmt: skip
    percent = fields.Decimal(
        required=True,
        places=2,
        validate=validate.Range(min=0, max=2),
        metadata={"label": _m("and at most, of the item"), "suffix": "%"},
    )


@cache
def hand_form(currency: str) -> type[Schema]:
    """Match by hand; an empty amount takes as much as line and item leave. Parts of several items
    come beside it, as `amount-<item>`."""
    return DecisionForm.from_dict(
        {
            "item_id": fields.List(
                fields.UUID(),
                required=True,
                validate=validate.Length(min=1, max=60, error=_m("Choose an open item.")),
                metadata={"label": _m("Open items"), "input": "checkbox"},
            ),
            "amount": MoneyField(
                currency=currency, allow_none=True, load_default=None,
                metadata={"label": _m("Part of the amount")},
            ),
            "difference": fields.String(
                load_default="",
                validate=validate.OneOf(["", *DIFFERENCES], labels=["", *DIFFERENCES.values()]),
                metadata={
                    "label": _m("What is left"),
                    "input": "select",
                    "choices": [("", _m("stays open")), *DIFFERENCES.items()],
                },
            ),
            "note": TrimmedString(
                load_default="",
                validate=validate.Length(max=300),
                metadata={"label": _m("Note")},
            ),
        },
        name=f"hand_form_{currency.lower()}",
    )  # fmt: skip
