"""What would be: a change is done on a copy of one customer's rows, so that a preview and the
change itself cannot differ."""

from __future__ import annotations

from billing.sim.state import Obj, Store, copied

OWNED = (
    "subscriptions",
    "subscription_schedules",
    "invoices",
    "invoiceitems",
    "invoice_payments",
    "balance_transactions",
    "credit_notes",
    "credit_grants",
    "credit_transactions",
)


def _over(name: str, row: Obj) -> bool:
    """Nothing that is to come depends on it."""
    if name == "invoices":
        return row["status"] not in ("draft", "open")
    return name == "invoice_payments" and row["status"] != "open"


class Scratch(Store):
    """Usage and the catalogue are shared, and only read."""

    def __init__(self, store: Store, customer: str) -> None:
        super().__init__(base_url=store.base_url)
        moment = store.now()
        self.data = store.data | {
            "deliveries": [],
            "webhooks": store.data["webhooks"] | {"drop": 0},
        }
        tables = dict(store.data["tables"]) | {"events": {}, "webhook_endpoints": {}}
        for name in OWNED:
            tables[name] = {
                ident: copied(row)
                for ident, row in store.data["tables"].get(name, {}).items()
                if row.get("customer") in (customer, None) and not _over(name, row)
            }
        tables["customers"] = {customer: copied(store.get("customers", customer))}
        self.data["tables"] = tables
        self._moment = moment


def as_preview(invoice: Obj, moment: int) -> Obj:
    invoice["id"] = f"upcoming_{invoice['id']}"
    invoice |= {
        "_preview": True,
        "status": "draft",
        "number": None,
        "automatically_finalizes_at": moment + 3600,
    }
    invoice["next_payment_attempt"] = moment + 3600
    for line in invoice["_lines"]:
        line["invoice"] = invoice["id"]
    return invoice
