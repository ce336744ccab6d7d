"""A company sends the list of its customers: it sees what is wrong, takes the rest, takes it back."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.directory_pages import D, uploaded
from tests.journeys.system import System
from tests.journeys.visits import People

CLIENT = "user@lentier.example"


def test_import_with_errors_and_undo(system: System, people: People) -> None:
    with people.visit(CLIENT) as visit:
        page: Any = visit.page
        visit.go(f"{D}/imports/new")
        page.set_input_files("input[type=file]", uploaded())
        page.click("main form button[type=submit]")
        page.wait_for_url("**/imports/*")
        take = page.locator("form[action$='/take'] button")
        expect(take).to_be_visible(timeout=60_000)
        expect(page.locator("main")).to_contain_text("Un SIREN faux")
        visit.station("annuaire-apercu")
        with page.expect_download() as got:
            page.click("a[href*='/rejected?kind=csv']")
        assert "123456789" in got.value.path().read_text()
        take.click()
        back = page.locator("details:has(form[action$='/undo'])")
        expect(back).to_be_visible(timeout=60_000)
        found = visit.go(f"{D}?q=Rivière").page.locator("tbody tr")
        expect(found).to_have_count(1)
        visit.station("annuaire")
        found.locator("a").first.click()
        expect(page.locator("main")).to_contain_text("732829320")
        visit.station("annuaire-fiche")
        visit.go(f"{D}/imports")
        page.locator("tbody a").first.click()
        page.locator("details:has(form[action$='/undo']) summary").click()
        page.click("form[action$='/undo'] button")
        expect(page.locator(".notice h2")).to_contain_text("2", timeout=60_000)
        visit.station("annuaire-repris")
        visit.go(f"{D}?q=Rivière")
        expect(page.locator("tbody tr")).to_have_count(0)
