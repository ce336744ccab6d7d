from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from billing import connection
from billing.gateway import StripeGateway
from billing.sim.courier import Courier
from billing.sim.http import Simulator
from billing.sim.state import Store
from billing.sinks import Name
from tenants.core import clock
from tests.billing.conftest import KEY, SECRET, Served, Sim
from tests.billing.flow.house import Flow
from tests.billing.flow.plans import choose, past_trial
from tests.factories import Company, Person, Stage, World

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def usage_sink() -> Name:
    """Parametrise it where usage on its way matters."""
    return "totals"


@pytest.fixture
def flow(stage: Stage, environment: dict[str, str], usage_sink: Name) -> Iterator[Flow]:
    # a file behind it would be written after every change
    store = Store()
    stripe = Simulator(store, KEY)
    simulator, product = Served(stripe), Served(stage.app)
    store.base_url = simulator.base
    gateway = StripeGateway(KEY, simulator.base, [SECRET], usage_sink=usage_sink)
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


@pytest.fixture
def admin(sign_in_as: SignIn, world: World) -> FlaskClient:
    """The browser of the client's administrator."""
    return sign_in_as(world.a.admin)


@pytest.fixture
def paying(flow: Flow, world: World, admin: FlaskClient) -> Company:
    """On the standard plan, some days into a paid month."""
    choose(flow, admin, world.a, "standard")
    past_trial(flow, world.a)
    return world.a
