"""VAT ids of customers; whether one is right is found out a little later, as at Stripe."""

from __future__ import annotations

import re

from billing.sim.errors import bad_request, missing_object
from billing.sim.events import emit
from billing.sim.params import Params, required
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown

TAKES = 5
SHAPES = {
    "eu_vat": re.compile(r"^(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT"
                         r"|RO|SE|SI|SK|XI)[0-9A-Z+*]{2,12}$"),
    "ch_vat": re.compile(r"^CHE[0-9.-]{9,13}(MWST|TVA|IVA)$"),
    "gb_vat": re.compile(r"^GB([0-9]{9}|[0-9]{12})$"),
    "no_vat": re.compile(r"^[0-9]{9}MVA$"),
}  # fmt: skip
# As Stripe's test numbers: these digits are found wrong, and those never finish.
WRONG, ENDLESS = "111111111", "222222222"


def add_tax_id(store: Store, customer: str, kind: str, value: str) -> Obj:
    value = value.replace(" ", "").upper()
    shape = SHAPES.get(kind)
    if shape is None:
        raise bad_request(f"The simulator does not know {kind}.", param="type")
    if not shape.match(value):
        raise bad_request(f"Invalid value for {kind}.", param="value", code="tax_id_invalid")
    row: Obj = {
        "id": new_id("txi"),
        "object": "tax_id",
        "country": "GR" if value[:2] == "EL" else value[:2] if value[:2].isalpha() else "NO",
        "created": store.now(),
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "owner": {
            "account": None,
            "application": None,
            "customer": customer,
            "customer_account": None,
            "type": "customer",
        },
        "type": kind,
        "value": value,
        "verification": {
            "status": "pending" if kind in ("eu_vat", "gb_vat") else "unavailable",
            "verified_address": None,
            "verified_name": None,
        },
    }
    store.put("tax_ids", row)
    emit(store, "customer.tax_id.created", row)
    return row


def tax_ids_of(store: Store, customer: str) -> list[Obj]:
    return [row for row in store.newest("tax_ids") if row["customer"] == customer]


def verified_at(row: Obj) -> int | None:
    """When its check is over, while it runs."""
    if row["verification"]["status"] != "pending" or ENDLESS in row["value"]:
        return None
    return int(row["created"]) + TAKES


def verify(store: Store, row: Obj) -> None:
    right = WRONG not in row["value"]
    name = store.get("customers", row["customer"])["name"] if right else None
    row["verification"] = {
        "status": "verified" if right else "unverified",
        "verified_address": "unavailable" if right else None,
        "verified_name": name,
    }
    emit(store, "customer.tax_id.updated", row, {"verification": {"status": "pending"}})


def remove_tax_id(store: Store, row: Obj) -> None:
    del store.table("tax_ids")[row["id"]]
    emit(store, "customer.tax_id.deleted", row)


def create_tax_id(store: Store, params: Params, ident: str) -> Obj:
    store.get("customers", ident, status=404)
    return shown(
        store, add_tax_id(store, ident, required(params, "type"), required(params, "value"))
    )


def list_tax_ids(store: Store, params: Params, ident: str) -> Obj:
    store.get("customers", ident, status=404)
    return page(store, f"/v1/customers/{ident}/tax_ids", tax_ids_of(store, ident), params)


def _held(store: Store, customer: str, ident: str) -> Obj:
    row = store.get("tax_ids", ident, status=404)
    if row["customer"] != customer:
        raise missing_object("tax_id", ident, status=404)
    return row


def retrieve_tax_id(store: Store, params: Params, customer: str, ident: str) -> Obj:
    return shown(store, _held(store, customer, ident))


def delete_tax_id(store: Store, params: Params, customer: str, ident: str) -> Obj:
    remove_tax_id(store, _held(store, customer, ident))
    return {"id": ident, "object": "tax_id", "deleted": True}


ROUTES = [
    route("POST", "/v1/customers/{id}/tax_ids", create_tax_id, "type value"),
    route("GET", "/v1/customers/{id}/tax_ids", list_tax_ids, PAGED),
    route("GET", "/v1/customers/{customer}/tax_ids/{id}", retrieve_tax_id),
    route("DELETE", "/v1/customers/{customer}/tax_ids/{id}", delete_tax_id),
]
