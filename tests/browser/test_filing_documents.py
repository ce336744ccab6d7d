"""Files are dropped, found, superseded and recognised when they come again."""

from typing import Any

from playwright.sync_api import expect

from tests.journeys.system import System
from tests.journeys.visits import PHONE, People, speaking

C = "/c/lentier/documents"


def test_files_are_filed_found_and_recognised(system: System, people: People) -> None:
    one: Any = {"name": "bail.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 lease"}
    two: Any = {"name": "avenant.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 change"}
    with speaking(system, "en"), people.visit("user@lentier.example") as visit:
        page = visit.go(f"{C}/new").page
        page.set_input_files("#f-files", [one, two])
        page.select_option("#f-kind", "supporting_document")
        page.get_by_role("button", name="File documents").click()
        expect(page.get_by_role("status").first).to_contain_text("The documents are filed.")
        page.fill("input[name=q]", "bail")
        page.keyboard.press("Enter")
        expect(page.locator("tbody tr")).to_have_count(1)
        visit.shot("documents-list")
        page.get_by_role("link", name="bail").click()
        signed: Any = {**one, "buffer": b"%PDF-1.4 signed"}
        page.set_input_files("#version-file", signed)
        page.fill("#version-reason", "Signed by both")
        page.get_by_role("button", name="Keep as version 2").click()
        expect(page.locator(".version-list > li")).to_have_count(2)
        expect(page.locator(".version-list")).to_contain_text("Superseded")
        visit.shot("documents-show", whole=True)
        page.set_viewport_size(PHONE)
        visit.go(f"{C}/new")
        expect(page.locator("#f-photo")).to_have_attribute("capture", "environment")
        page.set_input_files("#f-files", [one])
        page.select_option("#f-kind", "supporting_document")
        visit.shot("documents-new-phone", whole=True)
        page.get_by_role("button", name="File documents").click()
        expect(page.locator("h1")).to_contain_text("is here already")
        visit.fits()
        visit.axe("known")
        visit.shot("documents-known-phone", whole=True)
        page.get_by_role("button", name="File as a document of its own").click()
        expect(page.get_by_role("status").first).to_contain_text("The document is filed.")
        visit.quiet()
