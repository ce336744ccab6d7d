"""The simulator as a process, its state file and its doors."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from billing.gateway import StripeGateway
from billing.sim.state import Store
from tests.billing.conftest import DAY, KEY, SECRET, Sim, open_catalogue, send, wait_until

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    def __init__(self, state: Path) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        environment = os.environ | {"STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET}
        command = [sys.executable, "-m", "billing.sim", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--state", str(state)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.base}/_sim/clock", timeout=1).ok
        except requests.ConnectionError:
            return False

    def kill(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=20)


def test_a_killed_simulator_has_lost_nothing(state_file: Path) -> None:
    first = Process(state_file)
    try:
        gateway = StripeGateway(KEY, first.base, [SECRET])
        catalogue = open_catalogue(gateway)
        customer = gateway.create_customer("t", "Nord", "a@n.example", "FR", "fr", "c")["id"]
        gateway.attach_test_card(customer, "card")
        now = int(requests.get(f"{first.base}/_sim/clock", timeout=5).json()["now"])
        subscription = gateway.create_subscription(
            customer,
            [{"price": catalogue.base}, {"price": catalogue.minutes}],
            {"tenant_id": "t"},
            "s",
            start=now - now % 3600,
        )
        send(gateway, customer, now - now % 3600, 30)
        requests.post(f"{first.base}/_sim/advance", json={"days": 40}, timeout=20)
        send(gateway, customer, now - now % 3600 + 40 * DAY, 70)
        late = gateway.create_customer("t", "Sud", "b@s.example", "FR", "fr", "late")["id"]
        before = gateway.fetch_customer_state(customer)
        upcoming = gateway.upcoming_invoice(subscription["id"])
    finally:
        first.kill(signal.SIGKILL)
    second = Process(state_file)
    try:
        gateway = StripeGateway(KEY, second.base, [SECRET])
        after = gateway.fetch_customer_state(customer)
        moved = json.dumps(before).replace(first.base, second.base)
        assert json.dumps(after) == moved
        assert gateway.upcoming_invoice(subscription["id"])["total"] == upcoming["total"]
        assert [line["quantity"] for line in upcoming["lines"]] == [1, 70]
        assert not list(state_file.parent.glob("*.journal"))
        again = gateway.create_customer("t", "Sud", "b@s.example", "FR", "fr", "late")
        assert again["id"] == late
        clock = requests.get(f"{second.base}/_sim/clock", timeout=5).json()
        assert clock["now"] >= now + 40 * DAY
        assert second.kill(signal.SIGTERM) == 0
    finally:
        if second.process.poll() is None:
            second.kill(signal.SIGKILL)


def test_usage_noted_since_the_last_save_is_kept(state_file: Path) -> None:
    store = Store(state_file)
    store.save()
    for value in (1, 2):
        store.note({"value": str(value), "timestamp": 5}, "usage", "mtr_1", "cus_1", "0")
        store.save_noted()
    (journal,) = state_file.parent.glob("*.journal")
    with open(journal, "a", encoding="utf-8") as file:
        file.write('[[["usage"')  # a line that a kill interrupted
    again = Store(state_file)
    assert again.data["usage"]["mtr_1"]["cus_1"]["0"]["value"] == "2"
    assert not journal.exists()
    assert Store(state_file).data == again.data


@pytest.mark.parametrize("key", ["", "sk_live_abc"])
def test_it_starts_with_a_test_key_only(key: str, state_file: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "billing.sim", "--port", "1", "--state", str(state_file)],
        cwd=ROOT,
        env=os.environ | {"STRIPE_SECRET_KEY": key},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 2
    assert "sk_test_" in run.stderr


def test_it_answers_as_stripe_refuses(sim: Sim) -> None:
    bare = requests.get(f"{sim.base}/v1/customers", timeout=5)
    assert bare.status_code == 401
    wrong = requests.get(f"{sim.base}/v1/customers", auth=("sk_test_another_key", ""), timeout=5)
    assert wrong.status_code == 401
    assert wrong.json()["error"]["message"] == "Invalid API Key provided: sk_test_*******_key"

    def post(path: str, **form: Any) -> requests.Response:
        return requests.post(f"{sim.base}{path}", auth=(KEY, ""), data=form, timeout=5)

    unknown = post("/v1/customers", nickname="x")
    assert unknown.json()["error"]["code"] == "parameter_unknown"
    assert post("/v1/products").json()["error"]["code"] == "parameter_missing"
    assert post("/v1/nonsense").status_code == 404
    gone = requests.get(f"{sim.base}/v1/customers/cus_0", auth=(KEY, ""), timeout=5)
    assert gone.status_code == 404
    assert gone.json()["error"]["code"] == "resource_missing"
    older = requests.get(
        f"{sim.base}/v1/customers",
        auth=(KEY, ""),
        headers={"Stripe-Version": "2024-06-20"},
        timeout=5,
    )
    assert older.status_code == 400


def test_the_controls_are_closed_to_other_sites(sim: Sim) -> None:
    form = requests.post(f"{sim.base}/_sim/advance", data={"days": 1}, timeout=5)
    assert form.status_code == 415
    rebound = requests.get(f"{sim.base}/_sim/state", headers={"Host": "evil.example"}, timeout=5)
    assert rebound.status_code == 403


def test_an_invoice_has_a_page(
    sim: Sim,
    gateway: StripeGateway,
    new_customer: Callable[..., str],
    subscribe: Callable[..., dict[str, Any]],
) -> None:
    customer = new_customer()
    subscribe(customer)
    (invoice,) = gateway.fetch_customer_state(customer)["invoices"]
    for link in (invoice["hosted_invoice_url"], invoice["invoice_pdf"]):
        assert link.startswith(f"{sim.base}/_sim/invoices/")
        page = requests.get(link, timeout=5)
        assert page.ok
        assert page.headers["Content-Type"].startswith("text/html")
        assert invoice["number"] in page.text
        assert "Atelier Nord SARL" in page.text
        assert "TVA 20 %" in page.text
        assert "paid" in page.text
