"""Where Stripe's events arrive: checked, kept, answered. Stripe isn't called from here."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from billing import services
from billing.connection import gateway
from billing.gateway import WebhookRefused
from billing.queries import find_customer_owner
from tenants import scoping
from tenants.core import clock
from tenants.core.db import unit_of_work
from tenants.endpoints import webhook

bp = Blueprint("billing_webhooks", __name__)

LONGEST = 1024 * 1024


@bp.post("/webhooks/stripe")
@webhook
def receive() -> ResponseReturnValue:
    request.max_content_length = LONGEST
    try:
        raw = request.get_data(cache=False)
        event = gateway().parse_webhook(
            raw, request.headers.get("Stripe-Signature", ""), int(clock.real_now().timestamp())
        )
    except RequestEntityTooLarge:
        return "", 413
    except WebhookRefused:
        return "", 400
    _keep(event)
    return "", 200


def _keep(event: dict[str, Any]) -> None:
    customer = services.customer_of(event)
    owner = None
    if customer:
        with unit_of_work():
            owner = find_customer_owner(customer)
        scoping.leave()
    if owner is None:
        services.park_event(event=event)
        return
    scoping.enter(scoping.Scope(tenant_id=owner, side="provider"))
    services.receive_event(event=event)
