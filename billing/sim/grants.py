"""Credit grants: prepaid or given credit that metered prices use up before taxes."""

from __future__ import annotations

from billing.sim.errors import bad_request, missing_param
from billing.sim.events import emit
from billing.sim.params import Params, integer, mapping, merged_metadata, required, sequence, text
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown


def create_grant(store: Store, params: Params) -> Obj:
    customer = store.get("customers", required(params, "customer"), param="customer")["id"]
    money = mapping(mapping(params, "amount"), "monetary")
    value = integer(money, "value")
    if value is None or value <= 0:
        raise missing_param("amount[monetary][value]")
    scope = mapping(mapping(params, "applicability_config"), "scope")
    prices = [required(one, "id") for one in sequence(scope, "prices")]
    if bool(prices) is (text(scope, "price_type") == "metered"):
        raise bad_request("Say price_type=metered or prices.", param="applicability_config[scope]")
    for price in prices:
        recurring = store.get("prices", price, param="prices")["recurring"]
        if not recurring or recurring["usage_type"] != "metered":
            raise bad_request("Credit grants apply to metered prices only.", param="prices")
    now = store.now()
    category = text(params, "category") or "paid"
    if category not in ("paid", "promotional"):
        raise bad_request("Invalid category.", param="category")
    grant: Obj = {
        "id": new_id("credgr"),
        "object": "billing.credit_grant",
        "amount": {
            "monetary": {"currency": required(money, "currency").lower(), "value": value},
            "type": "monetary",
        },
        "applicability_config": {
            "scope": {"prices": [{"id": one} for one in prices]}
            if prices
            else {"price_type": "metered"}
        },
        "category": category,
        "created": now,
        "customer": customer,
        "customer_account": None,
        "effective_at": integer(params, "effective_at") or now,
        "expires_at": integer(params, "expires_at"),
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "name": text(params, "name"),
        "priority": integer(params, "priority") or 50,
        "test_clock": None,
        "updated": now,
        "voided_at": None,
    }
    store.put("credit_grants", grant)
    emit(store, "billing.credit_grant.created", grant)
    return shown(store, grant)


def balance(store: Store, grant: Obj) -> int:
    used = sum(
        row["amount"]
        for row in store.table("credit_transactions").values()
        if row["grant"] == grant["id"]
    )
    return int(grant["amount"]["monetary"]["value"] - used)


def usable(store: Store, customer: str, now: int) -> list[Obj]:
    """By priority; of the same the one that expires first."""
    rows = [
        row
        for row in store.table("credit_grants").values()
        if row["customer"] == customer
        and row["voided_at"] is None
        and row["effective_at"] <= now
        and (row["expires_at"] is None or row["expires_at"] > now)
    ]
    return sorted(
        rows, key=lambda row: (row["priority"], row["expires_at"] or 2**62, row["created"])
    )


def _covers(grant: Obj, price: str) -> bool:
    scope = grant["applicability_config"]["scope"]
    return "price_type" in scope or {"id": price} in scope["prices"]


def apply_grants(store: Store, invoice: Obj, metered: list[Obj]) -> list[Obj]:
    """How much of each line which grant pays, as `{"line", "grant", "amount"}`."""
    grants = [
        (grant, balance(store, grant))
        for grant in usable(store, invoice["customer"], store.now())
        if grant["amount"]["monetary"]["currency"] == invoice["currency"]
    ]
    left = {grant["id"]: amount for grant, amount in grants}
    uses: list[Obj] = []
    for line in metered:
        open_amount = line["amount"]
        price = line["pricing"]["price_details"]["price"]
        for grant, _ in grants:
            amount = min(open_amount, left[grant["id"]])
            if amount > 0 and _covers(grant, price):
                left[grant["id"]] -= amount
                open_amount -= amount
                uses.append({"line": line["id"], "grant": grant["id"], "amount": amount})
    return uses


def use_grants(store: Store, invoice: Obj) -> None:
    """At finalisation."""
    for use in invoice["_credits"]:
        row = {"id": new_id("cbtxn"), "invoice": invoice["id"]} | use
        row |= {"customer": invoice["customer"]}
        store.put("credit_transactions", row)


def give_back(store: Store, invoice: Obj) -> None:
    rows = store.table("credit_transactions")
    for ident in [key for key, row in rows.items() if row["invoice"] == invoice["id"]]:
        del rows[ident]


def _closed(store: Store, ident: str, field: str) -> Obj:
    grant = store.get("credit_grants", ident, status=404)
    if grant["voided_at"] or (grant["expires_at"] or 2**62) <= store.now():
        raise bad_request("This credit grant is over already.")
    if field == "voided_at" and balance(store, grant) != grant["amount"]["monetary"]["value"]:
        raise bad_request("A credit grant that was used cannot be voided.")
    grant |= {field: store.now(), "updated": store.now()}
    emit(store, "billing.credit_grant.updated", grant, {field: None})
    return shown(store, grant)


def expire_grant(store: Store, params: Params, ident: str) -> Obj:
    return _closed(store, ident, "expires_at")


def void_grant(store: Store, params: Params, ident: str) -> Obj:
    return _closed(store, ident, "voided_at")


def retrieve_grant(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("credit_grants", ident, status=404))


def list_grants(store: Store, params: Params) -> Obj:
    customer = text(params, "customer")
    rows = [row for row in store.newest("credit_grants") if customer in (None, row["customer"])]
    return page(store, "/v1/billing/credit_grants", rows, params)


def summary(store: Store, params: Params) -> Obj:
    customer = required(params, "customer")
    store.get("customers", customer, param="customer")
    given = mapping(params, "filter")
    wanted = text(given, "credit_grant")
    sums: dict[str, int] = {}
    for grant in usable(store, customer, store.now()):
        if wanted in (None, grant["id"]):
            currency = grant["amount"]["monetary"]["currency"]
            sums[currency] = sums.get(currency, 0) + balance(store, grant)
    balances = []
    for currency, amount in sums.items():
        money = {"monetary": {"currency": currency, "value": amount}, "type": "monetary"}
        balances.append({"available_balance": money, "ledger_balance": dict(money)})
    return {
        "object": "billing.credit_balance_summary",
        "balances": balances,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
    }


ROUTES = [
    route(
        "POST",
        "/v1/billing/credit_grants",
        create_grant,
        "amount applicability_config category customer effective_at expires_at metadata name"
        " priority",
    ),
    route("GET", "/v1/billing/credit_grants", list_grants, f"{PAGED} customer"),
    route("GET", "/v1/billing/credit_grants/{id}", retrieve_grant),
    route("POST", "/v1/billing/credit_grants/{id}/expire", expire_grant),
    route("POST", "/v1/billing/credit_grants/{id}/void", void_grant),
    route("GET", "/v1/billing/credit_balance_summary", summary, "customer filter"),
]
