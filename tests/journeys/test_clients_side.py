"""The client's side of a request in full, on a phone and without a mouse; the provider's part is
played by its forms."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.journeys.backstage import Backstage
from tests.journeys.furnishing import made_files, uploads
from tests.journeys.keyboard import Keyboard
from tests.journeys.story import MONTH
from tests.journeys.visits import PHONE, People, Visit, speaking
from tests.journeys.words import said


def number_in(page: Page, slug: str) -> str:
    page.wait_for_url(re.compile(rf"/c/{slug}/requests/\d+$"))
    return page.url.removeprefix(page.url.split("/c/", 1)[0])


def state(page: Page) -> Locator:
    return page.locator(".detail-state")


def test_on_a_phone_in_german(people: People) -> None:
    slug, question = "hallertau", "Gehört die Zahlung vom 14. zu Rechnung 4471?"
    handset = {"viewport": PHONE, "is_mobile": True, "has_touch": True, "locale": "de-DE"}
    user, approver = f"user@{slug}.example", f"approver@{slug}.example"

    def word(source: str) -> str:
        return said("de", source)

    with speaking(people.system, "de"):
        with people.visit(user, **handset) as visit:
            page = visit.go(f"/c/{slug}/").page
            visit.station("telefon-01-start")
            page.get_by_role("link", name=word("New request")).first.tap()
            page.wait_for_url("**/requests/new")
            visit.station("telefon-02-katalog")
            page.get_by_role("link", name=word("Payment control")).first.tap()
            page.wait_for_url("**/payment_control")
            page.fill("[name=period]", f"{MONTH:%Y-%m}")
            for name, file in uploads(made_files(390, MONTH, slug)).items():
                page.set_input_files(f"[name={name}]", file)
            visit.station("telefon-03-anfrage", whole=True)
            page.get_by_role("button", name=word("Send the request")).tap()
            path = number_in(page, slug)
            visit.station("telefon-04-gestellt", whole=True)
            backstage = Backstage(people, path)
            backstage.ask(question)
            visit.go(f"/c/{slug}/")
            visit.station("telefon-05-zu-liefern")
            page.locator(f'.todo-row a[href="{path}"]').tap()
            page.wait_for_url(f"**{path}")
            expect(page.locator("blockquote")).to_have_text(question)
            page.fill("textarea[name=answer]", "Ja, sie kam einen Tag zu früh.")
            visit.station("telefon-06-antwort")
            page.get_by_role("button", name=word("Answer")).first.tap()
            expect(state(page)).to_contain_text(word("In progress"))
            visit.station("telefon-07-beantwortet", whole=True)
        backstage.ready_for_approval()
        with people.visit(approver, **handset) as visit:
            page = visit.go(f"/c/{slug}/").page
            visit.station("telefon-08-zu-entscheiden")
            page.locator(f'.todo-row a[href="{path}"]').tap()
            page.wait_for_url(f"**{path}")
            visit.station("telefon-09-freigabe", whole=True)
            page.fill("[name=code]", people.codes.next(people.account(approver)))
            page.get_by_role("button", name=word("Approve and release")).tap()
            expect(state(page)).to_contain_text(word("Done, please confirm"))
            visit.station("telefon-10-freigegeben")


def signs_in(visit: Visit, people: People, email: str) -> Keyboard:
    keyboard, account = Keyboard(visit), people.account(email)
    page = visit.go("/sign-in").page
    keyboard.write(page.locator("[name=email]"), account.email)
    keyboard.write(page.locator("[name=password]"), account.password)
    keyboard.keys.press("Enter")
    if account.totp_secret:
        page.wait_for_url("**/sign-in/code*")
        keyboard.write(page.locator("[name=code]"), people.codes.next(account))
        keyboard.keys.press("Enter")
    page.wait_for_url("**/c/*/")
    return keyboard


def test_without_a_mouse_in_english(people: People) -> None:
    slug, question = "forgeval", "Which of the two invoices does it settle?"
    with speaking(people.system, "en"):
        with people.visit(locale="en-GB") as visit:
            page = visit.page
            keyboard = signs_in(visit, people, f"user@{slug}.example")
            keyboard.enter(page.locator("main").get_by_role("link", name="New request").first)
            keyboard.enter(page.get_by_role("link", name=re.compile("^Payment control")))
            keyboard.write(page.locator("[name=period]"), f"{MONTH:%Y-%m}")
            for name, file in uploads(made_files(91, MONTH, slug)).items():
                # the window in which one chooses a file is the browser's own
                keyboard.to(page.locator(f"[name={name}]"))
                page.set_input_files(f"[name={name}]", file)
            visit.station("keyboard-01-upload")
            keyboard.enter(page.get_by_role("button", name="Send the request"))
            path = number_in(page, slug)
            backstage = Backstage(people, path)
            backstage.ask(question)
            visit.go(f"/c/{slug}/")
            keyboard.enter(page.locator(f'.todo-row a[href="{path}"]'))
            page.wait_for_url(f"**{path}")
            keyboard.write(page.locator("textarea[name=answer]"), "The older one.")
            visit.station("keyboard-02-answer")
            keyboard.to(page.get_by_role("button", name=re.compile("^Answer")))
            keyboard.keys.press("Space")
            expect(state(page)).to_contain_text("In progress")
        backstage.ready_for_approval()
        with people.visit(locale="en-GB") as visit:
            page = visit.page
            keyboard = signs_in(visit, people, f"approver@{slug}.example")
            keyboard.enter(page.locator(f'.todo-row a[href="{path}"]'))
            page.wait_for_url(f"**{path}")
            code = people.codes.next(people.account(f"approver@{slug}.example"))
            keyboard.write(page.locator("[name=code]"), code)
            visit.station("keyboard-03-approval")
            keyboard.enter(page.get_by_role("button", name="Approve and release"))
            expect(state(page)).to_contain_text("Done, please confirm")
