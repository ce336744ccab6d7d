"""What leaves for Stripe and from where: keys that were stored before, one version, and no request of
a browser or of a webhook that calls it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from billing import connection
from billing.gateway import API_VERSION, StripeGateway
from billing.sim.http import Simulator
from billing.sim.state import Store
from tests.billing.conftest import KEY, SECRET, Served, Sim
from tests.billing.flow.house import Flow
from tests.billing.flow.test_webhooks import event_of, post
from tests.billing.proofs.witness import Witness
from tests.factories import Company, Stage, World
from tests.isolation import examples

SignIn = Callable[..., FlaskClient]
# Made from what they say, the same for everybody: a product, a price, the portal's settings.
DERIVED = re.compile(r"^(product|price|meter|tax_rate|portal):")


def stored_key(stage: Stage, key: str) -> bool:
    """The outbox's, or one that a step of its call adds to it; an hour's identifier."""
    whole = key.partition(":")[0]
    return bool(
        stage.value(
            "SELECT EXISTS (SELECT FROM outbox WHERE idempotency_key IN (:k, :w))"
            " OR EXISTS (SELECT FROM usage_buckets WHERE identifier = :k)",
            k=key, w=whole,
        )
    )  # fmt: skip


@pytest.fixture
def watched(flow: Flow, stage: Stage, tmp_path: Path) -> Iterator[Witness]:
    """Between this product and its simulator."""
    witness = Witness(Simulator(flow.sim.store, KEY), lambda key: stored_key(stage, key))
    served = Served(witness)
    connection.use(StripeGateway(KEY, served.base, [SECRET]))
    yield witness
    connection.use(flow.gateway)
    served.close()


def test_every_effect_has_its_key_stored_before_the_call(
    flow: Flow, world: World, watched: Witness, sign_in_as: SignIn
) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    flow.subscribe(world.b)
    assert admin.post(company.url("subscription/checkout"), data={"plan": "standard"}).status_code == 303  # fmt: skip
    flow.work(company)
    url = flow.stage.value("SELECT url FROM checkout_attempts WHERE tenant_id = :t", t=company.id)
    requests.post(url, data={"action": "pay", "card": "pm_card_visa"}, timeout=10,
                  allow_redirects=False)  # fmt: skip
    flow.deliver(company, world.b)
    for one in (company, world.b):
        flow.use(one, "operator_minutes", 50)
        flow.flush(one)
    assert admin.post(company.url("subscription/portal")).status_code == 200
    writing = [one for one in watched.asked if one.method != "GET"]
    bare = [one for one in writing if not one.stored and not DERIVED.match(one.key)]
    assert bare == []
    kinds = {one.path.rstrip("/").split("/")[2] for one in writing if one.stored}
    assert {"customers", "subscriptions", "checkout", "billing"} <= kinds
    assert {one.version for one in watched.asked} == {API_VERSION}
    assert {one.telemetry for one in watched.asked} == {""}


class Forbidden:
    """A gateway that nobody may ask anything but to read a webhook."""

    def __init__(self, real: StripeGateway) -> None:
        self.real, self.asked = real, list[str]()

    def __getattr__(self, name: str) -> Any:
        if name in ("parse_webhook", "livemode"):
            return getattr(self.real, name)
        self.asked.append(name)
        raise AssertionError(f"{name} was called in a request")


@pytest.fixture
def forbidden(flow: Flow) -> Iterator[Forbidden]:
    gateway: Any = Forbidden(flow.gateway)
    connection.use(gateway)
    yield gateway
    connection.use(flow.gateway)


def test_a_webhook_request_calls_nobody(
    flow: Flow, company: Company, client: SignIn, forbidden: Forbidden
) -> None:
    browser = client(same_origin=False)
    for kind in ("customer.subscription.updated", "invoice.created", "checkout.session.completed"):
        assert post(browser, event_of(flow.customer(company), type=kind)) == 200
    assert post(browser, event_of("cus_nobody")) == 200
    assert forbidden.asked == []


def test_no_page_calls_stripe(
    flow: Flow, company: Company, world: World, sign_in_as: SignIn, api_as: SignIn,
    forbidden: Forbidden,
) -> None:  # fmt: skip
    """Every address that can be read, of a company that has a subscription: the client's pages as
    its administrator, the provider's as theirs, the interface as a program."""
    values = examples.make_examples(flow.stage, company, world.operator_a, skip=1).values
    app: Any = flow.stage.app
    mine, program = sign_in_as(company.admin), api_as(company.admin, company)
    theirs, seen = sign_in_as(world.provider_admin), Counter[int]()
    for rule in examples.rules(app):
        if "GET" in (rule.methods or set()) and rule.arguments <= set(values):
            browser = theirs if rule.rule.startswith("/provider") else mine
            browser = program if rule.rule.startswith("/api") else browser
            seen[browser.get(examples.build(app, rule, values)).status_code] += 1
    assert forbidden.asked == []
    assert max(seen) < 500, seen
    assert seen[200] > 100, seen


def test_each_key_stays_with_its_own_kind_of_address() -> None:
    from billing.gateway import GatewayMisconfigured

    sim = Sim("http://127.0.0.1:1", Store())
    for key, base in (
        ("sk_live_x", sim.base), ("rk_live_x", "http://localhost:4242"), ("sk_live_x", "http://api.stripe.com"),
    ):  # fmt: skip
        with pytest.raises(GatewayMisconfigured):
            StripeGateway(key, base, [SECRET])
    for key in ("sk_live_x", "rk_live_x", "", "pk_test_x"):
        with pytest.raises(ValueError, match="sk_test_"):
            Simulator(sim.store, key)


def test_the_simulator_refuses_every_key_but_its_own(flow: Flow) -> None:
    for key in ("sk_live_simulator", "sk_test_other", ""):
        answer = requests.get(f"{flow.sim.base}/v1/customers", auth=(key, ""), timeout=5)
        assert answer.status_code == 401
