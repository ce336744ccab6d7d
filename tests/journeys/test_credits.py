"""Money goes back: a client contests what was recorded, two administrators decide; goodwill becomes
a credit note that the client reads on the tab and on the invoice. And a call to Stripe that was
given up runs again."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.system import System
from tests.journeys.visits import DESKTOP, PHONE, People, Visit, speaking

SLUG, CODE = "lentier", "LEN"
CLIENT = f"admin@{SLUG}.example"
FIRST, SECOND = "admin@coulisse.example", "admin2@coulisse.example"
HOME = f"/c/{SLUG}/subscription"
REASON = "The canteens send their orders in one file."


def until(visit: Visit, words: str) -> None:
    """The workers tell Stripe meanwhile; whoever waits reloads the page."""
    for _ in range(60):
        visit.settle()
        if words in visit.page.locator("main").inner_text():
            return
        visit.page.wait_for_timeout(500)
        visit.page.reload()
    raise AssertionError(f"{words!r} never stood there")


def press(page: Page, label: str) -> None:
    page.locator("main").get_by_role("button", name=re.compile(label)).click()


def contests(visit: Visit) -> None:
    """The longest record: at the plan's price it is worth more than 100 euros."""
    page = visit.go(f"{HOME}/usage?meter=operator_minutes").page
    until(visit, "135")
    row = page.locator("tbody tr", has=page.locator("td.num", has_text=re.compile(r"^135$")))
    row.get_by_role("link", name="Contest").click()
    visit.station("credits-01-contest", whole=True)
    page.fill("[name=reason]", REASON)
    page.fill("[name=accepted]", "15")
    press(page, "Contest this record")
    expect(page.locator("main")).to_contain_text("Your contest is with the provider")
    visit.station("credits-02-contested", whole=True)


def decides(visit: Visit) -> None:
    page = visit.go("/provider/billing/contests").page
    visit.station("credits-03-contests")
    page.locator("tbody tr", has_text="Conserverie").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text(REASON)
    page.get_by_label("In part: less is billed").check()
    page.fill("[name=remains]", "15")
    page.fill("[name=answer]", "You are right about the file.")
    press(page, f"Decide for {CODE}")
    expect(page.locator("main")).to_contain_text("Another administrator has to confirm it")
    visit.station("credits-04-proposed", whole=True)


def confirms(visit: Visit) -> None:
    page = visit.go("/provider/billing/contests?state=proposed").page
    page.locator("tbody tr", has_text="Conserverie").get_by_role("link").first.click()
    press(page, f"Confirm for {CODE}")
    until(visit, "It was taken back before the invoice")
    visit.station("credits-05-decided", whole=True)


def asks_for_goodwill(visit: Visit) -> None:
    page = visit.go("/provider/billing/credits").page
    page.get_by_role("link", name="Give goodwill").click()
    page.get_by_role("link", name="Conserverie Lentier").click()
    page.fill("[name=amount]", "40")
    page.select_option("[name=invoice]", index=1)
    page.fill("[name=reason]", "A slow week in November")
    visit.station("credits-06-goodwill", whole=True)
    press(page, "Ask for approval")
    expect(page.locator("main")).to_contain_text("Another administrator has to approve it")


def approves(visit: Visit) -> None:
    page = visit.go("/provider/billing/credits?state=draft").page
    page.locator("tbody tr", has_text="Conserverie").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("What Stripe makes of it")
    expect(page.locator("main")).to_contain_text("€48.00")
    visit.station("credits-07-preview", whole=True)
    press(page, "Approve the credit")
    until(visit, "Issued")
    visit.station("credits-08-issued", whole=True)


def reads(visit: Visit) -> None:
    page = visit.go(f"{HOME}/contests").page
    expect(page.locator("main")).to_contain_text("You are right about the file.")
    visit.station("credits-09-answer", whole=True)
    visit.go(f"{HOME}/credits")
    until(visit, "A slow week in November")
    row = page.locator("tbody tr", has_text="A slow week in November")
    expect(row).to_contain_text("€48.00")
    visit.station("credits-10-tab", whole=True)
    row.get_by_role("link", name=re.compile("^Invoice")).click()
    note = page.locator("tbody tr", has_text="Credit notes")
    expect(note).to_contain_text(re.compile("[-−]€48.00"))
    visit.station("credits-11-invoice", whole=True)


def test_contested_decided_and_given_back(people: People) -> None:
    with speaking(people.system, "en"):
        with people.visit(CLIENT, locale="en-GB", viewport=PHONE) as visit:
            contests(visit)
        with people.visit(FIRST, locale="en-GB", viewport=DESKTOP) as visit:
            decides(visit)
            asks_for_goodwill(visit)
        with people.visit(SECOND, locale="en-GB", viewport=DESKTOP) as visit:
            confirms(visit)
            approves(visit)
        with people.visit(CLIENT, locale="en-GB", viewport=PHONE) as visit:
            reads(visit)


def given_up(system: System) -> str:
    """The call that told Stripe who the client is, as if Stripe had been away. Its own number lets
    Stripe answer once more what it answered then."""
    [(effect, tenant)] = system.rows(
        "SELECT o.id, o.tenant_id FROM outbox o JOIN tenants t ON t.id = o.tenant_id"
        " WHERE t.slug = %(slug)s AND o.verb = 'create_customer'", slug=SLUG,
    )  # fmt: skip
    values = {"effect": effect, "tenant": tenant}
    system.rows(
        "UPDATE jobs SET state = 'quarantined', error = 'Stripe was away', finished_at = now()"
        " WHERE tenant_id = %(tenant)s AND args->>'effect_id' = %(effect)s::text", **values,
    )  # fmt: skip
    system.rows(
        "UPDATE outbox SET state = 'dead', error = 'Stripe was away'"
        " WHERE tenant_id = %(tenant)s AND id = %(effect)s", **values,
    )  # fmt: skip
    return str(effect)


def test_a_dead_letter_runs_again(people: People) -> None:
    effect = given_up(people.system)
    with (
        speaking(people.system, "en"),
        people.visit(FIRST, locale="en-GB", viewport=DESKTOP) as visit,
    ):
        page = visit.go("/provider/billing").page
        visit.station("letters-01-accounts", whole=True)
        page.get_by_role("link", name="Conserverie Lentier").click()
        visit.station("letters-02-company", whole=True)
        visit.go("/provider/billing/letters")
        row = page.locator("tbody tr", has_text=effect)
        expect(row).to_contain_text("Stripe was away")
        visit.station("letters-03-dead", whole=True)
        row.get_by_role("button", name="Try create_customer again").click()
        for _ in range(60):
            visit.go("/provider/billing/letters").settle()
            state = "SELECT state FROM outbox WHERE id = %(effect)s"
            if people.system.value(state, effect=effect) == "done":
                break
            page.wait_for_timeout(500)
        expect(page.locator("main")).not_to_contain_text(effect)
        visit.station("letters-04-none", whole=True)
