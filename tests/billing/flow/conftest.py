from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from billing import connection
from billing.gateway import StripeGateway
from billing.sim.courier import Courier
from billing.sim.http import Simulator
from billing.sim.state import Store
from tenants.core import clock
from tests.billing.conftest import KEY, SECRET, Served, Sim
from tests.billing.flow.house import Flow
from tests.factories import Company, Stage, World


@pytest.fixture
def flow(stage: Stage, environment: dict[str, str], tmp_path: Path) -> Iterator[Flow]:
    store = Store(tmp_path / "sim.json")
    stripe = Simulator(store, KEY)
    simulator, product = Served(stripe), Served(stage.app)
    store.base_url = simulator.base
    gateway = StripeGateway(KEY, simulator.base, [SECRET])
    before = connection.gateway()
    connection.use(gateway)
    offset_file = Path(environment["COULISSE_LOCAL"]) / "clock-offset"
    # Another application in this process may have told the clock otherwise.
    clock.follow_offset_file(offset_file)
    courier = Courier(store, f"{product.base}/webhooks/stripe", SECRET)
    courier.start()
    # another simulator's ids would be remembered
    stage.run("DELETE FROM catalog_map")
    yield Flow(stage, Sim(simulator.base, store), gateway, offset_file, courier)
    courier.stop()
    offset_file.unlink(missing_ok=True)
    connection.use(before)
    simulator.close()
    product.close()
    assert stripe.unkeyed == [], "every call that writes has a key that was stored before"


@pytest.fixture
def company(flow: Flow, world: World) -> Company:
    """Subscribed, with nothing left to do."""
    flow.subscribe(world.a)
    flow.deliver(world.a)
    return world.a
