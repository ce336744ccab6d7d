from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from waitress.server import create_server  # type: ignore[import-untyped]
from werkzeug.wrappers import Request, Response

from billing.gateway import StripeGateway
from billing.invoices import handing_over
from billing.sim.courier import Courier
from billing.sim.http import Simulator
from billing.sim.params import decode
from billing.sim.state import Store

KEY = "sk_test_simulator"
SECRET = "whsec_simulator"
HOUR = 3600
DAY = 86_400


class Served:
    """A WSGI application on a free loopback port, until closed."""

    def __init__(self, app: Any) -> None:
        self.server = create_server(app, host="127.0.0.1", port=0, threads=4)
        self.base = f"http://127.0.0.1:{self.server.effective_port}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):  # its socket closes under it
            self.server.run()

    def close(self) -> None:
        self.server.close()


@dataclass
class Sim:
    base: str
    store: Store
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    unkeyed: list[str] = field(default_factory=list)

    def control(self, name: str, **given: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.base}/_sim/{name}", json=given, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def look(self, name: str) -> dict[str, Any]:
        return dict(requests.get(f"{self.base}/_sim/{name}", timeout=10).json())

    @property
    def now(self) -> int:
        return int(self.look("clock")["now"])


class Recorder:
    """Notes every request that the real client sends."""

    def __init__(self, app: Simulator, seen: list[tuple[str, str, dict[str, Any]]]) -> None:
        self.app, self.seen = app, seen

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        request = Request(environ | {"wsgi.input": BytesIO(body)}, populate_request=False)
        if request.path.startswith("/v1/"):
            pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
            self.seen.append((request.method, request.path, decode(pairs)))
        return self.app(environ | {"wsgi.input": BytesIO(body)}, start)


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sim]:
    store = Store(tmp_path_factory.mktemp("sim") / "state.json")
    seen: list[tuple[str, str, dict[str, Any]]] = []
    simulator = Simulator(store, KEY)
    served = Served(Recorder(simulator, seen))
    store.base_url = served.base
    yield Sim(served.base, store, seen, simulator.unkeyed)
    served.close()


@pytest.fixture
def gateway(sim: Sim) -> StripeGateway:
    return StripeGateway(KEY, sim.base, [SECRET])


@dataclass(frozen=True)
class Catalogue:
    meter: str
    base: str
    minutes: str
    quota: str
    vat: str


def open_catalogue(gateway: StripeGateway) -> Catalogue:
    """A base fee of 990.00, minutes at 0.505 each, pieces at 1.20 after 10 free ones."""
    plan = gateway.ensure_product("coulisse_plan", name="Coulisse Plan")
    minutes = gateway.ensure_product("coulisse_minutes", name="Staff minutes", unit_label="minute")
    meter = gateway.ensure_meter("staff_minutes", display_name="Staff minutes")
    pieces = gateway.ensure_meter("pieces", display_name="Pieces")
    base = gateway.ensure_price(
        "plan_v1_base", product=plan["id"], currency="EUR", unit_amount=Decimal(99000)
    )
    metered = gateway.ensure_price(
        "plan_v1_minutes",
        product=minutes["id"],
        currency="EUR",
        unit_amount=Decimal("50.5"),
        meter=meter["id"],
    )
    quota = gateway.ensure_price(
        "plan_v1_pieces",
        product=minutes["id"],
        currency="EUR",
        unit_amount=Decimal(120),
        meter=pieces["id"],
        included=10,
    )
    vat = gateway.ensure_tax_rate(country="FR", percentage=Decimal(20), display_name="TVA")
    return Catalogue(meter["id"], base["id"], metered["id"], quota["id"], vat["id"])


def send(gateway: StripeGateway, customer: str, hour: int, value: int, revision: int = 1) -> None:
    identifier = f"u1:{customer}:staff_minutes:{hour}:{revision}"
    gateway.send_meter_event(
        "staff_minutes", customer, value, identifier, hour + revision, identifier
    )


@pytest.fixture
def catalogue(gateway: StripeGateway) -> Catalogue:
    return open_catalogue(gateway)


@pytest.fixture
def new_customer(gateway: StripeGateway) -> Callable[..., str]:
    def make(card: str | None = "pm_card_visa") -> str:
        key = f"customer-{time.monotonic_ns()}"
        customer = gateway.create_customer(
            "0198-tenant", "Atelier Nord SARL", "office@nord.example", "FR", "fr", key
        )
        if card:
            gateway.attach_test_card(customer["id"], f"{key}:card", card=card)
        return str(customer["id"])

    return make


@pytest.fixture
def subscribe(
    sim: Sim, gateway: StripeGateway, catalogue: Catalogue
) -> Callable[..., dict[str, Any]]:
    def make(customer: str, **more: Any) -> dict[str, Any]:
        now = sim.now
        items: list[dict[str, Any]] = [
            {"price": catalogue.base, "quantity": 1},
            {"price": catalogue.minutes},
            {"price": catalogue.quota},
        ]
        given: dict[str, Any] = {"start": now - now % HOUR, "default_tax_rates": [catalogue.vat]}
        return gateway.create_subscription(
            customer, items, {"tenant_id": "0198-tenant"}, f"sub-{customer}", **(given | more)
        )

    return make


@dataclass
class Receiver:
    base: str
    deliveries: list[tuple[bytes, str]] = field(default_factory=list)
    refuse: int = 0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    received = Receiver("")

    @Request.application
    def app(request: Request) -> Response:
        if received.refuse > 0:
            received.refuse -= 1
            return Response(status=500)
        received.deliveries.append((request.get_data(), request.headers["Stripe-Signature"]))
        return Response(status=200)

    served = Served(app)
    received.base = served.base
    yield received
    served.close()


@pytest.fixture
def courier(sim: Sim, receiver: Receiver) -> Iterator[Courier]:
    with sim.store.lock:
        sim.store.data["deliveries"].clear()
    running = Courier(sim.store, f"{receiver.base}/webhooks/stripe", SECRET)
    running.start()
    yield running
    running.stop()


def wait_until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture(autouse=True)
def _nobody_takes() -> Iterator[None]:
    """Files of subscription invoices are the finance line's; here records wait."""
    before = list(handing_over._takers)
    handing_over._takers.clear()
    yield
    handing_over._takers[:] = before
