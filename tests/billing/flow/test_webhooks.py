from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from billing import inbox
from billing.sim.courier import signature
from tenants.core.ids import uuid7
from tests.billing.conftest import SECRET
from tests.billing.flow.house import Flow
from tests.factories import Company, World

Browser = Callable[..., FlaskClient]


def event_of(customer: str, **more: Any) -> dict[str, Any]:
    given = {
        "id": f"evt_{uuid7().hex}", "object": "event", "type": "customer.subscription.updated",
        "api_version": "2026-10-28.endive", "created": int(time.time()), "livemode": False,
        "data": {"object": {"id": "sub_x", "object": "subscription", "customer": customer}},
    }  # fmt: skip
    return given | more


def post(
    browser: FlaskClient, event: dict[str, Any], *, secret: str = SECRET, at: int | None = None
) -> int:
    body = json.dumps(event).encode()
    signed = signature(body, secret, at or int(time.time()))
    answer = browser.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signed})
    return answer.status_code


def kept(flow: Flow, event: dict[str, Any]) -> list[Any]:
    return flow.stage.rows(
        "SELECT owner_tenant, state FROM webhook_inbox WHERE event_id = :e", e=event["id"]
    )


def jobs_of(flow: Flow, event: dict[str, Any]) -> list[Any]:
    return flow.stage.rows(
        "SELECT tenant_id, queue FROM jobs WHERE idempotency_key = :k", k=f"event:{event['id']}"
    )


def test_an_event_is_kept_once_and_starts_one_sync(
    flow: Flow, company: Company, client: Browser
) -> None:
    browser, event = client(same_origin=False), event_of(flow.customer(company))
    assert [post(browser, event) for _ in range(3)] == [200, 200, 200]
    assert kept(flow, event) == [(company.id, "new")]
    assert jobs_of(flow, event) == [(company.id, "billing")]
    flow.work(company)
    assert kept(flow, event) == [(company.id, "done")]


@pytest.mark.parametrize("secret", ["whsec_other", ""])
def test_a_forged_event_is_refused(
    flow: Flow, company: Company, client: Browser, secret: str
) -> None:
    event = event_of(flow.customer(company))
    assert post(client(same_origin=False), event, secret=secret) == 400
    assert post(client(same_origin=False), event, at=int(time.time()) - 400) == 400
    assert post(client(same_origin=False), event | {"livemode": True}) == 400
    assert client(same_origin=False).post("/webhooks/stripe", data=b"{}").status_code == 400
    assert not kept(flow, event)


def test_a_body_beyond_the_limit_is_not_read(flow: Flow, client: Browser) -> None:
    answer = client(same_origin=False).post("/webhooks/stripe", data=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413


def test_events_without_a_known_owner_touch_nobody(flow: Flow, client: Browser) -> None:
    browser = client(same_origin=False)
    unknown, product = event_of("cus_unknown"), event_of("", type="product.created")
    product["data"] = {"object": {"id": "prod_x", "object": "product"}}
    assert (post(browser, unknown), post(browser, product)) == (200, 200)
    assert kept(flow, unknown) == [(None, "parked")]
    assert kept(flow, product) == [(None, "ignored")]
    assert not jobs_of(flow, unknown)
    assert post(browser, unknown) == 200


def test_an_event_of_another_version_waits_for_somebody(
    flow: Flow, company: Company, client: Browser
) -> None:
    event = event_of(flow.customer(company), api_version="2024-06-20")
    assert post(client(same_origin=False), event) == 200
    assert kept(flow, event) == [(None, "parked")]
    assert not jobs_of(flow, event)


def test_stripe_repeats_what_the_database_could_not_keep(
    flow: Flow, company: Company, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("the database went away"))

    monkeypatch.setattr(inbox, "receive_event", away)
    event = event_of(flow.customer(company))
    assert post(client(same_origin=False), event) >= 500


def test_a_webhook_of_one_client_changes_no_other(
    flow: Flow, company: Company, world: World, client: Browser
) -> None:
    """The event's own words about a tenant count for nothing; its customer decides."""
    flow.subscribe(world.b)
    flow.deliver(world.a, world.b)
    before = flow.mirror(world.b)
    event = event_of(flow.customer(company))
    event["data"]["object"]["metadata"] = {"tenant_id": str(world.b.id)}
    post(client(same_origin=False), event)
    assert kept(flow, event) == [(company.id, "new")]
    flow.work(world.b)
    flow.work(company)
    assert flow.mirror(world.b) == before
    with flow.acting(world.b):
        from billing.queries import find_webhook_state

        assert find_webhook_state(event_id=event["id"]) is None
