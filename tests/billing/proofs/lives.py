"""What happens to three customers in three months, on whose side: by card from the first to the
last day, from a trial to an upgrade, a dispute and an end at once, and by invoices paid late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from billing.services import request_subscription
from billing.subscribing.services import begin_checkout
from tests.billing.proofs.house import House, first_of_next
from tests.effort import PROVE
from tests.factories import acting
from tests.factories.people import Company

Act = Callable[["Life"], None]


@dataclass
class Life:
    house: House
    company: Company
    kind: str

    @property
    def customer(self) -> str:
        return self.house.customer(self.company)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Of this customer at Stripe, oldest first."""
        rows = self.house.sim.store.table(table).values()
        return [row for row in rows if row.get("customer") == self.customer]

    @property
    def subscription(self) -> dict[str, Any]:
        return self.rows("subscriptions")[-1]

    def key(self, what: str) -> str:
        return f"{what}-{self.company.slug}-{int(self.house.now.timestamp())}"


def subscribe(life: Life) -> None:
    """By agreement: by card, or by invoices to be paid in two weeks."""
    house, card = life.house, "pm_card_visa" if life.kind == "card" else None
    with house.acting(life.company):
        request_subscription(actor=house.actor(life.company), now=house.now, card=card)


def choose(life: Life) -> None:
    house, company = life.house, life.company
    with acting(house.stage, company.admin.scope(company)):
        begin_checkout(
            plan="standard", interval="month", base_url="http://localhost",
            actor=company.admin.actor(company), now=house.now,
        )  # fmt: skip


def pay_at_checkout(life: Life) -> None:
    url = life.house.stage.value(
        "SELECT url FROM checkout_attempts WHERE tenant_id = :t", t=life.company.id
    )
    assert life.house.pay(url) == 303


def use(life: Life) -> None:
    for meter, quantity in (("operator_minutes", 517), ("statement_lines", 1601)):
        life.house.use(life.company, meter, quantity)


def refuse_charges(life: Life) -> None:
    life.house.sim.control("fail_next_charge", customer=life.customer, count=3)


def transfer(life: Life) -> None:
    """Whatever is open is paid."""
    for invoice in life.rows("invoices"):
        if invoice["status"] == "open":
            life.house.sim.control("mark_paid", invoice=invoice["id"])


def credit(life: Life) -> None:
    invoice = next(row for row in life.rows("invoices") if row["status"] == "paid" and row["total"])
    held = life.house.gateway.fetch_customer_state(life.customer)["invoices"]
    line = next(one for one in held if one["id"] == invoice["id"])["lines"][0]
    lines = [{"invoice_line_item": line["id"], "amount": 1_000}]
    shown = life.house.gateway.preview_credit_note(invoice["id"], lines)
    life.house.gateway.create_credit_note(
        invoice["id"], lines, life.key("credit"), memo="A late answer", metadata={},
        to_balance=shown["post_payment_amount"],
    )  # fmt: skip


def upgrade(life: Life) -> None:
    """At Stripe's own figures, charged at once."""
    house = life.house
    held = house.gateway.fetch_customer_state(life.customer)["subscriptions"][0]
    items = []
    for item in held["items"]:
        key = house.keys[item["price"]["id"]].replace("standard", "extended")
        items.append({"id": item["id"], "price": house.prices[key]})
    at = int(house.now.timestamp())
    house.gateway.change_items(held["id"], items, life.key("upgrade"), proration_date=at)


def dispute(life: Life) -> None:
    paid = [row for row in life.rows("invoices") if row["status"] == "paid" and row["total"]]
    life.house.sim.control("dispute", invoice=paid[0]["id"])


def end_at_the_turn(life: Life) -> None:
    life.house.gateway.end_subscription(life.subscription["id"], life.key("end"))


def end_at_once(life: Life) -> None:
    life.house.gateway.cancel_now(life.subscription["id"], life.key("now"))


# Day after the 5th of a month: what happens then, and to whom.
SCRIPT: dict[float, dict[str, Act]] = {
    0: {"card": subscribe, "invoice": subscribe, "trial": choose},
    0.1: {"trial": pay_at_checkout},
    3: {"card": use, "invoice": use, "trial": use},
    16: {},
    20: {"invoice": transfer},
    24: {"card": refuse_charges},
    28: {"trial": use},
    31: {},
    34: {"trial": upgrade},
    35: {"card": transfer, "trial": dispute},
    37: {"card": credit},
    40: {"card": end_at_the_turn, "trial": use},
    45: {"invoice": use},
    58: {},
    60: {"trial": end_at_once, "invoice": transfer},
    92: {},
}
# Without anybody's doing: a charge that failed, the end at a turn, an export that is over.
MATTER = (28, 58, 92)
KINDS = ("card", "trial", "invoice") if PROVE else ("card", "trial")


def moments(began: datetime) -> list[tuple[datetime, dict[str, Act]]]:
    """In the short form only those at which somebody does something."""
    begin = first_of_next(began, 4)
    return [
        (begin + timedelta(days=day), acts)
        for day, acts in SCRIPT.items()
        if PROVE or day in MATTER or set(acts) & set(KINDS)
    ]
