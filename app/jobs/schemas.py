from marshmallow import Schema, validate

from app.web.fields import TrimmedString
from tenants.core.text import _m
from tenants.services.job_handling import LONGEST_REASON


class Reason(Schema):
    reason = TrimmedString(
        validate=validate.Length(max=LONGEST_REASON),
        metadata={"label": _m("Reason"), "help": _m("Colleagues read it beside the job.")},
    )


class DropReason(Schema):
    reason = TrimmedString(
        required=True,
        validate=validate.Length(max=LONGEST_REASON),
        error_messages={"required": _m("Say why this work is not needed any more.")},
        metadata={
            "label": _m("Why is it not needed any more?"),
            "help": _m("Colleagues read it beside the job."),
        },
    )
