"""Many companies beside one simulator whose clock the proof moves. Nothing is delivered by itself:
the proof takes the events and decides what becomes of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from waitress.server import create_server  # type: ignore[import-untyped]

from billing import connection
from billing.catalogue import open_at_stripe, remember
from billing.gateway import StripeGateway
from billing.inbox import customer_of
from billing.sim.courier import signature
from billing.sim.http import Simulator
from billing.sim.state import Store
from tenants.core import clock
from tenants.core.ids import uuid7
from tenants.jobs import enqueue
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor, system_actor
from tenants.scoping import Scope
from tests.billing.conftest import KEY, SECRET, Served, Sim
from tests.billing.flow.house import OURS
from tests.factories import Stage, acting
from tests.factories.people import Company, make_company, make_member
from workers.execution import Runner
from workers.timing import Timing

# What a provider subscribes its endpoint to.
DELIVERED = (
    "checkout.session.", "customer.updated", "customer.deleted", "customer.tax_id.",
    "customer.subscription.", "invoice.", "invoice_payment.paid", "credit_note.",
    "billing.credit_grant.", "charge.dispute.",
)  # fmt: skip
Event = dict[str, Any]


class Still(Store):
    """Its time stands between two steps, however long the machine takes over what happens there."""

    def __init__(self) -> None:
        self._began = int(time.time())
        super().__init__()

    def now(self) -> int:
        return self._began + int(self.data["offset"]) if self._moment is None else self._moment


class Hushed(StripeGateway):
    """Lists the events of some customers alone."""

    listed: set[str]

    def events_since(self, created: int, *, undelivered_only: bool = False) -> list[Event]:
        found = super().events_since(created, undelivered_only=undelivered_only)
        return [one for one in found if customer_of(one) in self.listed]


@dataclass(frozen=True)
class Office:
    """The provider itself, which asks Stripe for what never came."""

    id: UUID = PROVIDER_TENANT

    @property
    def scope(self) -> Scope:
        return Scope(tenant_id=self.id, side="provider")


class Quick(Served):
    """With as many threads as the proof has senders."""

    def __init__(self, app: Any, threads: int = 9) -> None:
        import threading

        self.server = create_server(app, host="127.0.0.1", port=0, threads=threads)
        self.base = f"http://127.0.0.1:{self.server.effective_port}"
        threading.Thread(target=self._run, daemon=True).start()


@dataclass
class House:
    stage: Stage
    sim: Sim
    gateway: Hushed
    base: str
    offset_file: Path
    stripe: Simulator
    companies: list[Company] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    prices: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    # Another process that runs a job, if it is for it.
    execute: Callable[[Any], bool] | None = None
    # Jobs of other tests stay at the provider's own company.
    since: UUID = field(default_factory=uuid7)
    _seen: set[str] = field(default_factory=set)

    def push_catalogue(self, company: Company) -> None:
        """All plans, as `coulisse billing push-catalogue` does it."""
        entries = open_at_stripe(self.gateway)
        with self.acting(company):
            remember(entries)
        self.prices = {row["lookup_key"]: row["stripe_price_id"] for row in entries}
        self.keys = {price: key for key, price in self.prices.items()}

    def open_company(self, kind: str, **columns: Any) -> Company:
        company = make_company(self.stage, kind=kind, **columns)
        make_member(self.stage, company, key="admin", role="client_admin")
        self.companies.append(company)
        return company

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.sim.store.now(), UTC)

    def acting(self, company: Company | Office) -> AbstractContextManager[None]:
        return acting(self.stage, company.scope)

    def actor(self, company: Company) -> Actor:
        return system_actor(company.id)

    def customer(self, company: Company) -> str:
        return str(
            self.stage.value(
                "SELECT stripe_customer_id FROM billing_accounts WHERE tenant_id = :t", t=company.id
            )
        )

    # Time.

    def step(self, until: datetime) -> bool:
        """As far as `until`, or to the first draft of an invoice before it."""
        seconds = max(0, int((until - self.now).total_seconds()))
        held = self.sim.store.data["target"] is not None
        if not seconds and not held:
            return True
        said = self.sim.control("advance", seconds=max(seconds, 1), stop_at_draft=True)
        self.offset_file.write_text(str(self.sim.store.now() - int(time.time())))
        return bool(said["reached"])

    # Events.

    def events(self) -> list[Event]:
        """What Stripe has to say since the last time, in its order."""
        with self.sim.store.lock:
            self.sim.store.data["deliveries"].clear()
            rows = list(self.sim.store.table("events").values())
            new = [row for row in rows if row["id"] not in self._seen]
            self._seen |= {row["id"] for row in new}
            return [json.loads(json.dumps(r)) for r in new if r["type"].startswith(DELIVERED)]

    def post(
        self, event: Event, *, secret: str = SECRET, session: requests.Session | None = None
    ) -> tuple[int, float]:
        """The answer's status and how long it took."""
        body = json.dumps(event).encode()
        headers = {"Stripe-Signature": signature(body, secret, int(time.time()))}
        began = time.perf_counter()
        answer = (session or requests).post(
            f"{self.base}/webhooks/stripe", data=body, headers=headers, timeout=30
        )
        return answer.status_code, time.perf_counter() - began

    # Jobs.

    def enqueue(self, companies: Sequence[Company | Office], verb: str, **args: Any) -> None:
        for company in companies:
            with self.acting(company):
                enqueue(f"billing.{verb}", queue="billing", **args)

    def work(self, companies: Sequence[Company | Office]) -> int:
        """Run what is due of these, until nothing is."""
        runner, ran = Runner(self.stage.app, timing=Timing()), 0
        while rows := self._take(companies):
            for row in rows:
                if self.execute is None or not self.execute(row):
                    runner.execute(str(row.tenant_id), str(row.id), row.attempt)
                ran += 1
            assert ran < 20_000, "the jobs never end"
        failed = self.stage.rows(
            "SELECT DISTINCT name || ': ' || error || trace AS told FROM jobs"
            " WHERE tenant_id = ANY(:t) AND id > :since AND state = 'quarantined'",
            t=_ids(companies), since=self.since,
        )  # fmt: skip
        self.failed += [row.told for row in failed if row.told not in self.failed]
        return ran

    def _take(self, companies: Sequence[Company | Office]) -> list[Any]:
        return self.stage.rows(
            "UPDATE jobs SET state = 'dispatched', attempt = attempt + 1 WHERE id IN (SELECT id"
            f" FROM jobs WHERE tenant_id = ANY(:t) AND id > :since AND {OURS}"
            " AND state IN ('queued', 'retrying') ORDER BY id LIMIT 50)"
            " RETURNING tenant_id, id, attempt",
            t=_ids(companies), since=self.since,
        )  # fmt: skip

    def backfill(self, companies: Sequence[Company]) -> None:
        """Every quarter of an hour: what nobody brought to these."""
        found = "SELECT stripe_customer_id AS c FROM billing_accounts WHERE tenant_id = ANY(:t)"
        self.gateway.listed = {row.c for row in self.stage.rows(found, t=_ids(companies))}
        self.enqueue([Office()], "backfill")
        self.work([Office()])
        self.work(companies)

    def flush(self, companies: Sequence[Company]) -> None:
        self.enqueue(companies, "send_usage", flush=True)
        self.work(companies)

    def use(self, company: Company, meter: str, quantity: int, at: datetime | None = None) -> None:
        from billing.usage import record_usage

        with self.acting(company):
            record_usage(
                meter=meter, quantity=quantity, source_type="test", source_id=uuid7(),
                occurred_at=at or self.now, actor=self.actor(company),
            )  # fmt: skip

    # Going to Stripe's own pages.

    def pay(self, url: str, card: str = "pm_card_visa") -> int:
        given = {"action": "pay", "card": card}
        return requests.post(url, data=given, allow_redirects=False, timeout=10).status_code


@contextmanager
def open_house(stage: Stage, offset_file: Path, *, app: Any = None) -> Iterator[House]:
    """Without a file behind the simulator, which would be written after every change."""
    stripe = Simulator(Still(), KEY)
    store = stripe.store
    simulator, product = Quick(stripe), Quick(app or stage.app)
    store.base_url = simulator.base
    before = connection.gateway()
    gateway = Hushed(KEY, simulator.base, [SECRET])
    gateway.listed = set()
    connection.use(gateway)
    clock.follow_offset_file(offset_file)
    patched = pytest.MonkeyPatch()
    patched.setattr(clock, "now", lambda: datetime.fromtimestamp(store.now(), UTC))
    for table in ("catalog_map", "billing_cursors"):
        stage.run(f"DELETE FROM {table}")
    try:
        sim = Sim(simulator.base, store)
        yield House(stage, sim, gateway, product.base, offset_file, stripe)
        assert stripe.unkeyed == [], "every call that writes has a key that was stored before"
    finally:
        patched.undo()
        offset_file.unlink(missing_ok=True)
        connection.use(before)
        simulator.close()
        product.close()


def at_ten(day: datetime) -> datetime:
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


def first_of_next(moment: datetime, days: int = 0) -> datetime:
    turn = (moment.replace(day=1) + timedelta(days=32)).replace(day=1)
    return at_ten(turn) + timedelta(days=days)


def _ids(companies: Sequence[Company | Office]) -> list[UUID]:
    return [company.id for company in companies]
