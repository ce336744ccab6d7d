"""`python -m tests.journeys.picture`: the README's picture, from the demonstration as it starts."""

from playwright.sync_api import sync_playwright

from tests.journeys.furnishing import Forms
from tests.journeys.story import OPERATOR, focused_row
from tests.journeys.system import PROJECT, running
from tests.journeys.visits import People

PICTURE = PROJECT / "docs" / "images" / "desk.png"
LARGEST = 400_000


def take(people: People) -> None:
    found = people.system.rows(
        "SELECT t.slug, r.number FROM requests r JOIN tenants t ON t.id = r.tenant_id"
        " WHERE t.slug = 'lentier' AND r.item = 'payment_control'"
    )
    slug, number = found[0]
    page, operator = f"/c/{slug}/requests/{number}", Forms(people, OPERATOR)
    operator.send(page, "/start")
    operator.send(f"{page}/payment-control", "/confirm-all")
    operator.send(page, "/notes", body="Deux factures de même montant : voir avec Léa avant lundi.")
    with people.visit(OPERATOR) as visit:
        visit.go(f"/desk?open={slug}/{number}")
        visit.page.wait_for_selector("#request")
        visit.settle()
        assert not focused_row(visit.page)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=PICTURE, caret="initial")
    assert PICTURE.stat().st_size < LARGEST


def main() -> None:
    with sync_playwright() as playwright, running("picture") as system:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        take(People(system, browser))
        browser.close()


if __name__ == "__main__":
    main()
