"""The gateway and the simulator, held against the SDK's own types."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import requests

from billing.gateway import StripeGateway
from billing.sim.http import ROUTES
from billing.sim.routing import Route
from billing.sim.sdk import call_for, calls
from tests.billing.conftest import DAY, HOUR, KEY, SECRET, Sim, open_catalogue
from tests.billing.sim.sdk import differences

OBJECTS = (
    "products",
    "prices",
    "tax_rates",
    "billing/meters",
    "customers",
    "payment_methods",
    "subscriptions",
    "subscription_schedules",
    "invoices",
    "invoiceitems",
    "invoice_payments",
    "checkout/sessions",
    "billing_portal/configurations",
    "credit_notes",
    "billing/credit_grants",
    "events",
    "webhook_endpoints",
)


class Noting:
    """A gateway that remembers which of its verbs were called."""

    def __init__(self, gateway: StripeGateway) -> None:
        self.gateway = gateway
        self.used: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.used.add(name)
        return getattr(self.gateway, name)


def change_every_way(sim: Sim, noted: Any, customer: dict[str, Any]) -> None:
    catalogue = open_catalogue(noted)
    noted.attach_test_card(customer["id"], "contract-card-2")
    items: list[dict[str, Any]] = [{"price": catalogue.base}, {"price": catalogue.minutes}]
    rates = {"default_tax_rates": [catalogue.vat]}
    noted.preview_start(customer["id"], items, "contract-p1", anchor=sim.now + DAY, **rates)
    noted.preview_start(customer["id"], items, "contract-p2", trial_end=sim.now + 3 * DAY)
    start = sim.now - sim.now % HOUR
    held = noted.create_subscription(customer["id"], items, {}, "contract-s2", start=start)
    change = [{"id": held["items"]["data"][0]["id"], "quantity": 2}]
    at = sim.now
    noted.preview_change(held["id"], change, "contract-p3", proration_date=at)
    noted.change_items(held["id"], change, "contract-change", proration_date=at)
    noted.end_subscription(held["id"], "contract-end")
    noted.keep_subscription(held["id"], "contract-keep")
    turn = held["items"]["data"][0]["current_period_end"]
    prices = {"start": turn, "items": [{"price": catalogue.base, "quantity": 1}]}
    schedule = noted.change_prices(held["id"], [prices], "contract-prices-2")
    noted.release_schedule(schedule["id"], "contract-release")
    noted.change_prices(held["id"], [prices], "contract-prices-3")
    same = [{"id": held["items"]["data"][0]["id"], "quantity": 3}]
    noted.set_items(held["id"], same, "contract-set", metadata={"plan": "x"})
    noted.release_held(held["id"], "contract-held")
    sim.control("fail_next_charge", customer=customer["id"])
    more = [{"id": held["items"]["data"][0]["id"], "quantity": 9}]
    noted.change_items(held["id"], more, "contract-unpaid", proration_date=sim.now)
    waiting = noted.fetch_customer_state(customer["id"])["invoices"][0]
    noted.void_invoice(waiting["id"], "contract-void")
    noted.collect_invoice(
        noted.fetch_customer_state(customer["id"])["invoices"][-1]["id"], "contract-collect"
    )
    noted.cancel_now(held["id"], "contract-cancel")
    second = noted.create_subscription(customer["id"], items, {}, "contract-s3", start=start)
    noted.drop_subscription(second["id"], "contract-drop")
    noted.give_back(second["latest_invoice"], "contract-back")


def credit_every_way(sim: Sim, noted: Any, customer: str) -> None:
    paid = noted.fetch_customer_state(customer)["invoices"][-1]
    lines = [{"invoice_line_item": paid["lines"][0]["id"], "amount": 500}]
    due = noted.preview_credit_note(paid["id"], lines)["post_payment_amount"]
    given = {"memo": "A late answer", "metadata": {"credit_id": "c"}, "to_balance": due}
    noted.create_credit_note(paid["id"], lines, "contract-note", **given)
    noted.list_credit_notes(customer=customer)
    noted.list_credit_notes(invoice=paid["id"])
    noted.list_credit_grants(customer)
    grant = noted.give_credit(
        customer, 1_000, "EUR", "Goodwill", {}, "contract-grant", expires_at=sim.now + DAY
    )
    noted.credit_left(customer)
    noted.list_customers()
    assert noted.find_customer("nobody", since=0) is None
    assert noted.find_subscription(customer, "nobody", since=0) is None
    assert noted.find_invoice_item(customer, "none", since=0) is None
    assert noted.find_invoice(customer, "last_item", "none", since=0) is None
    assert noted.invoice_status(paid["id"]) == "paid"
    held = noted.fetch_customer_state(customer)["subscriptions"][0]
    assert noted.subscription_now(held["id"])["id"] == held["id"]
    dispute = sim.control("dispute", invoice=paid["id"])["dispute"]
    assert noted.fetch_dispute(dispute)["status"] == "needs_response"
    assert noted.disputed_invoice(dispute)["customer"] == customer
    noted.prices_by_key(["plan_v1_base"])
    noted.expire_credit(grant["id"], "contract-grant-over")
    noted.create_invoice_item(
        customer, -5, "EUR", "Late", {}, "contract-late", period=(sim.now - DAY, sim.now)
    )
    noted.send_meter_event("staff_minutes", customer, 5, "contract-2", sim.now, "contract-2")
    noted.cancel_meter_event("staff_minutes", "contract-2", "contract-2-cancel")
    sim.control("reject_usage")
    noted.send_meter_event("staff_minutes", customer, 5, "contract-3", sim.now, "contract-3")
    for event in noted.thin_events_since(0):
        noted.fetch_thin_event(event["id"])


def use_every_verb(sim: Sim, gateway: StripeGateway) -> set[str]:
    noting = Noting(gateway)
    noted: Any = noting
    catalogue = open_catalogue(noted)
    noted.ensure_product("coulisse_minutes", name="Minutes", unit_label="minute")
    noted.ensure_product("coulisse_minutes", name="Staff minutes", unit_label="minute")
    customer = noted.create_customer("t", "Nord", "a@n.example", "FR", "fr", "contract")["id"]
    method = noted.attach_test_card(customer, "contract-card")
    noted.set_default_payment_method(customer, method["id"], "contract-default")
    hour = sim.now - sim.now % HOUR
    items = [{"price": catalogue.base, "quantity": number} for number in range(1, 12)]
    subscription = noted.create_subscription(
        customer,
        [*items, {"price": catalogue.minutes}, {"price": catalogue.quota}],
        {"tenant_id": "t"},
        "contract-subscription",
        start=hour,
        default_tax_rates=[catalogue.vat],
    )
    noted.create_invoice_item(
        customer, 12_345, "EUR", "Agreed price", {"item_id": "i"}, "contract-item"
    )
    noted.invoice_remaining(
        customer, {"last_item": "i"}, "contract-rest", days_until_due=14,
        default_tax_rates=[catalogue.vat],
    )  # fmt: skip
    noted.send_meter_event("staff_minutes", customer, 5, "contract-1", hour + 1, "contract-1")
    noted.meter_totals(catalogue.meter, customer, hour, hour + 24 * HOUR)
    noted.upcoming_invoice(subscription["id"])
    turn = subscription["items"]["data"][0]["current_period_end"]
    change = {"start": turn, "items": [{"price": catalogue.base, "quantity": 2}]}
    noted.change_prices(subscription["id"], [change], "contract-prices")
    step = sim.control("advance", days=40, stop_at_draft=True)
    noted.postpone_finalization(step["drafts"][-1], sim.now + 2 * HOUR, "contract-hold")
    sim.control("advance", days=40, stop_at_draft=True)
    end = (sim.now + 20 * DAY) // HOUR * HOUR
    trial = noted.start_trial(customer, items, {}, "contract-trial", trial_end=end)
    noted.pause_subscription(trial["id"], "contract-pause")
    noted.resume_subscription(trial["id"], "contract-resume")
    credit_every_way(sim, noted, customer)
    change_every_way(sim, noted, noted.create_customer("t", "N", "a@n.example", "FR", "fr", "k2"))
    session = noted.create_checkout(
        customer,
        items,
        {},
        "contract-checkout",
        reference="t",
        success_url="http://127.0.0.1:1/",
        cancel_url="http://127.0.0.1:1/",
        default_tax_rates=[catalogue.vat],
        expires_at=sim.now + 2 * HOUR,
        language="fr",
    )
    noted.fetch_checkout(session["id"])
    noted.expire_checkout(session["id"], "contract-expire")
    portal = noted.ensure_portal()
    noted.open_portal(customer, portal, "contract-portal", return_url="http://x/", language="fr")
    noted.remove_vat_id(
        customer, noted.add_vat_id(customer, "eu_vat", "DE123456789", "contract-vat")["id"]
    )
    noted.add_vat_id(customer, "eu_vat", "FR40303265045", "contract-vat-2")
    noted.vat_ids(customer)
    noted.set_taxation(customer, "reverse", "Autoliquidation", "contract-exempt")
    address = {"line1": "1 rue Haute", "city": "Lille", "postal_code": "59000", "country": "FR"}
    noted.set_details(customer, "Nord SA", "nord@example.org", address, "contract-details")
    noted.set_tax_rates(subscription["id"], [], "contract-rates")
    noted.fetch_payment_method(method["id"])
    noted.fetch_customer_state(customer)
    noted.fetch_customer_state(customer, invoices_since=sim.now - DAY)
    noted.events_since(sim.now - DAY, undelivered_only=True)
    return noting.used


@pytest.fixture(scope="module")
def used(sim: Sim) -> set[str]:
    verbs = use_every_verb(sim, StripeGateway(KEY, sim.base, [SECRET]))
    assert sim.unkeyed == [], "every call that writes has a key of its own"
    return verbs


def test_every_request_has_parameters_that_the_sdk_knows(used: set[str], sim: Sim) -> None:
    verbs = {
        name
        for name, _ in inspect.getmembers(StripeGateway, inspect.isfunction)
        if not name.startswith("_")
    }
    assert used == verbs - {"parse_webhook"}
    assert len(sim.requests) > 30
    for verb, path, params in sim.requests:
        call = call_for(verb, path)
        assert set(params) <= call.params, f"{verb} {path}"
        assert call.required <= set(params), f"{verb} {path}"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_simulator_takes_only_what_stripe_takes(route: Route) -> None:
    call = call_for(route.method, route.template)
    assert route.accepts - {"expand"} <= call.params


def test_the_simulator_answers_in_stripes_shapes(used: set[str], sim: Sim) -> None:
    requests.post(
        f"{sim.base}/v1/webhook_endpoints",
        auth=(KEY, ""),
        data={"url": "http://127.0.0.1:9/hook", "enabled_events[]": "invoice.paid"},
        timeout=5,
    ).raise_for_status()
    for name in OBJECTS:
        query = {"limit": "100"}
        if name == "payment_methods":
            query["customer"] = next(iter(sim.store.table("customers")))
        answer = requests.get(f"{sim.base}/v1/{name}", auth=(KEY, ""), params=query, timeout=10)
        rows = answer.json()["data"]
        assert rows, name
        for row in rows:
            if row.get("type") == "invoice.upcoming":
                row["data"]["object"]["id"] = "it has none yet"
            assert differences(row) == []
            if row["object"] == "event":
                assert differences(row["data"]["object"]) == []
    subscription = next(iter(sim.store.table("subscriptions")))
    preview = requests.post(
        f"{sim.base}/v1/invoices/create_preview",
        auth=(KEY, ""),
        data={"subscription": subscription},
        timeout=5,
    ).json()
    assert differences(preview) == []


@pytest.mark.parametrize(
    ("path", "form", "param"),
    [
        ("customers", {"address[planet]": "x"}, "address[planet]"),
        ("customers", {"tax_exempt": "sometimes"}, "tax_exempt"),
        ("subscriptions", {"customer": "c", "payment_behavior": "hope"}, "payment_behavior"),
        ("subscriptions", {"customer": "c", "items[0][plan_b]": "x"}, "items[0][plan_b]"),
        ("subscriptions", {"customer": "c", "billing_cycle_anchor": "now"}, "billing_cycle_anchor"),
        ("credit_notes", {"memo": "x"}, "invoice"),
        ("checkout/sessions", {"ui_mode": "hosted"}, "ui_mode"),
        ("checkout/sessions", {"payment_method_types[0]": "card"}, "payment_method_types"),
        ("invoiceitems", {"customer": "c", "price": "p"}, "price"),
        ("customers", {"description": "x"}, None),
        ("products", {"name": ""}, "name"),
    ],
)
def test_what_stripe_does_not_know_is_refused_at_any_depth(
    sim: Sim, path: str, form: dict[str, str], param: str | None
) -> None:
    answer = requests.post(f"{sim.base}/v1/{path}", auth=(KEY, ""), data=form, timeout=10)
    assert answer.ok is (param is None)
    if param is not None:
        assert answer.json()["error"]["param"] == param


def test_an_update_says_its_anchor_as_an_object(sim: Sim, used: set[str]) -> None:
    ident = next(iter(sim.store.table("subscriptions")))
    answer = requests.post(
        f"{sim.base}/v1/subscriptions/{ident}",
        auth=(KEY, ""),
        data={"billing_cycle_anchor": "now"},
        timeout=10,
    )
    assert answer.status_code == 400


def test_the_sdk_was_read_to_some_depth() -> None:
    assert len(calls()) > 300
    create = call_for("POST", "/v1/subscriptions")
    assert {"items", "billing_cycle_anchor_config", "backdate_start_date"} <= create.params
    assert call_for("POST", "/v1/billing/meter_events").required == {"event_name", "payload"}


def test_a_test_card_never_meets_a_live_key() -> None:
    live = StripeGateway("sk_live_abc", "https://api.stripe.com", [SECRET])
    with pytest.raises(Exception, match="test_card_in_livemode"):
        live.attach_test_card("cus_1", "key")
