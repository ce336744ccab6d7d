"""From stored rows to what the API shows: lists, hidden fields, expansion.

Fields that begin with an underscore are the simulator's own and never leave it.
"""

from __future__ import annotations

import copy
from typing import Any

from billing.sim.errors import bad_request, missing_object
from billing.sim.params import Params, integer, text
from billing.sim.state import Obj, Store

EMBEDDED = 10

EXPANDABLE = {
    "customer": "customers",
    "latest_invoice": "invoices",
    "default_payment_method": "payment_methods",
    "product": "products",
    "invoice": "invoices",
    "subscription": "subscriptions",
}


def list_object(url: str, rows: list[Obj], *, has_more: bool = False) -> Obj:
    return {"object": "list", "url": url, "has_more": has_more, "data": rows}


def _embedded(url: str, rows: list[Obj], *, whole: bool) -> Obj:
    shown = rows if whole else rows[:EMBEDDED]
    return list_object(url, shown, has_more=len(shown) < len(rows))


def shown(store: Store, obj: Obj) -> Obj:
    seen = {key: value for key, value in obj.items() if not key.startswith("_")}
    if obj["object"] == "subscription":
        rows = [shown(store, item) for item in obj["_items"]]
        url = f"/v1/subscription_items?subscription={obj['id']}"
        seen["items"] = _embedded(url, rows, whole=False)
    elif obj["object"] == "subscription_item":
        seen["price"] = shown(store, store.get("prices", obj["_price"]))
    elif obj["object"] == "credit_note":
        seen["lines"] = _embedded(f"/v1/credit_notes/{obj['id']}/lines", obj["_lines"], whole=False)
    elif obj["object"] == "invoice":
        url = f"/v1/invoices/{obj['id']}/lines"
        seen["lines"] = _embedded(url, obj["_lines"], whole=bool(obj.get("_preview")))
        if obj["status"] not in ("draft", None):
            page = f"{store.base_url}/_sim/invoices/{obj['id']}"
            seen |= {"hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf"}
    return seen


def payments_of(store: Store, invoice: str) -> list[Obj]:
    return [row for row in store.newest("invoice_payments") if row["invoice"] == invoice]


def _included(store: Store, seen: Obj, name: str) -> bool:
    """Fields that are left out unless asked for."""
    if name == "payments" and seen.get("object") == "invoice":
        url = f"/v1/invoice_payments?invoice={seen['id']}"
        seen[name] = _embedded(url, payments_of(store, seen["id"]), whole=False)
        return True
    if name == "tiers" and seen.get("object") == "price":
        if seen["billing_scheme"] == "tiered":
            seen[name] = store.get("prices", seen["id"])["_tiers"]
        return True
    return False


def _expanded(store: Store, seen: Any, path: list[str]) -> None:
    if isinstance(seen, list):
        for row in seen:
            _expanded(store, row, path)
    if not isinstance(seen, dict):
        return
    head, rest = path[0], path[1:]
    if _included(store, seen, head):
        return
    ident = seen.get(head, "")
    if isinstance(ident, str):
        if not ident or head not in EXPANDABLE:
            raise bad_request(f"This property cannot be expanded ({head}).", param="expand")
        seen[head] = shown(store, store.get(EXPANDABLE[head], ident))
    if rest:
        _expanded(store, seen[head], rest)


def expand(store: Store, seen: Obj, paths: list[str]) -> Obj:
    if paths:
        seen = copy.deepcopy(seen)
    for path in paths:
        _expanded(store, seen, path.split("."))
    return seen


def page(store: Store, url: str, rows: list[Obj], params: Params) -> Obj:
    """`rows` newest first, as Stripe lists them."""
    limit = integer(params, "limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= 100:
        raise bad_request("Invalid limit: must be between 1 and 100.", param="limit")
    ids = [row["id"] for row in rows]
    after, before = text(params, "starting_after"), text(params, "ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in ids:
            raise missing_object("object", cursor, param=name)
    if before is not None:
        head = rows[: ids.index(before)]
        chosen, has_more = head[-limit:], len(head) > limit
    else:
        tail = rows[ids.index(after) + 1 :] if after is not None else rows
        chosen, has_more = tail[:limit], len(tail) > limit
    return list_object(url, [shown(store, row) for row in chosen], has_more=has_more)
