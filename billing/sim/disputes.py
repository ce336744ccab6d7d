"""A card holder's bank takes a payment back."""

from __future__ import annotations

from billing.sim.errors import bad_request
from billing.sim.events import emit
from billing.sim.params import Params, text, within
from billing.sim.routing import PAGED, route
from billing.sim.state import DAY, Obj, Store, new_id
from billing.sim.views import page, payments_of, shown


def open_dispute(store: Store, invoice: Obj) -> Obj:
    paid = [row for row in payments_of(store, invoice["id"]) if row["status"] == "paid"]
    if not paid:
        raise bad_request("Only what was paid by card can be disputed.", param="invoice")
    payment = paid[0]
    dispute: Obj = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": payment["amount_paid"],
        "balance_transactions": [],
        "charge": new_id("ch"),
        "created": store.now(),
        "currency": invoice["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": store.now() + 7 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "manual",
        },
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": None,
        "payment_intent": payment["payment"]["payment_intent"],
        "payment_method_details": None,
        "reason": "fraudulent",
        "status": "needs_response",
    }
    store.put("disputes", dispute)
    emit(store, "charge.dispute.created", dispute)
    return dispute


def close_dispute(store: Store, ident: str, status: str) -> Obj:
    if status not in ("won", "lost"):
        raise bad_request("A dispute ends won or lost.", param="status")
    dispute = store.get("disputes", ident, param="dispute")
    dispute["status"] = status
    emit(store, "charge.dispute.closed", dispute)
    return dispute


def retrieve_dispute(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("disputes", ident, status=404))


def list_disputes(store: Store, params: Params) -> Obj:
    intent = text(params, "payment_intent")
    rows = [
        row
        for row in store.newest("disputes")
        if intent in (None, row["payment_intent"]) and within(params.get("created"), row["created"])
    ]
    return page(store, "/v1/disputes", rows, params)


ROUTES = [
    route("GET", "/v1/disputes", list_disputes, f"{PAGED} created payment_intent"),
    route("GET", "/v1/disputes/{id}", retrieve_dispute),
]
