from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import stripe

from billing import gateway as gateway_module
from billing.gateway import (
    GatewayMisconfigured,
    StripeGateway,
    StripeRefused,
    StripeUnavailable,
    WebhookRefused,
)
from billing.stripe_calls import stripe as ours
from tests.billing.conftest import (
    DAY,
    HOUR,
    KEY,
    SECRET,
    Catalogue,
    Served,
    Sim,
    open_catalogue,
    send,
)

Subscribe = Callable[..., dict[str, Any]]
NewCustomer = Callable[..., str]


def test_the_pinned_version_is_the_one_the_sdk_was_generated_for() -> None:
    assert ours.api_version == gateway_module.API_VERSION
    assert ours.DEFAULT_API_BASE == gateway_module.STRIPE_API_BASE
    assert ours.enable_telemetry is False
    assert stripe.enable_telemetry is False


@pytest.mark.parametrize(
    ("key", "base"),
    [
        ("sk_live_abc", "http://127.0.0.1:9000"),
        ("sk_live_abc", "https://stripe.example"),
        ("sk_test_abc", "http://stripe.example"),
        ("sk_test_abc", "https://127.0.0.1.example"),
        ("pk_test_abc", "https://api.stripe.com"),
        ("", "https://api.stripe.com"),
    ],
)
def test_a_key_goes_nowhere_it_does_not_belong(key: str, base: str) -> None:
    with pytest.raises(GatewayMisconfigured):
        StripeGateway(key, base, [SECRET])


def test_stripes_own_address_takes_both_kinds_of_key() -> None:
    assert StripeGateway("sk_live_abc", "https://api.stripe.com/", [SECRET]).livemode is True
    assert StripeGateway("sk_test_abc", "https://api.stripe.com", [SECRET]).livemode is False


def test_the_catalogue_can_be_opened_again_and_again(
    gateway: StripeGateway, catalogue: Catalogue, sim: Sim
) -> None:
    before = sim.look("state")["counts"]
    assert open_catalogue(gateway) == catalogue
    assert sim.look("state")["counts"] == before


def test_a_price_that_differs_is_refused(gateway: StripeGateway, catalogue: Catalogue) -> None:
    with pytest.raises(StripeRefused, match="unit_amount_decimal") as refusal:
        gateway.ensure_price(
            "plan_v1_base", product="coulisse_plan", currency="EUR", unit_amount=Decimal(98000)
        )
    assert refusal.value.code == "price_mismatch"


def test_the_same_key_with_other_parameters_is_refused(gateway: StripeGateway) -> None:
    first = gateway.create_customer("t1", "Nord", "a@nord.example", "FR", "fr", "same-key")
    again = gateway.create_customer("t1", "Nord", "a@nord.example", "FR", "fr", "same-key")
    assert again == first
    with pytest.raises(StripeRefused) as refusal:
        gateway.create_customer("t1", "Sud", "a@nord.example", "FR", "fr", "same-key")
    assert refusal.value.code == "idempotency_error"


def test_what_comes_out_is_plain_json(
    gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    subscribe(customer)
    state = gateway.fetch_customer_state(customer)
    assert json.loads(json.dumps(state)) == state
    assert state["customer"]["metadata"] == {"tenant_id": "0198-tenant"}
    assert state["customer"]["preferred_locales"] == ["fr"]


def test_an_older_total_does_not_replace_a_newer(
    gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer()
    subscription = subscribe(customer)
    hour = subscription["items"]["data"][0]["current_period_start"]
    send(gateway, customer, hour, 40, revision=3)
    send(gateway, customer, hour, 20, revision=2)
    assert gateway.meter_totals(catalogue.meter, customer, hour, hour + HOUR) == {hour: 40}


def test_usage_outside_stripes_windows_is_refused(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer, now = new_customer(), sim.now
    for name, stamp, code in (
        ("old", now - 36 * DAY, "timestamp_too_far_in_past"),
        ("early", now + 600, "timestamp_in_future"),
    ):
        key = f"{name}-{customer}"
        with pytest.raises(StripeRefused) as refusal:
            gateway.send_meter_event("staff_minutes", customer, 1, key, stamp, key)
        assert refusal.value.code == code
    for name, stamp in (("kept", now - 34 * DAY), ("soon", now + 200)):
        gateway.send_meter_event(
            "staff_minutes", customer, 1, f"{name}-{customer}", stamp, f"{name}-{customer}"
        )


def test_an_identifier_is_free_again_after_a_day(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer, now = new_customer(), sim.now
    hour = now - now % HOUR

    def again(value: int, key: str) -> None:
        gateway.send_meter_event("staff_minutes", customer, value, f"i-{customer}", hour + 1, key)

    again(5, f"a-{customer}")
    again(7, f"b-{customer}")
    assert gateway.meter_totals(catalogue.meter, customer, hour, hour + HOUR) == {hour: 5}
    sim.control("advance", days=1, seconds=1)
    again(7, f"c-{customer}")
    assert gateway.meter_totals(catalogue.meter, customer, hour, hour + HOUR) == {hour: 7}


def test_lists_are_read_to_their_end(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer, now = new_customer(), sim.now
    start = now - now % HOUR - 20 * DAY
    expected = {}
    for index in range(0, 480, 4):
        hour = start + index * HOUR
        send(gateway, customer, hour, index + 1)
        expected[hour] = index + 1
    assert gateway.meter_totals(catalogue.meter, customer, start, start + 20 * DAY) == expected


def test_an_invoice_of_many_lines_comes_whole(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer, now = new_customer(), sim.now
    items = [{"price": catalogue.base, "quantity": number} for number in range(1, 13)]
    gateway.create_subscription(customer, items, {}, f"many-{customer}", start=now - now % HOUR)
    state = gateway.fetch_customer_state(customer)
    assert [item["quantity"] for item in state["subscriptions"][0]["items"]] == [*range(1, 13)]
    assert [line["quantity"] for line in state["invoices"][0]["lines"]] == [*range(1, 13)]


def test_recent_state_still_holds_what_is_open(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    subscribe(customer)
    later = gateway.fetch_customer_state(customer, invoices_since=sim.now + DAY)
    assert later["invoices"] == []


def test_a_wrong_key_is_refused(sim: Sim) -> None:
    stranger = StripeGateway("sk_test_stranger", sim.base, [SECRET])
    with pytest.raises(StripeRefused, match="Invalid API Key"):
        stranger.fetch_customer_state("cus_1")


def test_nobody_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *_: 0)
    served = Served(lambda environ, start: [])
    served.close()
    with pytest.raises(StripeUnavailable):
        StripeGateway(KEY, served.base, [SECRET]).events_since(0)


def test_an_error_of_theirs_is_tried_three_times_with_one_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *_: 0)
    keys: list[str] = []

    def broken(environ: Any, start: Any) -> list[bytes]:
        keys.append(environ["HTTP_IDEMPOTENCY_KEY"])
        start("503 Service Unavailable", [("Content-Type", "application/json")])
        return [b'{"error": {"message": "busy", "type": "api_error"}}']

    served = Served(broken)
    try:
        with pytest.raises(StripeUnavailable):
            StripeGateway(KEY, served.base, []).create_customer("t", "n", "e", "FR", "fr", "k1")
    finally:
        served.close()
    assert keys == ["k1", "k1", "k1"]


def test_loopback_is_reached_past_a_proxy_of_the_environment(
    gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert gateway.events_since(0)


def event(livemode: bool = False) -> bytes:
    return json.dumps({"id": "evt_1", "object": "event", "livemode": livemode}).encode()


def signed(raw: bytes, secret: str, at: int) -> str:
    return str(stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, at))


def test_webhooks_are_accepted_with_any_current_secret(gateway: StripeGateway) -> None:
    now = int(time.time())
    rotating = StripeGateway(KEY, "http://127.0.0.1:9", ["whsec_new", " ", SECRET])
    for secret in ("whsec_new", SECRET):
        assert rotating.parse_webhook(event(), signed(event(), secret, now), now)["id"] == "evt_1"
    thin = b'{"id": "evt_2", "object": "v2.core.event", "livemode": false}'
    assert rotating.parse_webhook(thin, signed(thin, SECRET, now), now)["id"] == "evt_2"


@pytest.mark.parametrize("skew", [-301, 301, DAY])
def test_webhooks_signed_at_another_time_are_refused(gateway: StripeGateway, skew: int) -> None:
    now = int(time.time())
    with pytest.raises(WebhookRefused, match="tolerance"):
        gateway.parse_webhook(event(), signed(event(), SECRET, now + skew), now)
    assert gateway.parse_webhook(event(), signed(event(), SECRET, now - 299), now)


def test_forged_webhooks_are_refused(gateway: StripeGateway) -> None:
    now = int(time.time())
    good = signed(event(), SECRET, now)
    forgeries = [
        (event(), signed(event(), "whsec_other", now)),
        (event() + b" ", good),
        (event(), ""),
        (event(), "nonsense"),
        (event(), f"t={now},v0=abc"),
        (event(), f"t={now + 1},t={now},v1={good.rsplit('=', 1)[1]}"),
        (b"\xff\xfe", good),
        (event(livemode=True), signed(event(livemode=True), SECRET, now)),
        (b"[]", signed(b"[]", SECRET, now)),
        (b"{", signed(b"{", SECRET, now)),
        (b'{"object": "charge"}', signed(b'{"object": "charge"}', SECRET, now)),
    ]
    for raw, header in forgeries:
        with pytest.raises(WebhookRefused):
            gateway.parse_webhook(raw, header, now)
    for secrets in ([], ["", " "]):
        with pytest.raises(WebhookRefused):
            StripeGateway(KEY, "http://127.0.0.1:9", secrets).parse_webhook(event(), good, now)
