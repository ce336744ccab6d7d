"""Forms of a request that the contract doesn't cover."""

from collections.abc import Mapping

from marshmallow import fields, validate

from app.service_requests.schemas import ActForm, long_text
from app.web.fields import MoneyField, TrimmedString
from billing.plans import CURRENCY
from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}


class OfferForm(ActForm):
    price = MoneyField(
        currency=CURRENCY,
        required=True,
        metadata={"label": _m("Price before VAT, in EUR"), "placeholder": "450"},
    )
    body = TrimmedString(
        required=True,
        validate=validate.Length(max=4_000),
        metadata={
            "label": _m("What the client gets for it"),
            "input": "textarea",
            "rows": 4,
            "help": _m("The client's approver reads exactly this and accepts it."),
        },
    )
    valid_until = fields.Date(required=True, metadata={"label": _m("Valid until")})
    start_on = fields.Date(
        allow_none=True,
        load_default=None,
        metadata={
            "label": _m("Start on"), "help": _m("Empty: as soon as the price is accepted."),
        },
    )  # fmt: skip


class _Decision(ActForm):
    offered = fields.String(
        required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"), metadata=_HIDDEN
    )


class AcceptOfferForm(_Decision):
    code = TrimmedString(
        required=True,
        validate=validate.Length(max=20),
        metadata={
            "label": _m("Code from your authenticator app"),
            "autocomplete": "one-time-code",
            "placeholder": "123 456",
        },
    )


class DeclineOfferForm(_Decision):
    reason = long_text(_m("Reason"), rows=2)


class CoverForm(ActForm):
    reason = long_text(
        _m("Reason"), rows=2, help=_m("Kept in the history, which the client reads.")
    )


OFFER_FORMS: Mapping[str, type[ActForm]] = {
    "offer": OfferForm,
    "accept_offer": AcceptOfferForm,
    "decline_offer": DeclineOfferForm,
    "cover": CoverForm,
}
