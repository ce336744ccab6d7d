"""A request from its draft to documents that came late, and a pause that is contested."""

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.journeys.case import OPERATOR, SUPERVISOR, Case
from tests.journeys.furnishing import Forms
from tests.journeys.passing import days_pass, due_now, today

TITLE = "Acme 4471"
DETAILS = "3 x 120, 2 x 80."
FIRST, SECOND = "Contract 2026", "Order 17"
NONE_OF_IT = "It was agreed by telephone."
CONTEST = "We sent it on the first day, by post."
VERDICT = "The post came with the file."
FILE = {"name": "contract.txt", "mimeType": "text/plain", "buffer": b"Signed in March.\n"}
CONTRACT = {
    "items": {"sales_question": {"scope": "quota", "quota": 50}, "hr_question": {"scope": "offer"}}
}


def until(reached: Callable[[], Any], what: str, seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := reached():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come")


def drafted_and_sent(case: Case) -> None:
    """What it costs is said before it is sent; a draft outlives leaving."""
    with case.at(case.email("user"), f"/c/{case.slug}/") as hands:
        page = hands.page
        hands.press(page.locator("main").get_by_role("link", name=case.say("New request")).first)
        page.wait_for_url("**/requests/new")
        item = page.locator(".catalogue-item")
        expect(item.filter(has_text=case.say("HR task"))).to_contain_text(
            case.say("needs an offer")
        )
        expect(item.filter(has_text=case.say("Finance task"))).to_contain_text(case.say("included"))
        sales = item.filter(has_text=case.say("Sales assistance task"))
        expect(sales).to_contain_text("50")
        case.look(hands, "01-catalogue")
        hands.press(item.filter(has_text=case.say("HR task")))
        page.wait_for_url("**/hr_question")
        expect(page.locator(".notice")).to_contain_text(case.say("Needs an offer first"))
        case.look(hands, "02-needs-an-offer")
        hands.visit.go(f"/c/{case.slug}/requests/new/sales_question")
        expect(page.locator(".notice")).to_contain_text(case.say("Included in the contract."))
        hands.write(page.locator("[name=title]"), TITLE)
        hands.write(page.locator("[name=details]"), DETAILS)
        hands.press(page.get_by_role("button", name=case.say("Save draft")))
        expect(page.get_by_role("button", name=case.say("Delete draft"))).to_be_visible()
        hands.visit.go(f"/c/{case.slug}/")
        draft = page.locator(".drafts .todo-row a", has_text=TITLE)
        case.look(hands, "03-home-with-draft")
        hands.press(draft)
        page.wait_for_url("**/sales_question")
        expect(page.locator("[name=details]")).to_have_value(DETAILS)
        hands.choose(page.locator("[name=impact]"), "high")
        hands.choose(page.locator("[name=urgency]"), "high")
        case.look(hands, "04-form")
        hands.press(page.get_by_role("button", name=case.say("Send the request")))
        case.raised(page)
        proposed = case.say("You proposed: %(priority)s", priority=case.say("Urgent"))
        expect(page.locator(".request-main")).to_contain_text(proposed)
        case.look(hands, "05-raised")


def documents_asked(case: Case) -> None:
    Forms(case.people, OPERATOR).send(case.path, "/start")
    with case.at(OPERATOR, case.path) as hands:
        page = hands.page
        hands.press(page.locator(".composer-more"))
        page.wait_for_url("**/documents/new")
        hands.write(page.locator("[name=name_1]"), FIRST)
        hands.write(page.locator("[name=why_1]"), TITLE)
        hands.write(page.locator("[name=due_on_1]"), today(case.people.system).isoformat())
        hands.write(page.locator("[name=name_2]"), SECOND)
        case.look(hands, "06-documents")
        hands.press(case.button(page.locator("main"), "Ask for %(code)s", code=case.code))
        page.wait_for_url(f"**{case.path}")
        case.state(page, "Waiting for client")
        case.look(hands, "07-asked", again=True)


def reminded(case: Case) -> None:
    """Three days later; the reader's own office may be closed, so that their mail waits."""
    system = case.people.system
    days_pass(system, case.slug, case.number, 3)
    due_now(system, "remind-clients")
    sent = (
        "SELECT m.step FROM reminders m JOIN requests r ON r.tenant_id = m.tenant_id"
        " AND r.id = m.request_id JOIN tenants t ON t.id = r.tenant_id"
        " WHERE t.slug = %(slug)s AND r.number = %(number)s"
    )
    until(lambda: system.rows(sent, slug=case.slug, number=case.number), "the reminder")


def answered_late(case: Case) -> None:
    with case.at(case.email("user"), f"/c/{case.slug}/") as hands:
        page = hands.page
        case.look(hands, "08-home")
        hands.press(page.locator(f'.todo-row a[href="{case.path}"]').first)
        page.wait_for_url(f"**{case.path}")
        case.look(hands, "09-to-provide")
        lines = page.locator(".document")
        hands.attach(lines.nth(0).locator("input[type=file]"), FILE)
        hands.press(case.button(lines.nth(0).locator(".document-form"), "Send"))
        expect(lines.nth(0)).to_contain_text("contract.txt")
        hands.press(case.opened(lines.nth(1), "There is none"))
        hands.write(lines.nth(1).locator("textarea"), NONE_OF_IT)
        hands.press(case.button(lines.nth(1).locator("details"), "Send"))
        case.state(page, "In progress")
        case.look(hands, "10-provided", again=True)


def pause_contested(case: Case) -> None:
    with case.at(case.email("user"), f"{case.path}/clock") as hands:
        page = hands.page
        hands.press(case.opened(page, "Contest this pause").first)
        hands.write(page.locator("[name=words]").first, CONTEST)
        hands.press(case.button(page.locator(".clock-step details[open]"), "Send"))
        expect(page.locator(".clock-contest")).to_contain_text(CONTEST)
        case.look(hands, "11-contested")
    with case.at(SUPERVISOR, f"{case.path}/clock") as hands:
        page = hands.page
        hands.pick("outcome", "upheld")
        hands.write(page.locator("[name=answer]"), VERDICT)
        case.look(hands, "12-verdict")
        hands.press(case.button(page, "Decide for %(code)s", code=case.code))
        expect(page.locator(".clock-contest")).to_contain_text(VERDICT)
    with case.at(case.email("user"), f"{case.path}/clock") as hands:
        page = hands.page
        expect(page.locator(".clock-contest")).to_contain_text(VERDICT)
        # what was late moves the date now that the pause has gone
        expect(page.locator(".clock-moved s")).to_be_visible()
        case.look(hands, "13-clock", again=True)
        hands.visit.go(case.path)
        both = re.split(r"%\(\w+\)s", case.say("Due %(when)s, first due %(first)s"))
        expect(page.locator(".detail-state")).to_contain_text(re.compile(".+".join(both)))
        case.look(hands, "14-both-dates")


STATIONS = (drafted_and_sent, documents_asked, reminded, answered_late, pause_contested)
