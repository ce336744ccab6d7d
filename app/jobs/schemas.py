from marshmallow import Schema, validate

from app.web.fields import TrimmedString
from tenants.core.text import _m
from tenants.services.job_handling import REASON_LENGTH


class Reason(Schema):
    reason = TrimmedString(
        validate=validate.Length(max=REASON_LENGTH),
        metadata={"label": _m("Reason"), "help": _m("Colleagues read it beside the job.")},
    )


class DropReason(Schema):
    reason = TrimmedString(
        required=True,
        validate=validate.Length(
            min=1, max=REASON_LENGTH, error=_m("Say why this work is not needed any more.")
        ),
        metadata={
            "label": _m("Why is it not needed any more?"),
            "help": _m("Colleagues read it beside the job."),
        },
    )
