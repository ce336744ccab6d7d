"""The product and the simulator side by side: webhooks over HTTP, jobs run by the real runner."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from billing import queries, services
from billing.gateway import StripeGateway
from billing.sim.courier import Courier
from billing.usage import record_usage
from tenants.core.ids import uuid7
from tenants.permissions import Actor, system_actor
from tenants.scoping import Scope
from tests.billing.conftest import Sim, wait_until
from tests.factories import Stage, acting
from tests.factories.people import Company
from workers.execution import Runner
from workers.timing import Timing

OURS = "(name LIKE 'billing.%' OR name = 'outbox.deliver_stripe')"
MIRROR = {
    "subscriptions": "stripe_subscription_id, status, started_at, cancel_at, ended_at,"
    " latest_invoice_id",
    "subscription_items": "stripe_item_id, lookup_key, quantity, period_start, period_end",
    "stripe_invoices": "stripe_invoice_id, number, status, subtotal, total_tax, total,"
    " amount_paid, amount_remaining, finalized_at, paid_at",
    "stripe_invoice_lines": "stripe_line_id, lookup_key, quantity, amount",
}


@dataclass
class Flow:
    stage: Stage
    sim: Sim
    gateway: StripeGateway
    offset_file: Path
    courier: Courier
    failed: list[str] = field(default_factory=list)

    def acting(self, company: Company) -> AbstractContextManager[None]:
        return acting(self.stage, Scope(tenant_id=company.id, side="provider"))

    def actor(self, company: Company) -> Actor:
        return system_actor(company.id)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.sim.now, UTC)

    def follow(self) -> None:
        """The business clock goes where the simulator's went."""
        self.offset_file.write_text(str(self.sim.look("clock")["offset"]))

    def subscribe(self, company: Company, *, card: str | None = "pm_card_visa") -> None:
        with self.acting(company):
            services.request_subscription(actor=self.actor(company), now=self.now, card=card)
        self.work(company)

    def use(self, company: Company, meter: str, quantity: int, **more: Any) -> UUID:
        source = more.pop("source_id", None) or uuid7()
        given: dict[str, Any] = {"source_type": "test", "occurred_at": self.now} | more
        with self.acting(company):
            record_usage(
                meter=meter, quantity=quantity, source_id=source, actor=self.actor(company), **given
            )
        return source

    def enqueue(self, company: Company, verb: str, **args: Any) -> None:
        from tenants.jobs import enqueue

        with self.acting(company):
            enqueue(f"billing.{verb}", queue="billing", **args)

    def work(self, company: Company, *, tries: int = 500, fails: bool = False) -> int:
        """Run what is due, also what waits for its next try; answers how many jobs ran."""
        runner = Runner(self.stage.app, timing=Timing())
        for ran in range(tries):
            job = self._take(company)
            if job is None:
                return ran
            runner.execute(str(company.id), str(job.id), job.attempt)
            state, error = self.stage.rows("SELECT state, error FROM jobs WHERE id = :i", i=job.id)[
                0
            ]
            if state != "succeeded":
                self.failed.append(error)
                assert fails, error
                return ran + 1
        raise AssertionError("the jobs never end")

    def _take(self, company: Company) -> Any:
        rows = self.stage.rows(
            "UPDATE jobs SET state = 'dispatched', attempt = attempt + 1 WHERE id = (SELECT id"
            f" FROM jobs WHERE tenant_id = :t AND {OURS} AND state IN ('queued', 'retrying')"
            " ORDER BY id LIMIT 1) RETURNING id, attempt",
            t=company.id,
        )
        return rows[0] if rows else None

    def deliver(self, *companies: Company) -> None:
        """Until every event was answered and every job that came of it has run."""
        wait_until(lambda: not self.sim.look("deliveries")["pending"], seconds=20)
        assert not self.sim.look("deliveries")["failed"]
        for company in companies:
            self.work(company)

    def advance(self, *companies: Company, days: int) -> None:
        """As `coulisse sim advance` does it."""
        reached = False
        while not reached:
            self.flush(*companies)
            reached = self.sim.control("advance", days=days, stop_at_draft=True)["reached"]
            self.follow()
            self.deliver(*companies)

    def into_next_period(self, *companies: Company) -> None:
        """Two days past the turn of the month: the invoice is final, a refused charge not yet
        tried again."""
        now = self.now
        turn = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0)
        self.advance(*companies, days=(turn - now).days + 2)

    def flush(self, *companies: Company) -> None:
        for company in companies:
            self.enqueue(company, "send_usage", flush=True)
            self.work(company)

    def customer(self, company: Company) -> str:
        return str(
            self.stage.value(
                "SELECT stripe_customer_id FROM billing_accounts WHERE tenant_id = :t", t=company.id
            )
        )

    def mirror(self, company: Company) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table: sorted(
                (
                    tuple(row)
                    for row in self.stage.rows(
                        f"SELECT {columns} FROM {table} WHERE tenant_id = :t", t=company.id
                    )
                ),
                key=str,
            )
            for table, columns in MIRROR.items()
        }

    def buckets(self, company: Company) -> Sequence[Any]:
        return self.stage.rows(
            "SELECT meter_key, hour, total, revision, sent_total, sent_revision, state"
            " FROM usage_buckets WHERE tenant_id = :t ORDER BY meter_key, hour",
            t=company.id,
        )

    def invoiced(self, company: Company, lookup_key: str) -> int:
        """What all final invoices counted of a price, by Stripe's own word."""
        state = self.gateway.fetch_customer_state(self.customer(company))
        with self.acting(company):
            price = queries.list_catalogue()[lookup_key].stripe_price_id
        return sum(
            line["quantity"]
            for invoice in state["invoices"]
            if invoice["status"] != "draft"
            for line in invoice["lines"]
            if line["pricing"]["price_details"]["price"] == price
        )
