"""The life of an invoice: draft, finalised, attempted, paid or not."""

from __future__ import annotations

from billing.sim.balance import settle_balance
from billing.sim.errors import bad_request
from billing.sim.events import emit
from billing.sim.lines import pending, recompute
from billing.sim.state import DAY, Obj, Store, new_id

GRACE = 3600
RETRY_AFTER = (3 * DAY, 5 * DAY, 6 * DAY)


def new_invoice(
    store: Store, subscription: Obj, owed: list[Obj], reason: str, period: tuple[int, int]
) -> Obj:
    customer = store.get("customers", subscription["customer"])
    now = store.now()
    owed = [*owed, *pending(store, customer["id"])]
    invoice: Obj = {
        "id": new_id("in"),
        "object": "invoice",
        "account_country": "FR",
        "account_name": "Coulisse",
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": now + GRACE,
        "billing_reason": reason,
        "collection_method": subscription["collection_method"],
        "created": now,
        "currency": subscription["currency"],
        "custom_fields": None,
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": None,
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [
            {"type": row["type"], "value": row["value"]}
            for row in store.table("tax_ids").values()
            if row["customer"] == customer["id"]
        ],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": subscription["default_tax_rates"],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": dict(subscription["metadata"]),
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "test_clock": None,
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "webhooks_delivered_at": now,
        "_owed": owed,
        "_lines": [],
        "_subscription": subscription["id"],
    }
    recompute(store, invoice)
    return invoice


def keep(store: Store, invoice: Obj) -> None:
    """From now on it stands, with the items that waited for it."""
    store.put("invoices", invoice)
    for entry in invoice["_owed"]:
        if "invoice_item" in entry:
            store.get("invoiceitems", entry["invoice_item"])["invoice"] = invoice["id"]


def finalize(store: Store, invoice: Obj, *, attempt: bool = True) -> None:
    if invoice["status"] != "draft":
        raise bad_request(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            code="invoice_not_editable",
        )
    recompute(store, invoice)
    customer = store.get("customers", invoice["customer"])
    now = store.now()
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    invoice["number"] = f"{customer['invoice_prefix']}-{sequence:04d}"
    invoice["status"] = "open"
    invoice["effective_at"] = now
    settle_balance(store, invoice)
    invoice["automatically_finalizes_at"] = None
    invoice["status_transitions"]["finalized_at"] = now
    subscription = store.get("subscriptions", invoice["_subscription"])
    if invoice["collection_method"] == "send_invoice":
        invoice["due_date"] = now + (subscription["days_until_due"] or 30) * DAY
    emit(store, "invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        _settled(store, invoice, None)
    elif attempt and invoice["collection_method"] == "send_invoice":
        emit(store, "invoice.sent", invoice)
    elif attempt and invoice["collection_method"] == "charge_automatically":
        attempt_payment(store, invoice)


def overdue(store: Store, invoice: Obj) -> None:
    """The day until which a sent invoice was to be paid is over."""
    invoice["_overdue"] = True
    emit(store, "invoice.overdue", invoice)
    subscription = store.get("subscriptions", invoice["_subscription"])
    if subscription["latest_invoice"] == invoice["id"]:
        set_status(store, subscription, "past_due", only_from=("active",))
    _mark_delinquent(store, invoice["customer"])


def pay_elsewhere(store: Store, invoice: Obj) -> None:
    """The money came by transfer."""
    _settled(store, invoice, None)


def method_for_subscription(store: Store, subscription: Obj) -> Obj | None:
    customer = store.get("customers", subscription["customer"])
    ident = (
        subscription["default_payment_method"]
        or customer["invoice_settings"]["default_payment_method"]
    )
    return store.table("payment_methods").get(ident) if ident else None


def method_for(store: Store, invoice: Obj, override: str | None = None) -> Obj | None:
    if override:
        return store.table("payment_methods").get(override)
    return method_for_subscription(store, store.get("subscriptions", invoice["_subscription"]))


def attempt_payment(store: Store, invoice: Obj, override: str | None = None) -> bool:
    method = method_for(store, invoice, override)
    payment = _payment(store, invoice)
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    refused = method is None or method["_declines"]
    if store.data["fail_charges"] > 0:
        store.data["fail_charges"] -= 1
        refused = True
    if refused:
        _refused(store, invoice)
        return False
    _settled(store, invoice, payment)
    return True


def _payment(store: Store, invoice: Obj) -> Obj:
    for row in store.table("invoice_payments").values():
        if row["invoice"] == invoice["id"] and row["status"] == "open":
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


def _settled(store: Store, invoice: Obj, payment: Obj | None) -> None:
    now = store.now()
    if payment is not None:
        payment["status"] = "paid"
        payment["amount_paid"] = payment["amount_requested"]
        payment["status_transitions"]["paid_at"] = now
    invoice["status"] = "paid"
    invoice["attempted"] = True
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = None
    invoice["amount_paid"] = invoice["amount_due"]
    invoice["amount_remaining"] = 0
    invoice["status_transitions"]["paid_at"] = now
    emit(store, "invoice.paid", invoice)
    emit(store, "invoice.payment_succeeded", invoice)
    if payment is not None:
        emit(store, "invoice_payment.paid", payment)
    subscription = store.get("subscriptions", invoice["_subscription"])
    if subscription["latest_invoice"] == invoice["id"]:
        set_status(store, subscription, "active", only_from=("incomplete", "past_due", "unpaid"))
    _mark_delinquent(store, invoice["customer"])


def _refused(store: Store, invoice: Obj) -> None:
    subscription = store.get("subscriptions", invoice["_subscription"])
    tries = invoice["attempt_count"]
    first = invoice["billing_reason"] == "subscription_create"
    again = not first and tries <= len(RETRY_AFTER)
    invoice["next_payment_attempt"] = store.now() + RETRY_AFTER[tries - 1] if again else None
    if not again:
        invoice["auto_advance"] = False
    emit(store, "invoice.payment_failed", invoice)
    if not first:
        status = "past_due" if again else "unpaid"
        set_status(store, subscription, status, only_from=("active", "past_due"))
        _mark_delinquent(store, invoice["customer"])


def _mark_delinquent(store: Store, ident: str) -> None:
    customer = store.get("customers", ident)
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


def void(store: Store, invoice: Obj) -> None:
    if invoice["status"] not in ("open", "uncollectible"):
        raise bad_request("You can only pass in open invoices.", code="invoice_not_editable")
    invoice["status"] = "void"
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = None
    invoice["amount_remaining"] = 0
    invoice["status_transitions"]["voided_at"] = store.now()
    emit(store, "invoice.voided", invoice)
