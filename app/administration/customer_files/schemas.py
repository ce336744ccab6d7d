"""The form of a customer file: that of the directory, and a second contact."""

from marshmallow import Schema, fields, validate

from app.directory.data import LABELS
from app.directory.schemas import SECTIONS as OF_DIRECTORY
from app.directory.schemas import PartyForm
from app.web.fields import TrimmedString
from tenants.core.text import _m

_SECOND = {
    "second_name": (LABELS["name"], 120, "text"), "second_job": (LABELS["contact_job"], 80, "text"),
    "second_email": (LABELS["contact_email"], 200, "email"),
    "second_phone": (LABELS["contact_phone"], 40, "tel"),
}  # fmt: skip
SECOND = tuple(_SECOND)
CustomerFileForm: type[Schema] = PartyForm.from_dict(
    {
        name: TrimmedString(
            load_default="", validate=validate.Length(max=most),
            metadata={"label": label, "input": kind},
        )
        for name, (label, most, kind) in _SECOND.items()
    },
    name="CustomerFileForm",
)  # fmt: skip
_CONTACT = next(n for n, (_, rows) in enumerate(OF_DIRECTORY) if "contact_name" in rows[0]) + 1
SECTIONS = (
    *OF_DIRECTORY[:_CONTACT],
    (_m("Second contact"), (("second_name", "second_job"), ("second_email", "second_phone"))),
    *OF_DIRECTORY[_CONTACT:],
)


class TakeForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    party = fields.Integer(required=True, validate=validate.Range(min=1, max=2**31 - 1))


class FinishForm(Schema):
    """`version` is that of the entry."""

    client = fields.String(load_default="", metadata={"input": "hidden"})
    version = fields.Integer(load_default=None, metadata={"input": "hidden"})
