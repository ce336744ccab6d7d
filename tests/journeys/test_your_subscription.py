"""A client's administrator comes back, goes up, plans to go down, thinks better of it, leaves and
stays: all by the product's own pages and Stripe's, as the simulator draws them."""

import re
import time

from playwright.sync_api import Page, expect

from billing.gateway import StripeGateway
from tests.journeys.system import System
from tests.journeys.visits import DESKTOP, PHONE, People, Visit, speaking

SLUG = "forgeval"
ADMIN = f"admin@{SLUG}.example"
HOME = f"/c/{SLUG}/subscription"
LIVE = (
    "SELECT s.stripe_subscription_id FROM subscriptions s JOIN tenants t ON t.id = s.tenant_id"
    " WHERE t.slug = %(slug)s AND s.status NOT IN ('canceled', 'incomplete_expired')"
)


def waits(system: System, *, live: bool) -> None:
    """Until the webhooks said so: also the demonstration's own come after its start."""
    deadline = time.monotonic() + 60
    while bool(system.rows(LIVE, slug=SLUG)) is not live:
        assert time.monotonic() < deadline, "the webhook never came"
        time.sleep(0.3)


def ends_at_stripe(system: System) -> None:
    """The subscription by agreement that the demonstration has."""
    key = system.environment["STRIPE_SECRET_KEY"]
    gateway = StripeGateway(key, system.simulator_url, ["unused"])
    waits(system, live=True)
    gateway.cancel_now(system.value(LIVE, slug=SLUG), "journey")
    waits(system, live=False)


def main(page: Page) -> str:
    return page.locator("main").inner_text()


def press(page: Page, label: str) -> None:
    page.locator("main").get_by_role("button", name=re.compile(label)).first.click()


def until(visit: Visit, words: str) -> None:
    """The workers tell Stripe meanwhile; whoever waits reloads the page."""
    for _ in range(60):
        visit.settle()
        if words in main(visit.page):
            return
        visit.page.wait_for_timeout(500)
        visit.page.reload()
    raise AssertionError(f"{words!r} never stood there:\n{main(visit.page)}")


def subscribes_again(visit: Visit) -> None:
    page = visit.go(HOME).page
    until(visit, "Your subscription has ended")
    visit.station("subscription-01-ended", whole=True)
    page.get_by_role("link", name="Subscribe again").click()
    chooses(visit)
    until(visit, "Change the plan")


def chooses(visit: Visit) -> None:
    """And pays at Stripe's page."""
    page = visit.page
    press(page, "Choose Standard")
    expect(page.locator("h1")).to_have_text(re.compile("Billing details|Payment"))
    if page.locator("[name=line1]").count():
        page.fill("[name=line1]", "4 rue des Forges")
        page.fill("[name=postcode]", "42000")
        page.fill("[name=town]", "Saint-Étienne")
        press(page, "Save and go on")
    page.get_by_role("link", name="Go on to the payment at Stripe").click(timeout=60_000)
    page.locator("button[value=pay]").click()
    page.wait_for_url(re.compile(rf"{HOME}"))
    for _ in range(60):
        if "checkout" not in page.url:
            break
        page.wait_for_timeout(500)
        visit.settle()
        page.goto(f"{visit.url}{HOME}/checkout?session=")


def goes_up(visit: Visit) -> None:
    page = visit.go(f"{HOME}/plans").page
    visit.station("subscription-02-plans", whole=True)
    for _ in range(20):
        page.locator("article", has=page.locator("#plan-extended")).get_by_role(
            "button", name="See what changing to it costs"
        ).click()
        visit.settle()
        if page.url.endswith("/change") and page.locator("#change").count():
            break
        page.wait_for_timeout(1000)  # its prices are being set up
        visit.go(f"{HOME}/plans")
    expect(page.locator("#change")).to_contain_text("Credit for what is left of Standard")
    visit.station("subscription-03-figures", whole=True)
    charged = page.locator("tbody strong").last.inner_text()
    confirm = page.get_by_role("button", name=re.compile("Change at once and pay"))
    assert charged in confirm.inner_text()
    confirm.click()
    expect(page.locator("#change")).to_contain_text("Your plan is Extended now", timeout=60_000)
    visit.station("subscription-04-changed")
    visit.go(f"{HOME}/invoices")
    until(visit, charged)


def plans_to_go_down_and_stays(visit: Visit) -> None:
    page = visit.go(f"{HOME}/plans").page
    for _ in range(20):
        page.locator("article", has=page.locator("#plan-standard")).get_by_role("button").click()
        visit.settle()
        if page.url.endswith("/change") and page.locator("#change").count():
            break
        page.wait_for_timeout(1000)
        visit.go(f"{HOME}/plans")
    press(page, "Plan the change for")
    expect(page.locator("#change")).to_contain_text("Planned for", timeout=60_000)
    visit.station("subscription-05-planned", whole=True)
    press(page, "Stay on Extended")
    expect(page.locator("#change")).to_contain_text("The change was taken back")


def leaves_and_comes_back(visit: Visit) -> None:
    page = visit.go(HOME).page
    page.get_by_role("link", name="End the subscription").click()
    visit.station("subscription-06-end", whole=True)
    page.fill("textarea[name=reason]", "We close for a year.")
    press(page, "End the subscription")
    until(visit, "This subscription ends")
    visit.station("subscription-07-ending", whole=True)
    press(page, "Keep the subscription")
    until(visit, "End the subscription")
    assert "This subscription ends" not in main(page)


def test_up_down_out_and_back(people: People) -> None:
    ends_at_stripe(people.system)
    with speaking(people.system, "en"):
        with people.visit(ADMIN, locale="en-GB", viewport=DESKTOP) as visit:
            subscribes_again(visit)
            goes_up(visit)
        with people.visit(ADMIN, locale="en-GB", viewport=PHONE) as visit:
            plans_to_go_down_and_stays(visit)
            leaves_and_comes_back(visit)
