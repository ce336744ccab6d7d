"""The life of an invoice: draft, finalised, void or given up."""

from __future__ import annotations

from billing.sim.balance import settle_balance
from billing.sim.charging import (
    attempt_payment,
    mark_delinquent,
    no_longer_owed,
    set_status,
    settled,
    told_to_fail,
)
from billing.sim.errors import bad_request
from billing.sim.events import emit
from billing.sim.grants import give_back, use_grants
from billing.sim.lines import pending, recompute
from billing.sim.state import DAY, Obj, Store, new_id

GRACE = 3600


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


def bill_pending(store: Store, subscription: Obj) -> Obj | None:
    """A draft at once of everything that waits."""
    now = store.now()
    invoice = new_invoice(store, subscription, [], "subscription_update", (now, now))
    if not invoice["_owed"]:
        return None
    keep(store, invoice)
    subscription["latest_invoice"] = invoice["id"]
    emit(store, "invoice.created", invoice)
    return invoice


def finalize(store: Store, invoice: Obj, *, attempt: bool = True) -> None:
    if invoice["status"] != "draft":
        raise bad_request(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            code="invoice_not_editable",
        )
    recompute(store, invoice)
    if told_to_fail(store, invoice["customer"], "unfinalizable"):
        _not_finalized(store, invoice)
        return
    customer = store.get("customers", invoice["customer"])
    now = store.now()
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    invoice["last_finalization_error"] = None
    invoice["number"] = f"{customer['invoice_prefix']}-{sequence:04d}"
    invoice["status"] = "open"
    invoice["effective_at"] = now
    use_grants(store, invoice)
    settle_balance(store, invoice)
    invoice["automatically_finalizes_at"] = None
    invoice["status_transitions"]["finalized_at"] = now
    subscription = store.get("subscriptions", invoice["_subscription"])
    if invoice["collection_method"] == "send_invoice":
        invoice["due_date"] = now + _days(invoice, subscription) * DAY
    emit(store, "invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        settled(store, invoice, None)
    elif attempt and invoice["collection_method"] == "send_invoice":
        emit(store, "invoice.sent", invoice)
    elif attempt and invoice["collection_method"] == "charge_automatically":
        attempt_payment(store, invoice)


def _days(invoice: Obj, subscription: Obj) -> int:
    return int(invoice.get("_days") or subscription["days_until_due"] or 30)


def _not_finalized(store: Store, invoice: Obj) -> None:
    """As when the customer's place for the taxes isn't known; tried again an hour later."""
    invoice["automatically_finalizes_at"] = store.now() + GRACE
    invoice["last_finalization_error"] = {
        "code": "customer_tax_location_invalid",
        "message": "The customer's location isn't recognized.",
        "type": "invalid_request_error",
    }
    emit(store, "invoice.finalization_failed", invoice)


def overdue(store: Store, invoice: Obj) -> None:
    """The day until which a sent invoice was to be paid is over."""
    invoice["_overdue"] = True
    emit(store, "invoice.overdue", invoice)
    subscription = store.get("subscriptions", invoice["_subscription"])
    if subscription["latest_invoice"] == invoice["id"]:
        set_status(store, subscription, "past_due", only_from=("active",))
    mark_delinquent(store, invoice["customer"])


def void(store: Store, invoice: Obj) -> None:
    if invoice["status"] not in ("open", "uncollectible"):
        raise bad_request("You can only pass in open invoices.", code="invoice_not_editable")
    invoice["amount_remaining"] = 0
    give_back(store, invoice)
    _close(store, invoice, "void", "voided")


def mark_uncollectible(store: Store, invoice: Obj) -> None:
    if invoice["status"] != "open":
        raise bad_request("You can only pass in open invoices.", code="invoice_not_editable")
    _close(store, invoice, "uncollectible", "marked_uncollectible")


def _close(store: Store, invoice: Obj, status: str, verb: str) -> None:
    invoice |= {"status": status, "auto_advance": False, "next_payment_attempt": None}
    invoice["status_transitions"][f"{verb}_at"] = store.now()
    emit(store, f"invoice.{verb}", invoice)
    no_longer_owed(store, invoice)
