"""Delivers events to the webhook endpoints, signed as Stripe signs, and tries again."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import random
import threading
import time
import urllib.error
import urllib.request

from billing.sim.clock import settle
from billing.sim.state import Obj, Store
from billing.sim.thin import payload

log = logging.getLogger(__name__)

TRIES = 20
LONGEST_WAIT = 60.0
GATHER = 0.15


def signature(body: bytes, secret: str, at: int) -> str:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Courier:
    """The signature carries real time, as the receiver's clock does; the event carries the
    simulator's."""

    def __init__(self, store: Store, url: str | None, secret: str | None) -> None:
        self.store = store
        self.default = (url, secret)
        self._stop = threading.Event()
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._thread = threading.Thread(target=self._run, name="sim-courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            try:
                self._round()
            except Exception:
                log.exception("delivering webhooks")
                self._stop.wait(1)

    def _round(self) -> None:
        with self.store.lock:
            if settle(self.store):
                self.store.save()
            shuffle = self.store.data["webhooks"]["shuffle"]
        if shuffle:
            # A batch to shuffle needs more than the first event of a change.
            self._stop.wait(GATHER)
        with self.store.lock:
            now = time.time()
            rows = [
                row
                for row in self.store.data["deliveries"]
                if row["state"] == "pending" and row["next_at"] <= now
            ]
        if not rows:
            return
        parcels = [row for row in rows for _ in range(row["copies"])]
        if shuffle:
            random.shuffle(parcels)
        for row in parcels:
            if self._stop.is_set():
                break
            if row["state"] in ("pending", "delivered"):
                self._deliver(row)
        with self.store.lock:
            self.store.save()

    def _address(self, row: Obj) -> tuple[str | None, str | None]:
        if row["endpoint"] == "cli":
            return self.default
        endpoint = self.store.table("webhook_endpoints").get(row["endpoint"])
        return (endpoint["url"], endpoint["_secret"]) if endpoint else (None, None)

    def _deliver(self, row: Obj) -> None:
        with self.store.lock:
            url, secret = self._address(row)
            event = self.store.table("events").get(row["event"])
            thin = self.store.table("thin_events").get(row["event"])
            body = json.dumps(payload(thin) if thin else event, indent=2).encode()
        if url is None or secret is None or (event is None and thin is None):
            row |= {"state": "unaddressed"}
            return
        error = self._post(url, secret, body)
        with self.store.lock:
            row["attempts"] += 1
            row["error"] = error
            if error is None:
                if row["state"] != "delivered" and event is not None:
                    event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
                row["state"] = "delivered"
            elif row["state"] == "pending":
                wait = min(LONGEST_WAIT, 2.0 ** (row["attempts"] - 1))
                row["next_at"] = time.time() + wait
                if row["attempts"] >= TRIES:
                    row["state"] = "failed"

    def _post(self, url: str, secret: str, body: bytes) -> str | None:
        request = urllib.request.Request(  # noqa: S310
            url,
            data=body,
            method="POST",
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(body, secret, int(time.time())),
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            },
        )
        try:
            with self._opener.open(request, timeout=10) as answer:
                return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"
        except urllib.error.HTTPError as refusal:
            return f"HTTP {refusal.code}"
        except (OSError, ValueError) as failure:
            return str(failure)
