"""The script played day by day: the product's own verbs and jobs, Stripe's side by the simulator, and
what stands in the end."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

from billing import services
from billing.plans import find_plan
from billing.sim.usage import total
from billing.subscribing.services import begin_checkout
from tests.billing.proofs.house import House
from tests.billing.proofs.year import ledger
from tests.billing.proofs.year.drawing import DAY, Firm, Script, Use, turn_after
from tests.effort import PROVE
from tests.factories import acting
from tests.factories.people import Company

# A plan is said to change so long before the turn at which it does.
AHEAD = 10 * DAY
HALF = timedelta(hours=12)
# Days after which everybody was looked at.
TURNS = 10


@dataclass(frozen=True)
class Invoice:
    made: datetime
    lines: dict[str, tuple[int, int]]
    net: int
    tax: int
    status: str


@dataclass
class Facts:
    """What is found of one firm, on both sides."""

    invoices: list[Invoice] = field(default_factory=list)
    mirror: list[Invoice] = field(default_factory=list)
    used: dict[tuple[str, str], int] = field(default_factory=dict)
    at_stripe: dict[tuple[str, str], int] = field(default_factory=dict)
    live: int = 0
    begins: list[datetime] = field(default_factory=list)
    access: dict[datetime, tuple[str, bool]] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    letters: int = 0
    findings: list[str] = field(default_factory=list)


class Play:
    def __init__(self, house: House, script: Script) -> None:
        self.house, self.script = house, script
        self.companies: dict[int, Company] = {}
        self.facts = {firm.number: Facts() for firm in script.firms}
        self.session = requests.Session()

    def run(self) -> None:
        house = self.house
        for firm in self.script.firms:
            company = house.open_company(f"firm{firm.number}", country=firm.country)
            self.companies[firm.number] = company
        house.push_catalogue(self.companies[0])
        for day, noon in enumerate(self.script.noons):
            while not house.step(noon):
                self.hear()
            self.hear()
            house.enqueue(self.watched(day), "sync_customer")
            house.work(self.everybody)
            for firm in self.script.firms:
                self.act(firm, noon)
            self.hear()
            self.note(noon)
            if PROVE:
                self.tell(noon)
        house.flush(self.everybody)
        house.enqueue(self.everybody, "reconcile")
        house.work(self.everybody)
        for firm in self.script.firms:
            self.read(firm, self.facts[firm.number])

    @property
    def everybody(self) -> list[Company]:
        return list(self.companies.values())

    def watched(self, day: int) -> list[Company]:
        """The schedule looks at everybody every hour. Here at those whom time alone moves on, and at
        the others, to whom every event came, in turns."""
        rows = self.house.stage.rows(
            "SELECT id, access_state FROM tenants WHERE id = ANY(:i)",
            i=[company.id for company in self.everybody],
        )
        moving = {row.id for row in rows if row.access_state != "active"}
        return [
            company for number, company in self.companies.items()
            if company.id in moving or (PROVE and (number + day) % TURNS == 0)
        ]  # fmt: skip

    def tell(self, noon: datetime) -> None:
        """How far it is, and whether the doors were as they should be until now."""
        wrong = [
            firm.number for firm in self.script.firms
            if ledger.access_on(firm, noon) not in (None, self.facts[firm.number].access[noon])
        ]  # fmt: skip
        print(
            f"{noon:%Y-%m-%d}: {len(wrong)} doors differ {wrong}", file=sys.__stderr__, flush=True
        )

    def hear(self) -> None:
        self.house.work(self.everybody)
        while events := self.house.events():
            for event in events:
                assert self.house.post(event, session=self.session)[0] == 200
            self.house.work(self.everybody)

    # What happens at a noon.

    def act(self, firm: Firm, noon: datetime) -> None:
        company = self.companies[firm.number]
        if noon == firm.joins:
            self.join(firm, company)
        used = [use for use in firm.uses if use.at == noon]
        for use in used:
            self.use(company, use)
        if used:
            self.house.flush([company])
        self.at_the_turn(firm, company, noon)
        if noon == firm.leaves:
            key = f"end-{company.slug}"
            self.house.gateway.end_subscription(self.subscription(company)["id"], key)

    def at_the_turn(self, firm: Firm, company: Company, noon: datetime) -> None:
        """Before it, what is agreed for it; after it, what was not paid at it."""
        if noon + HALF in firm.late:
            self.house.sim.control("fail_next_charge", customer=self.of(company), count=4)
        if any(noon == turn + days * DAY + HALF for turn, days in firm.late.items()):
            self.transfer(company)
        for turn, plan in firm.plans.items():
            if turn != firm.joins and noon == max(turn - AHEAD + HALF, firm.joins + DAY):
                self.change(company, plan, turn)

    def join(self, firm: Firm, company: Company) -> None:
        house, plan = self.house, find_plan(firm.plans[firm.joins])
        assert plan is not None
        if firm.by_trial:
            with acting(house.stage, company.admin.scope(company)):
                begin_checkout(
                    plan=plan.key, interval="month", base_url="http://localhost",
                    actor=company.admin.actor(company), now=house.now,
                )  # fmt: skip
            house.work([company])
            found = "SELECT url FROM checkout_attempts WHERE tenant_id = :t"
            assert house.pay(house.stage.value(found, t=company.id)) == 303
            return
        with house.acting(company):
            services.request_subscription(
                actor=house.actor(company), now=house.now, card="pm_card_visa", plan=plan
            )
        house.work([company])

    def use(self, company: Company, use: Use) -> None:
        at = use.at - timedelta(hours=use.hours)
        if use.late:
            at = use.at.replace(day=1) - timedelta(hours=use.hours + 1)
        self.house.use(company, use.meter, use.quantity, at)

    def transfer(self, company: Company) -> None:
        store = self.house.sim.store
        store.data["failing"].pop(self.of(company), None)
        for invoice in list(store.table("invoices").values()):
            if invoice["customer"] == self.of(company) and invoice["status"] == "open":
                self.house.sim.control("mark_paid", invoice=invoice["id"])

    def change(self, company: Company, plan: str, turn: datetime) -> None:
        wanted = find_plan(plan)
        assert wanted is not None
        items = [
            {"price": self.house.prices[part.lookup_key]} | ({} if part.meter else {"quantity": 1})
            for part in wanted.priced()
        ]
        course = [{"start": int(turn.timestamp()), "items": items}]
        key = f"change-{company.slug}-{turn:%Y%m}"
        self.house.gateway.change_prices(self.subscription(company)["id"], course, key)

    def of(self, company: Company) -> str:
        return self.house.customer(company)

    def subscription(self, company: Company) -> dict[str, Any]:
        customer = self.of(company)
        rows = self.house.sim.store.table("subscriptions").values()
        return next(row for row in rows if row["customer"] == customer)

    # What is seen.

    def note(self, noon: datetime) -> None:
        rows = self.house.stage.rows(
            "SELECT id, access_state, new_work FROM tenants WHERE id = ANY(:i)",
            i=[company.id for company in self.everybody],
        )
        found = {row.id: (row.access_state, row.new_work) for row in rows}
        for firm in self.script.firms:
            self.facts[firm.number].access[noon] = found[self.companies[firm.number].id]

    def read(self, firm: Firm, facts: Facts) -> None:
        company, stage, store = self.companies[firm.number], self.house.stage, self.house.sim.store
        customer = self.of(company)
        facts.invoices = sorted(
            (
                self.invoice_at_stripe(row)
                for row in store.table("invoices").values()
                if row["customer"] == customer and row["status"] != "draft" and row["subtotal"]
            ),
            key=lambda one: one.made,
        )
        facts.mirror = self.mirrored(company)
        self.read_usage(company, customer, facts)
        rows = [row for row in store.table("subscriptions").values() if row["customer"] == customer]
        facts.live = sum(row["status"] not in ("canceled", "incomplete_expired") for row in rows)
        facts.begins = [
            _moment(line["period"]["start"])
            for row in store.table("invoices").values()
            if row["customer"] == customer and row["billing_reason"] == "subscription_cycle"
            for line in row["_lines"]
        ]
        facts.mails = [
            row.after
            for row in stage.rows(
                "SELECT after FROM billing_transitions WHERE tenant_id = :t AND kind = 'mail'"
                " ORDER BY at, id", t=company.id,
            )
        ]  # fmt: skip
        # A trial's quota is told of beside, by each meter.
        facts.letters = stage.value(
            "SELECT count(*) FROM jobs WHERE tenant_id = :t AND name = 'notifications.tell'"
            " AND idempotency_key LIKE 'notice:billing.%'"
            " AND idempotency_key NOT LIKE 'notice:billing.trial_used%'", t=company.id,
        )  # fmt: skip
        facts.findings = [
            f"{row.kind} {row.subject}: {row.expected} {row.actual}"
            for row in stage.rows(
                "SELECT * FROM reconcile_findings WHERE tenant_id = :t AND resolved_at IS NULL",
                t=company.id,
            )
        ]

    def read_usage(self, company: Company, customer: str, facts: Facts) -> None:
        """By meter and month of its hour: our ledger's, and Stripe's."""
        for row in self.house.stage.rows(
            "SELECT meter_key, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM') AS month,"
            " sum(quantity)::int AS quantity FROM usage_events WHERE tenant_id = :t GROUP BY 1, 2",
            t=company.id,
        ):
            facts.used[row.meter_key, row.month] = row.quantity
        store, month = self.house.sim.store, self.script.begins.replace(day=1, hour=0)
        while month < self.house.now:
            following = turn_after(month)
            for meter in store.table("meters").values():
                span = int(month.timestamp()), int(following.timestamp())
                if quantity := int(total(store, meter["id"], customer, *span)):
                    facts.at_stripe[meter["event_name"], f"{month:%Y-%m}"] = quantity
            month = following

    def invoice_at_stripe(self, row: dict[str, Any]) -> Invoice:
        lines: dict[str, tuple[int, int]] = {}
        for line in row["_lines"]:
            key = self.house.keys[line["pricing"]["price_details"]["price"]]
            _add(lines, key, int(Decimal(line["quantity_decimal"])), line["amount"])
        tax = sum(one["amount"] for one in row["total_taxes"])
        return Invoice(_moment(row["created"]), _used(lines), row["subtotal"], tax, row["status"])

    def mirrored(self, company: Company) -> list[Invoice]:
        found = []
        for row in self.house.stage.rows(
            "SELECT * FROM stripe_invoices WHERE tenant_id = :t AND subtotal <> 0"
            " AND status <> 'draft' ORDER BY invoiced_at", t=company.id,
        ):  # fmt: skip
            lines: dict[str, tuple[int, int]] = {}
            for line in self.house.stage.rows(
                "SELECT * FROM stripe_invoice_lines WHERE tenant_id = :t"
                " AND stripe_invoice_id = :i", t=company.id, i=row.stripe_invoice_id,
            ):  # fmt: skip
                _add(lines, line.lookup_key, int(line.quantity), line.amount)
            made = row.invoiced_at.astimezone(UTC)
            found.append(Invoice(made, _used(lines), row.subtotal, row.total_tax, row.status))
        return found


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _add(lines: dict[str, tuple[int, int]], key: str, quantity: int, amount: int) -> None:
    """By meter, or "base"."""
    name = key.partition("_v1_")[2].replace("base_month", "base")
    before = lines.get(name, (0, 0))
    lines[name] = (before[0] + quantity, before[1] + amount)


def _used(lines: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {name: row for name, row in lines.items() if row[0]}
