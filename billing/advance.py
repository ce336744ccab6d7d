"""Time passes in the demonstration: the simulator's clock, ours, and everything that is due.

It stops at every draft invoice, so that its usage is complete before it becomes final.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from billing.gateway import StripeGateway
from billing.stripe_errors import is_loopback

PATIENCE = 120.0
FLUSH = """
INSERT INTO jobs (tenant_id, id, name, queue, args, run_at)
SELECT id, uuidv7(), 'billing.send_usage', 'billing', '{"flush": true}', now()
FROM tenants WHERE kind = 'client' AND state = 'active'
"""
BUSY = """
SELECT count(*) FROM jobs WHERE queue = 'billing'
AND state IN ('queued', 'dispatched', 'running', 'retrying')
"""
FAILED = """
SELECT name, count(*) FROM jobs WHERE queue = 'billing' AND state = 'quarantined'
AND created_at >= %(since)s GROUP BY name
"""


class AdvanceFailed(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Advanced:
    now: datetime
    invoices: Sequence[str]


class Advance:
    def __init__(
        self,
        *,
        dispatcher_url: str,
        api_base: str,
        gateway: StripeGateway,
        offset_file: Path,
        say: Callable[[str], None],
        patience: float = PATIENCE,
    ) -> None:
        if not is_loopback(api_base):
            raise AdvanceFailed("Only the simulator's clock can be moved, not Stripe's.")
        self._database = make_url(dispatcher_url).set(drivername="postgresql")
        self._base = api_base.rstrip("/")
        self._gateway = gateway
        self._offset_file = offset_file
        self._say = say
        self._patience = patience
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._names: dict[str, str] = {}

    def run(self, days: int) -> Advanced:
        before = {row["id"]: row["status"] for row in self._ask("state")["invoices"]}
        with self._connected() as connection:
            since = connection.execute("SELECT clock_timestamp()").fetchone()
            assert since is not None
            self._catch_up(connection)
            reached = False
            while not reached:
                step = self._ask("advance", days=days, stop_at_draft=True)
                reached = bool(step["reached"])
                self._follow()
                self._say(f"{_moment(step['now']):%d %B %Y}")
                self._catch_up(connection)
            failed = connection.execute(FAILED, {"since": since[0]}).fetchall()
        for name, count in failed:
            self._say(f"{count} job(s) {name} ended in quarantine.")
        return Advanced(_moment(self._ask("clock")["now"]), self._came_out(before))

    def _catch_up(self, connection: psycopg.Connection[Any]) -> None:
        """Deliveries make jobs, and jobs make events: until neither is left. Usage goes last, so
        that it goes also for a subscription that began just now."""
        self._settle(connection)
        connection.execute(FLUSH)
        connection.execute("SELECT pg_notify('jobs', '')")
        self._settle(connection)

    def _settle(self, connection: psycopg.Connection[Any]) -> None:
        deadline, quiet = time.monotonic() + self._patience, 0
        while quiet < 2:
            deliveries = self._ask("deliveries")
            row = connection.execute(BUSY).fetchone()
            waiting, busy = deliveries["pending"], row[0] if row else 0
            quiet = 0 if waiting or busy else quiet + 1
            if time.monotonic() > deadline:
                raise AdvanceFailed(_late(waiting, busy, deliveries["troubled"]))
            time.sleep(0.1)
        if deliveries["failed"]:
            raise AdvanceFailed(_late(deliveries["failed"], 0, deliveries["troubled"]))

    def _follow(self) -> None:
        """The product's business clock goes along."""
        partial = self._offset_file.with_suffix(".new")
        partial.write_text(str(self._ask("clock")["offset"]))
        partial.replace(self._offset_file)

    def _came_out(self, before: Mapping[str, str]) -> list[str]:
        rows = self._ask("state")["invoices"]
        changed = [row for row in rows if before.get(row["id"]) != row["status"]]
        return [self._line(row) for row in reversed(changed)]

    def _line(self, row: Mapping[str, Any]) -> str:
        customer = row["customer"]
        if customer not in self._names:
            held = self._gateway.fetch_customer_state(customer)["customer"]
            self._names[customer] = held.get("name") or customer
        total = Decimal(row["total"]).scaleb(-2)
        number = row["number"] or "draft"
        return (
            f"{number:<16} {self._names[customer]:<32} {total:>12,.2f}"
            f" {row['currency'].upper()}  {row['status']}"
        )

    def _connected(self) -> psycopg.Connection[Any]:
        try:
            address = self._database.render_as_string(hide_password=False)
            return psycopg.connect(address, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            raise AdvanceFailed(
                "The database does not answer: start the product with `make run`."
            ) from error

    def _ask(self, name: str, **given: Any) -> dict[str, Any]:
        body = json.dumps(given).encode() if given else None
        request = urllib.request.Request(  # noqa: S310 - loopback, checked above
            f"{self._base}/_sim/{name}", data=body, headers={"Content-Type": "application/json"}
        )
        try:
            with self._opener.open(request, timeout=30) as answer:
                found: dict[str, Any] = json.load(answer)
        except (OSError, ValueError) as error:
            raise AdvanceFailed(
                f"The simulator does not answer at {self._base} ({error}):"
                " start the product with `make run`."
            ) from error
        return found


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _late(waiting: int, busy: int, troubled: Sequence[Mapping[str, Any]]) -> str:
    reason = f" The last answer was: {troubled[-1]['error']}." if troubled else ""
    if waiting:
        return f"{waiting} webhook(s) found nobody to take them: is the web process up?{reason}"
    return f"{busy} billing job(s) are not done: are dispatcher and worker up?"
