"""A customer's file, from the client's request over the operator's form to its sheet, and the entry's
further addresses on a phone."""

from typing import Any

from playwright.sync_api import expect

from tests.journeys.furnishing import Forms
from tests.journeys.system import System
from tests.journeys.visits import PHONE, People, speaking

C = "/c/lentier"


def test_a_file_is_opened_completed_and_delivered(system: System, people: People) -> None:
    number = Forms(people, "user@lentier.example").raise_item(
        "lentier", "customer_file", title="Scierie Martin SAS", role="customer", kind="company",
        registration="404833048", vat="FR83404833048", street="8 route du Col", postcode="38000",
        city="Grenoble", country="fr", delivery="Dépôt\n2 quai Nord\n69003 Lyon",
        contact_name="Luc Martin", accounts_name="Zoé Blanc", payment_days="45",
    )  # fmt: skip
    operator = "operator1@coulisse.example"
    Forms(people, operator).send(f"{C}/requests/{number}", "/start")
    with speaking(system, "en"), people.visit(operator) as visit:
        page: Any = visit.go(f"{C}/requests/{number}").page
        page.get_by_role("link", name="Open the file").click()
        expect(page.get_by_label("SIREN", exact=True)).to_have_value("404833048")
        expect(page.get_by_text("Nobody in the directory has its name")).to_be_visible()
        visit.shot("customer-file-form", whole=True)
        page.get_by_role("button", name="Open the file for").click()
        expect(page.get_by_role("status").first).to_contain_text("in the directory")
        page.get_by_role("link", name="Scierie Martin SAS").click()
        page.set_viewport_size(PHONE)
        page.get_by_role("link", name="Another address").click()
        page.get_by_label("Town").fill("Chambéry")
        page.get_by_label("Take it by default").check()
        visit.axe("part")
        visit.fits()
        visit.shot("directory-part-phone", whole=True)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#addresses")).to_contain_text("Chambéry")
        page.get_by_role("button", name="Take it by default Dépôt").click()
        expect(page.locator("#addresses")).to_contain_text("Taken by default")
        visit.fits()
        visit.axe("entry")
        visit.shot("directory-entry-phone", whole=True)
        visit.go(f"{C}/requests/{number}/customer-file")
        page.get_by_role("button", name="Make the sheet for").click()
        expect(page.get_by_role("status").first).to_contain_text("sealed")
        visit.axe("file")
        visit.shot("customer-file-phone", whole=True)
        visit.go(f"{C}/requests/{number}")
        expect(page.locator("main")).to_contain_text("its sheet is attached")
        visit.quiet()
