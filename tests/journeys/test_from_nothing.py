"""A provider that begins: an installation in which nobody is, and at its end a client's request
delivered; through the pages, the terminal and the mails alone."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.effort import PROVE
from tests.journeys.backstage import Backstage
from tests.journeys.furnishing import made_files, uploads
from tests.journeys.story import MONTH
from tests.journeys.system import Account, running
from tests.journeys.visits import People, Visit
from tests.journeys.words import said

PASSWORD = "heron-lantern-quartz-meadow-41"
CHIEF, OPERATOR, CHECKER = (f"{who}@kontor.example" for who in ("chef", "ina", "uwe"))
ADMIN, APPROVER = (f"{who}@lefort.example" for who in ("anne", "marc"))
REASON = "Auftrag vom Mai, Frau Keller"
GERMAN: dict[str, Any] = {"locale": "de-DE"}


@pytest.fixture(scope="module")
def newcomers(chromium: Any) -> Iterator[People]:
    with running("nothing", demo=False) as system:
        yield People(system, chromium)


def de(source: str, **values: object) -> str:
    return said("de", source, **values)


@pytest.mark.skipif(not PROVE, reason="needs a system of its own, by make prove")
def test_a_provider_begins_with_nothing(newcomers: People) -> None:
    assert newcomers.system.value("SELECT count(*) FROM users") == 0
    _the_first_link(newcomers)
    slug = _a_company(newcomers)
    _the_clients_people(newcomers, slug)
    _staff_with_access(newcomers, slug)
    path = _a_request(newcomers, slug)
    _is_done(newcomers, slug, path)
    _the_client_sees_who_looked(newcomers, slug)


def _the_first_link(people: People) -> None:
    told = people.system.coulisse(
        "provider", "init", "--name", "Kontor Weiss", "--country", "DE", "--language", "de",
        "--email", CHIEF, "--person", "Ada Weiss",
    )  # fmt: skip
    joins(people, CHIEF, next(word for word in told.split() if "/link/" in word), "provider_admin")


def _a_company(people: People) -> str:
    with people.visit(CHIEF, **GERMAN) as visit:
        page = visit.go("/").page
        page.wait_for_url("**/provider/companies")
        visit.station("beginn-01-noch-niemand")
        page.get_by_role("link", name=de("New company")).first.click()
        page.fill("[name=name]", "Papeterie Lefort")
        page.fill("[name=legal_form]", "SAS")
        page.select_option("[name=country]", "FR")
        page.fill("[name=registration_number]", "732 829 320")
        expect(page.locator("[name=slug]")).not_to_have_value("")
        page.fill("[name=admin_name]", "Anne Lefort")
        page.fill("[name=admin_email]", ADMIN)
        page.select_option("[name=admin_language]", "de")
        visit.station("beginn-02-firma", whole=True)
        page.get_by_role("button", name=de("Add the company")).click()
        page.wait_for_url("**done=begun")
        visit.station("beginn-03-bereit", whole=True)
        return page.url.split("?", 1)[0].rsplit("/", 1)[1]


def _the_clients_people(people: People, slug: str) -> None:
    joins(people, ADMIN, link_to(people, ADMIN), "client_admin")
    with people.visit(ADMIN, **GERMAN) as visit:
        page = visit.go(f"/c/{slug}/people").page
        page.get_by_role("link", name=de("Invite somebody")).first.click()
        page.fill("[name=display_name]", "Marc Lefort")
        page.fill("[name=email]", APPROVER)
        page.check("[name=role][value=client_user]")
        page.check("[name=approver]")
        page.check("[name=lines][value=finance]")
        page.select_option("[name=language]", "de")
        visit.station("beginn-04-einladung", whole=True)
        page.get_by_role("button", name=de("Send the invitation")).click()
        page.wait_for_url("**done=invited")
    joins(people, APPROVER, link_to(people, APPROVER), "client_approver")


def _staff_with_access(people: People, slug: str) -> None:
    with people.visit(CHIEF, **GERMAN) as visit:
        for email, name, role, level in (
            (OPERATOR, "Ina Brandt", "operator", "work"),
            (CHECKER, "Uwe Kranz", "supervisor", "review"),
        ):
            page = visit.go("/provider/new-staff").page
            page.fill("[name=display_name]", name)
            page.fill("[name=email]", email)
            page.check(f"[name=role][value={role}]")
            page.select_option("[name=language]", "de")
            page.get_by_role("button", name=de("Send the invitation")).click()
            page.wait_for_url(re.compile(r"/provider/staff"))
            joins(people, email, link_to(people, email), role)
            visit.go(f"/provider/companies/{slug}/access/new")
            choice = page.locator("[name=user_id] option", has_text=name)
            page.select_option("[name=user_id]", str(choice.get_attribute("value")))
            page.check("[name=lines][value=finance]")
            page.check(f"[name=level][value={level}]")
            page.select_option("[name=period]", "91")
            page.fill("[name=reason]", REASON)
            visit.station(f"beginn-05-zugriff-{role}", whole=True)
            page.locator("main form button[type=submit]").click()
            page.wait_for_url("**done=given")
        visit.station("beginn-06-wer-darf", whole=True)


def _a_request(people: People, slug: str) -> str:
    with people.visit(APPROVER, **GERMAN) as visit:
        page = visit.go(f"/c/{slug}/requests/new/payment_control").page
        page.fill("[name=period]", f"{MONTH:%Y-%m}")
        for name, file in uploads(made_files(1, MONTH, slug)).items():
            page.set_input_files(f"[name={name}]", file)
        page.get_by_role("button", name=de("Send the request")).click()
        page.wait_for_url(re.compile(rf"/c/{slug}/requests/1$"))
        visit.station("beginn-07-erste-anfrage", whole=True)
    return f"/c/{slug}/requests/1"


def _is_done(people: People, slug: str, path: str) -> None:
    with people.visit(OPERATOR, **GERMAN) as visit:
        page = visit.go("/").page
        page.wait_for_url("**/desk*")
        expect(page.locator(f'[data-key-of="{slug}/1"]')).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector(f'#request[data-open="{slug}/1"]')
        visit.station("beginn-08-am-tisch")
        page.keyboard.press("e")
        expect(page.locator(".detail-state")).to_contain_text(de("In progress"))
    Backstage(people, path, who=OPERATOR, checks=CHECKER).ready_for_approval()
    with people.visit(APPROVER, **GERMAN) as visit:
        page = visit.go(path).page
        page.fill("[name=code]", people.codes.next(people.account(APPROVER)))
        page.get_by_role("button", name=de("Approve and release")).click()
        expect(page.locator(".detail-state")).to_contain_text(de("Done, please confirm"))
        page.get_by_role("button", name=de("Confirm and close")).click()
        expect(page.locator(".detail-state")).to_contain_text(de("Closed"))
        visit.station("beginn-09-erledigt")


def _the_client_sees_who_looked(people: People, slug: str) -> None:
    with people.visit(ADMIN, **GERMAN) as visit:
        page = visit.go(f"/c/{slug}/people/provider").page
        row = page.locator("section", has_text="Ina Brandt").locator("tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text(REASON)
        expect(row).to_contain_text("Ada Weiss")
        expect(row.locator("time")).to_have_count(1)
        visit.station("beginn-10-wer-sieht-uns", whole=True)


def joins(people: People, email: str, link: str, role: str) -> None:
    """The link of an invitation, the password, the authenticator: signed in from then on."""
    context = people.context(**GERMAN)
    visit = Visit(context.new_page(), people.system.url)
    page = visit.go(link).page
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    if email == CHIEF:
        visit.station("beginn-00-erster-link")
    page.click("main button[type=submit]")
    page.wait_for_url("**/sign-in/enrol*")
    secret = page.locator("main code").first.inner_text().replace(" ", "")
    account = Account(email, PASSWORD, secret, role, None)
    page.fill("[name=code]", people.codes.next(account))
    page.get_by_role("button", name=de("Confirm")).click()
    page.get_by_role("link", name=de("I have kept them")).click()
    page.wait_for_url(lambda url: "/sign-in" not in url and "/link/" not in url)
    assert page.get_attribute("html", "lang") == "de"
    people.knows(account, context.storage_state())
    context.close()


def link_to(people: People, email: str) -> str:
    """From the newest mail to them."""
    deadline = time.monotonic() + 30
    context = people.context()
    try:
        while time.monotonic() < deadline:
            mails = context.request.get(f"{people.system.mail_url}/messages.json").json()
            for mail in mails:
                found = re.search(r"http\S+/link/\S+", mail["text"])
                if email in mail["to"] and found:
                    return found[0]
            time.sleep(0.2)
    finally:
        context.close()
    raise AssertionError(f"no invitation for {email}:\n{people.system.log('worker')[-1500:]}")
