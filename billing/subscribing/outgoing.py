"""The chain of effects behind a client's choice: customer, prices, Stripe's page. Each is promised
when the one before is known to have happened."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from billing.gateway import StripeGateway, StripeRefused
from billing.models import BillingAccount
from billing.subscribing.models import CheckoutAttempt
from billing.subscribing.queries import find_open_attempt, get_attempt
from tenants import outbox
from tenants.core.db import db
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

Json = dict[str, Any]
OPEN, EXPIRE = "open_checkout", "expire_checkout"
VERBS = (OPEN, EXPIRE)


def open_checkout(*, account: BillingAccount, attempt: CheckoutAttempt, base_url: str) -> None:
    tenant = get_tenant()
    params = {
        "tenant_id": str(tenant.id), "name": account.billing_name,
        "email": account.billing_email, "country": account.country,
        "language": tenant.language, "card": None,
        "page": f"{base_url}/c/{tenant.slug}/subscription", **_of(attempt),
    }  # fmt: skip
    if account.stripe_customer_id is None:
        gone = account.customer_deleted_at
        after = {"after": gone.isoformat()} if gone else {}
        promise("create_customer", params | after)
    else:
        promise("open_catalogue", params | {"customer": account.stripe_customer_id})


def go_on(*, params: Json, customer: str) -> None:
    """With the choice that counts by now: another one may have taken its place while Stripe made the
    customer."""
    attempt = find_open_attempt()
    if attempt is not None:
        promise("open_catalogue", params | _of(attempt) | {"customer": customer})


def _of(attempt: CheckoutAttempt) -> Json:
    return {
        "checkout": str(attempt.id), "plan": attempt.plan_key, "version": attempt.plan_version,
        "interval": attempt.interval, "start": int(attempt.begun_at.timestamp()),
    }  # fmt: skip


def expire_checkout(*, session: str) -> None:
    promise(EXPIRE, {"session": session, "checkout": session})


def promise(verb: str, params: Json) -> None:
    """Once for an account, or once for an attempt to subscribe; a customer once more after the one
    before was deleted."""
    about = params.get("checkout")
    key = f"billing:{verb}:{about}" if about and verb != "create_customer" else f"billing:{verb}"
    if verb == "create_customer" and params.get("after"):
        key += f":after:{params['after']}"
    outbox.send(kind="stripe", verb=verb, dedupe_key=key, params=params, queue="billing")


def perform(stripe: StripeGateway, *, verb: str, params: Json, key: str) -> Any:
    """Call Stripe; touches no table."""
    if verb == EXPIRE:
        try:
            return stripe.expire_checkout(params["session"], key)["id"]
        except StripeRefused:
            # Paid or over meanwhile: the mirror says which.
            return params["session"]
    opened = stripe.create_checkout(
        params["customer"], params["items"],
        {"tenant_id": params["tenant_id"], "plan": params["plan"],
         "plan_version": str(params["version"])},
        key, reference=params["tenant_id"], language=params["language"],
        success_url=f"{params['page']}/checkout?session={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{params['page']}/plans", trial_end=params["trial_end"],
        default_tax_rates=params["taxes"],
    )  # fmt: skip
    return {"id": opened["id"], "url": opened["url"], "expires_at": opened["expires_at"]}


def trial_end_of(params: Json) -> int | None:
    attempt = get_attempt(attempt_id=UUID(params["checkout"]))
    return int(attempt.trial_end.timestamp()) if attempt.trial_end else None


def settle(*, verb: str, params: Json, result: Any) -> None:
    if verb == EXPIRE:
        return
    noted = (
        db.session.execute(
            update(CheckoutAttempt)
            .where(
                CheckoutAttempt.tenant_id == scoped_tenant_id(),
                CheckoutAttempt.id == UUID(params["checkout"]),
            )
            .values(
                stripe_session_id=result["id"], url=result["url"],
                expires_at=datetime.fromtimestamp(result["expires_at"], UTC),
            )
            .returning(CheckoutAttempt.state)
            .execution_options(synchronize_session=False)
        ).scalar_one()
    )  # fmt: skip
    if noted == "superseded":
        # Another choice came while Stripe opened this one.
        expire_checkout(session=result["id"])
