"""Forms of the page that explains a request's clocks."""

from marshmallow import fields, validate

from app.service_requests.schemas import ActForm, long_text
from app.web.fields import TrimmedString
from tenants.core.text import _m


class ContestForm(ActForm):
    words = long_text(
        _m("Why should this time count?"),
        rows=2,
        help=_m("For example: you had answered already, or the question was not needed."),
    )


class ExclusionForm(ActForm):
    kind = fields.String(
        required=True,
        validate=validate.OneOf(("spam", "force_majeure")),
        metadata={
            "label": _m("Why it should not count"),
            "input": "radio",
            "choices": [
                ("spam", _m("Spam")),
                ("force_majeure", _m("Force majeure, confirmed by a second reviewer")),
            ],
        },
    )
    words = long_text(_m("What happened"), rows=2, help=_m("The client reads it."))


class VerdictForm(ActForm):
    outcome = fields.String(
        required=True,
        validate=validate.OneOf(("upheld", "declined")),
        metadata={
            "label": _m("Decision"),
            "input": "radio",
            "choices": [
                ("upheld", _m("This time counts as ours")),
                ("declined", _m("The pause stands")),
            ],
        },
    )
    answer = TrimmedString(
        load_default="",
        validate=validate.Length(max=10_000),
        metadata={
            "label": _m("Your answer to the client"),
            "input": "textarea",
            "rows": 2,
            "help": _m("Needed when the pause stands: the client reads it."),
        },
    )
