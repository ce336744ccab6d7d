"""What a customer has to its credit (negative) or owes (positive) at its next invoice."""

from __future__ import annotations

from billing.sim.errors import bad_request, missing_param
from billing.sim.events import emit
from billing.sim.params import Params, integer, merged_metadata, required, text
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown


def move_balance(
    store: Store,
    customer: Obj,
    amount: int,
    kind: str,
    *,
    invoice: str | None = None,
    credit_note: str | None = None,
    currency: str,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Obj:
    before = customer["balance"]
    customer["balance"] = before + amount
    row: Obj = {
        "id": new_id("cbtxn"),
        "object": "customer_balance_transaction",
        "amount": amount,
        "checkout_session": None,
        "created": store.now(),
        "credit_note": credit_note,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "description": description,
        "ending_balance": customer["balance"],
        "invoice": invoice,
        "livemode": False,
        "metadata": metadata or {},
        "type": kind,
    }
    store.put("balance_transactions", row)
    emit(store, "customer.updated", customer, {"balance": before})
    return row


def settle_balance(store: Store, invoice: Obj) -> None:
    """At finalisation: credit lowers what is due, and a negative invoice becomes credit."""
    customer = store.get("customers", invoice["customer"])
    invoice["starting_balance"] = customer["balance"]
    left = min(0, customer["balance"] + invoice["total"])
    invoice["ending_balance"] = left
    if left != customer["balance"]:
        move_balance(
            store,
            customer,
            left - customer["balance"],
            "applied_to_invoice",
            invoice=invoice["id"],
            currency=invoice["currency"],
        )


def create_transaction(store: Store, params: Params, ident: str) -> Obj:
    customer = store.get("customers", ident, status=404)
    amount = integer(params, "amount")
    if amount is None:
        raise missing_param("amount")
    currency = required(params, "currency").lower()
    if customer["currency"] not in (None, currency):
        raise bad_request("You cannot combine currencies on a single customer.", param="currency")
    row = move_balance(
        store,
        customer,
        amount,
        "adjustment",
        currency=currency,
        description=text(params, "description"),
        metadata=merged_metadata({}, params),
    )
    return shown(store, row)


def list_transactions(store: Store, params: Params, ident: str) -> Obj:
    store.get("customers", ident, status=404)
    rows = [row for row in store.newest("balance_transactions") if row["customer"] == ident]
    return page(store, f"/v1/customers/{ident}/balance_transactions", rows, params)


ROUTES = [
    route(
        "POST",
        "/v1/customers/{id}/balance_transactions",
        create_transaction,
        "amount currency description metadata",
    ),
    route("GET", "/v1/customers/{id}/balance_transactions", list_transactions, PAGED),
]
