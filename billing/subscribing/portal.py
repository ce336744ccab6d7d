"""Stripe's page for the client's own payment method, VAT number, invoices and cancellation."""

from datetime import datetime

from billing.connection import gateway
from billing.gateway import StripeRefused, StripeUnavailable
from billing.queries import find_account
from billing.subscribing.services import RIGHT
from tenants.core.errors import Conflict, Unavailable
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

NOT_YET = _m(
    "Stripe does not know your company yet. Choose a plan first, or try again in a minute."
)
AWAY = _m("Stripe does not answer at the moment. Please try again in a minute.")


def call_portal(*, return_url: str, language: str, actor: Actor, now: datetime) -> str:
    """Its address, good for a short while; asked for twice within a minute it is the same. Conflict
    without a customer at Stripe, Unavailable while Stripe doesn't answer."""
    actor.require(RIGHT)
    account = find_account()
    if account is None or account.stripe_customer_id is None or account.customer_deleted_at:
        raise Conflict(NOT_YET, code="no_customer")
    key = f"portal:{scoped_tenant_id()}:{language}:{now:%Y%m%d%H%M}"
    try:
        return gateway().open_portal(
            account.stripe_customer_id, gateway().ensure_portal(), key, return_url=return_url,
            language=language,
        )  # fmt: skip
    except StripeUnavailable as error:
        raise Unavailable(AWAY) from error
    except StripeRefused as error:
        raise Conflict(NOT_YET, code="no_customer") from error
