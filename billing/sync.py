"""The mirror of a customer. Stripe's state is fetched whole and put down whole, in the order of
`sync_version`: it doesn't matter which events arrive, how often, or in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from billing import queries
from billing.closing import close_period
from billing.credits import notes
from billing.gateway import StripeGateway
from billing.models import (
    ENDED,
    BillingAccount,
    StripeInvoice,
    StripeInvoiceLine,
    Subscription,
    SubscriptionItem,
    WebhookEvent,
)
from billing.plans import AGREED, BY_KEY
from billing.prices.queries import lookup_keys
from billing.taxes import mirror as taxes
from billing.taxes.queries import get_seller, hold
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.scoping import current_scope

Json = Mapping[str, Any]

# Older invoices don't change any more, unless they are open, and those are always fetched.
RECENT = timedelta(days=62)
FINAL = ("open", "paid", "uncollectible", "void")


@dataclass(frozen=True, slots=True)
class Begun:
    """Every event received before `since` is contained in what is fetched after it."""

    customer: str
    version: int
    since: datetime
    whole: bool


def begin(*, event_id: str | None = None) -> Begun | None:
    """None without a customer, or when an earlier sync took care of this event already."""
    account = queries.find_account()
    if account is None or account.stripe_customer_id is None:
        # What a deleted customer's last events say is known already.
        _note_done(event_id)
        return None
    if event_id is not None and queries.find_webhook_state(event_id=event_id) == "done":
        return None
    since = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return Begun(
        account.stripe_customer_id, account.sync_version, since, whole=account.synced_at is None
    )


def _note_done(event_id: str | None) -> None:
    db.session.execute(
        update(WebhookEvent)
        .where(
            WebhookEvent.owner_tenant == current_scope().tenant_id,
            WebhookEvent.event_id == event_id,
            WebhookEvent.state == "new",
        )
        .values(state="done", done_at=func.now())
        .execution_options(synchronize_session=False)
    )


def fetch(gateway: StripeGateway, begun: Begun, *, now: datetime) -> Json:
    """Calls Stripe, touches no table."""
    since = None if begun.whole else int((now - RECENT).timestamp())
    state = gateway.fetch_customer_state(begun.customer, invoices_since=since)
    own = {"credits": notes.fetch(gateway, begun.customer, state)}
    return {**state, **own, **taxes.fetch(gateway, state)}


def apply(begun: Begun, state: Json, *, now: datetime) -> bool:
    """False when another sync was faster: begin anew."""
    customer = state["customer"]
    version, keys = begun.version + 1, lookup_keys()
    gone = bool(customer.get("deleted"))
    account = hold()
    if account is None or account.sync_version != begun.version:
        return False
    taken = db.session.execute(
        update(BillingAccount)
        .where(
            BillingAccount.tenant_id == current_scope().tenant_id,
            BillingAccount.sync_version == begun.version,
        )
        .values(
            sync_version=version,
            synced_at=now,
            has_payment_method=not gone and _pays_by_card(customer, state["subscriptions"]),
            **_subscribed(state["subscriptions"], keys),
            **taxes.account_values(account, state),
            **({"customer_deleted_at": now, "stripe_customer_id": None} if gone else {}),
        )
        .returning(BillingAccount.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        return False
    for subscription in state["subscriptions"]:
        _put_subscription(subscription, keys, version)
    home = get_seller().country
    for invoice in state["invoices"]:
        _put_invoice(invoice, keys, version, home)
    _forget_drafts(version)
    notes.apply(state["credits"], customer, version=version)
    _close_periods()
    db.session.execute(
        update(WebhookEvent)
        .where(
            WebhookEvent.owner_tenant == current_scope().tenant_id,
            WebhookEvent.state == "new",
            WebhookEvent.received_at < begun.since,
        )
        .values(state="done", done_at=now)
        .execution_options(synchronize_session=False)
    )
    return True


def at(stamp: int | None) -> datetime | None:
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)


def _pays_by_card(customer: Json, subscriptions: Sequence[Json]) -> bool:
    """Checkout leaves the card at the subscription, the portal at the customer."""
    return customer["invoice_settings"]["default_payment_method"] is not None or any(
        one["default_payment_method"] is not None for one in _live(subscriptions)
    )


def _live(subscriptions: Sequence[Json]) -> list[Json]:
    return [one for one in subscriptions if one["status"] not in ENDED]


def _subscribed(
    subscriptions: Sequence[Json], keys: Mapping[str, str], *, ended: bool = False
) -> dict[str, Any]:
    """The plan of the subscription that counts, by the price of its base: what somebody chose
    meanwhile and didn't pay is not it."""
    found = subscriptions if ended else _live(subscriptions)
    live = min(found, key=lambda one: one["start_date"], default=None)
    for item in live["items"] if live else ():
        part = BY_KEY.get(keys.get(item["price"]["id"], ""))
        if part is not None and part.kind == "base":
            return {
                "plan_key": part.plan, "plan_version": part.version, "interval": part.interval,
            }  # fmt: skip
    return {}


def _put(model: Any, keys: Sequence[str], values: dict[str, Any]) -> None:
    row = insert(model).values(tenant_id=current_scope().tenant_id, id=uuid7(), **values)
    kept = {name: row.excluded[name] for name in values if name not in keys}
    db.session.execute(row.on_conflict_do_update(index_elements=["tenant_id", *keys], set_=kept))


def _paused(given: Json) -> str:
    details = (given.get("status_details") or {}).get("paused") or {}
    return str((details.get("subscription") or {}).get("type") or "")


def _put_subscription(given: Json, keys: Mapping[str, str], version: int) -> None:
    _put(
        Subscription,
        ["stripe_subscription_id"],
        {
            "stripe_subscription_id": given["id"],
            "plan_key": _subscribed([given], keys, ended=True).get("plan_key")
            or given["metadata"].get("plan", AGREED.key),
            "status": given["status"],
            "started_at": at(given["start_date"]),
            "cancel_at": at(given["cancel_at"]),
            "cancel_at_period_end": given["cancel_at_period_end"],
            "canceled_at": at(given["canceled_at"]),
            "ended_at": at(given["ended_at"]),
            "trial_end": at(given.get("trial_end")),
            "paused_reason": _paused(given),
            "by_invoice": given["collection_method"] == "send_invoice",
            "latest_invoice_id": given["latest_invoice"],
            "pending_until": at((given.get("pending_update") or {}).get("expires_at")),
            "schedule_id": given.get("schedule"),
            "sync_version": version,
        },
    )
    for item in given["items"]:
        _put(
            SubscriptionItem,
            ["stripe_item_id"],
            {
                "stripe_item_id": item["id"],
                "stripe_subscription_id": given["id"],
                "lookup_key": keys.get(item["price"]["id"], ""),
                "quantity": item.get("quantity"),
                "period_start": at(item["current_period_start"]),
                "period_end": at(item["current_period_end"]),
                "sync_version": version,
            },
        )
    db.session.execute(
        delete(SubscriptionItem).where(
            SubscriptionItem.tenant_id == current_scope().tenant_id,
            SubscriptionItem.stripe_subscription_id == given["id"],
            SubscriptionItem.sync_version < version,
        )
    )


def _put_invoice(given: Json, keys: Mapping[str, str], version: int, home: str) -> None:
    moments = given["status_transitions"]
    details = (given.get("parent") or {}).get("subscription_details") or {}
    _put(
        StripeInvoice,
        ["stripe_invoice_id"],
        {
            "stripe_invoice_id": given["id"],
            "stripe_subscription_id": details.get("subscription"),
            "number": given["number"],
            "status": given["status"],
            "billing_reason": given["billing_reason"] or "",
            "currency": given["currency"].upper(),
            "subtotal": given["subtotal"],
            "total_tax": sum(tax["amount"] for tax in given["total_taxes"] or ()),
            "total": given["total"],
            "amount_due": given["amount_due"],
            "amount_paid": given["amount_paid"],
            "amount_remaining": given["amount_remaining"],
            "invoiced_at": at(given["created"]),
            "period_start": at(given["period_start"]),
            "period_end": at(given["period_end"]),
            "due_at": at(given["due_date"]),
            "finalizes_at": at(given["automatically_finalizes_at"]),
            "finalized_at": at(moments["finalized_at"]),
            "paid_at": at(moments["paid_at"]),
            "voided_at": at(moments["voided_at"]),
            "attempt_count": given["attempt_count"],
            "next_attempt_at": at(given["next_payment_attempt"]),
            "hosted_url": given["hosted_invoice_url"],
            "pdf_url": given["invoice_pdf"],
            **taxes.invoice_values(given, home),
            "sync_version": version,
        },
    )
    mine = (
        StripeInvoiceLine.tenant_id == current_scope().tenant_id,
        StripeInvoiceLine.stripe_invoice_id == given["id"],
    )
    db.session.execute(delete(StripeInvoiceLine).where(*mine))
    rows = [_line(line, given["id"], place, keys) for place, line in enumerate(given["lines"])]
    if rows:
        tenant_id = current_scope().tenant_id
        db.session.execute(
            insert(StripeInvoiceLine),
            [{"tenant_id": tenant_id, "id": uuid7(), "sync_version": version, **r} for r in rows],
        )


def _line(line: Json, invoice_id: str, place: int, keys: Mapping[str, str]) -> dict[str, Any]:
    pricing = line["pricing"] or {}
    price = (pricing.get("price_details") or {}).get("price", "")
    quantity = line.get("quantity_decimal") or line.get("quantity")
    unit = pricing.get("unit_amount_decimal")
    return {
        "stripe_invoice_id": invoice_id,
        "stripe_line_id": line["id"],
        "place": place,
        "lookup_key": keys.get(price, ""),
        "description": line["description"] or "",
        "stripe_item_id": _item_of(line),
        "quantity": None if quantity is None else Decimal(quantity),
        "unit_amount": None if unit is None else Decimal(unit),
        "amount": line["amount"],
        "currency": line["currency"].upper(),
        "period_start": at(line["period"]["start"]),
        "period_end": at(line["period"]["end"]),
    }


def _item_of(line: Json) -> str:
    details = (line.get("parent") or {}).get("invoice_item_details") or {}
    return str(details.get("invoice_item") or "")


def _forget_drafts(version: int) -> None:
    """Only drafts can be deleted at Stripe, and a draft is always recent."""
    tenant_id = current_scope().tenant_id
    gone = (
        db.session.execute(
            delete(StripeInvoice)
            .where(
                StripeInvoice.tenant_id == tenant_id,
                StripeInvoice.status == "draft",
                StripeInvoice.sync_version < version,
            )
            .returning(StripeInvoice.stripe_invoice_id)
        )
        .scalars()
        .all()
    )
    if gone:
        db.session.execute(
            delete(StripeInvoiceLine).where(
                StripeInvoiceLine.tenant_id == tenant_id,
                StripeInvoiceLine.stripe_invoice_id.in_(gone),
            )
        )


def _close_periods() -> None:
    tenant_id: UUID | None = current_scope().tenant_id
    account = db.session.execute(
        select(BillingAccount)
        .where(BillingAccount.tenant_id == tenant_id)
        .execution_options(populate_existing=True)
    ).scalar_one()
    final = db.session.execute(
        select(StripeInvoice)
        .where(
            StripeInvoice.tenant_id == tenant_id,
            StripeInvoice.billing_reason == "subscription_cycle",
            StripeInvoice.status.in_(FINAL),
        )
        .order_by(StripeInvoice.period_end)
        .execution_options(populate_existing=True)
    ).scalars()
    for invoice in final:
        if account.invoiced_until is None or invoice.period_end > account.invoiced_until:
            close_period(invoice=invoice)
            account.invoiced_until = invoice.period_end
            db.session.flush()
