"""Attempts to get an invoice paid, and what they do to the subscription behind it."""

from __future__ import annotations

from billing.sim.events import emit
from billing.sim.state import DAY, Obj, Store, new_id

RETRY_AFTER = (3 * DAY, 5 * DAY, 6 * DAY)
FINAL_ACTIONS = ("unpaid", "cancel", "pause", "past_due")


def method_for_subscription(store: Store, subscription: Obj) -> Obj | None:
    customer = store.table("customers").get(subscription["customer"])
    ident = subscription["default_payment_method"]
    if customer and not ident:
        ident = customer["invoice_settings"]["default_payment_method"]
    return store.table("payment_methods").get(ident) if ident else None


def method_for(store: Store, invoice: Obj, override: str | None = None) -> Obj | None:
    if override:
        return store.table("payment_methods").get(override)
    return method_for_subscription(store, store.get("subscriptions", invoice["_subscription"]))


def told_to_fail(store: Store, customer: str | None, what: str = "failing") -> bool:
    """By the control panel: the next charges of this customer, or of anybody."""
    failing: dict[str, int] = store.data[what]
    for name in (customer or "", "*"):
        if failing.get(name, 0) > 0:
            failing[name] -= 1
            return True
    return False


def attempt_payment(
    store: Store, invoice: Obj, override: str | None = None, *, confirmed: bool = False
) -> bool:
    """`confirmed`: the holder of the card is there and confirms what the bank asks."""
    method = method_for(store, invoice, override)
    payment = _payment(store, invoice)
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    asks = method is not None and method.get("_asks") and not confirmed
    if told_to_fail(store, invoice["customer"]) or method is None or method["_declines"] or asks:
        _refused(store, invoice, asks=bool(asks))
        return False
    settled(store, invoice, payment)
    return True


def _payment(store: Store, invoice: Obj) -> Obj:
    for row in store.table("invoice_payments").values():
        if row["invoice"] == invoice["id"] and row["status"] == "open":
            row["amount_requested"] = invoice["amount_remaining"]
            return row
    return store.put(
        "invoice_payments",
        {
            "id": new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_remaining"],
            "created": store.now(),
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": new_id("pi"), "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        },
    )


def settled(store: Store, invoice: Obj, payment: Obj | None) -> None:
    """Paid, by a card or in another way."""
    now = store.now()
    if payment is not None:
        payment["status"] = "paid"
        payment["amount_paid"] = payment["amount_requested"]
        payment["status_transitions"]["paid_at"] = now
    invoice["status"] = "paid"
    invoice["attempted"] = True
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = None
    invoice["amount_paid"] += invoice["amount_remaining"]
    invoice["amount_remaining"] = 0
    invoice["status_transitions"]["paid_at"] = now
    emit(store, "invoice.paid", invoice)
    emit(store, "invoice.payment_succeeded", invoice)
    if payment is not None:
        emit(store, "invoice_payment.paid", payment)
    no_longer_owed(store, invoice)


def no_longer_owed(store: Store, invoice: Obj) -> None:
    """Paid, void or given up: the subscription of the newest invoice lives again."""
    subscription = store.get("subscriptions", invoice["_subscription"])
    if subscription["pending_update"] and subscription["_waiting"]["invoice"] == invoice["id"]:
        _decide_pending(store, subscription, applied=invoice["status"] == "paid")
    if subscription["latest_invoice"] == invoice["id"]:
        asleep: tuple[str, ...] = ("past_due", "unpaid")
        if invoice["status"] == "paid":
            asleep = ("incomplete", *asleep)
        set_status(store, subscription, "active", only_from=asleep)
        if invoice.pop("_resumes", False) and subscription["status"] == "paused":
            wake(store, subscription)
    mark_delinquent(store, invoice["customer"])


def _decide_pending(store: Store, subscription: Obj, *, applied: bool) -> None:
    before, subscription["pending_update"] = subscription["pending_update"], None
    waiting = subscription.pop("_waiting")
    if applied:
        subscription["_items"] = waiting["items"]
        emit(store, "customer.subscription.pending_update_applied", subscription)
    else:
        emit(store, "customer.subscription.pending_update_expired", subscription)
    emit(store, "customer.subscription.updated", subscription, {"pending_update": before})


def _refused(store: Store, invoice: Obj, *, asks: bool) -> None:
    subscription = store.get("subscriptions", invoice["_subscription"])
    tries = invoice["attempt_count"]
    first = invoice["billing_reason"] == "subscription_create"
    bound = invoice.get("_changes") is not None
    again = not first and not bound and tries <= len(RETRY_AFTER)
    invoice["next_payment_attempt"] = store.now() + RETRY_AFTER[tries - 1] if again else None
    if not again:
        invoice["auto_advance"] = False
    if asks:
        emit(store, "invoice.payment_action_required", invoice)
    emit(store, "invoice.payment_failed", invoice)
    if first or bound:
        return
    if again or store.data["dunning"] == "past_due":
        set_status(store, subscription, "past_due", only_from=("active",))
    else:
        _give_up(store, subscription)
    mark_delinquent(store, invoice["customer"])


def _give_up(store: Store, subscription: Obj) -> None:
    """After the last retry, as the account is set."""
    if subscription["status"] not in ("active", "past_due"):
        return
    final = store.data["dunning"]
    if final == "cancel":
        end_subscription(store, subscription, "payment_failed")
    elif final == "pause":
        stop(store, subscription, "final_payment_failure")
    else:
        set_status(store, subscription, "unpaid", only_from=("active", "past_due"))


def mark_delinquent(store: Store, ident: str) -> None:
    customer = store.table("customers").get(ident)
    if customer is None:
        return
    overdue = any(
        row["status"] == "open"
        and (row["attempted"] or row.get("_overdue"))
        and row["customer"] == ident
        for row in store.table("invoices").values()
    )
    if customer["delinquent"] is not overdue:
        customer["delinquent"] = overdue
        emit(store, "customer.updated", customer, {"delinquent": not overdue})


def set_status(store: Store, subscription: Obj, status: str, *, only_from: tuple[str, ...]) -> None:
    before = subscription["status"]
    if before == status or before not in only_from:
        return
    subscription["status"] = status
    if not subscription.get("_starting"):
        emit(store, "customer.subscription.updated", subscription, {"status": before})


def stop(store: Store, subscription: Obj, reason: str) -> None:
    before = subscription["status"]
    subscription["status"] = "paused"
    subscription["status_details"] = {
        "paused": {
            "subscription": {"type": reason},
            "transitioned_at": store.now(),
            "type": "subscription",
        }
    }
    emit(store, "customer.subscription.updated", subscription, {"status": before})
    emit(store, "customer.subscription.paused", subscription)


def wake(store: Store, subscription: Obj) -> None:
    subscription["status"] = "active"
    subscription["status_details"] = None
    emit(store, "customer.subscription.updated", subscription, {"status": "paused"})
    emit(store, "customer.subscription.resumed", subscription)


def end_subscription(store: Store, subscription: Obj, reason: str) -> None:
    now = store.now()
    subscription["status"] = "canceled"
    subscription["status_details"] = None
    subscription["canceled_at"] = subscription["canceled_at"] or now
    subscription["ended_at"] = now
    subscription["cancellation_details"]["reason"] = reason
    if subscription["schedule"]:
        schedule = store.get("subscription_schedules", subscription["schedule"])
        schedule |= {"status": "canceled", "current_phase": None, "canceled_at": now}
        subscription["schedule"] = None
        emit(store, "subscription_schedule.canceled", schedule)
    emit(store, "customer.subscription.deleted", subscription)
