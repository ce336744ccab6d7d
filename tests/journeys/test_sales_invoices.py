"""An invoice from the company's settings to the day it is paid, and the credit note that takes one
back: each person in turn, payment by the statement that payment control confirmed."""

from __future__ import annotations

import email
import time
from email.message import EmailMessage
from email.policy import default as policy
from typing import Any

from facturx import get_xml_from_pdf
from playwright.sync_api import Page, expect

from tests.finance.test_learning import bank, items_file
from tests.journeys.furnishing import Forms
from tests.journeys.system import System
from tests.journeys.visits import DESKTOP, PHONE, People, Visit

SLUG = "forgeval"
C, D = f"/c/{SLUG}/sales-invoices", f"/c/{SLUG}/directory"
ADMIN, USER, OPERATOR = (
    f"admin@{SLUG}.example",
    f"user@{SLUG}.example",
    "operator1@coulisse.example",
)
SELLER = {
    "legal_id": "905182374", "street": "4 rue de la Fonderie", "postcode": "57200",
    "city": "Sarreguemines", "legal_text": "SA au capital de 240 000 €, RCS Sarreguemines",
    "electronic_scheme": "0225", "electronic_address": "905182374", "bic": "CCFRFRPP",
    "iban": "FR7630006000011234567890189", "email": "compta@forgeval.example",
    "contact": "Hélène Bricout", "phone": "+33 3 87 00 00 00",
}  # fmt: skip
BUYER = {
    "name": "Câbles & Fils du Rhin SAS", "siren": "552100554", "vat": "FR96552100554",
    "billing_street": "quai de Seine", "billing_house_number": "3", "billing_postcode": "75004",
    "billing_city": "Paris", "billing_country": "FR", "endpoint_scheme": "0225",
    "endpoint_value": "552100554", "contact_name": "Paul Renard",
    "contact_email": "achats@cables.example", "payment_days": "30",
}  # fmt: skip


def ready(visit: Visit) -> Page:
    """Once its file is written and checked, which a worker does."""
    page = visit.page
    expect(page.locator("#file form[action$='/send']")).to_be_attached(timeout=90_000)
    return page


def settings_are_made(visit: Visit, code: str) -> None:
    """A code, as for each other account to which customers are to pay."""
    page = visit.go(f"{C}/settings").page
    page.fill("[name=code]", code)
    for name, value in SELLER.items():
        field = page.locator(f"[name={name}]")
        field.select_option(value) if name == "electronic_scheme" else field.fill(value)
    page.click("form[action$='/settings'] button.btn-primary")
    expect(page.locator(".notice.tone-good")).to_be_visible()
    visit.station("factures-01-reglages", whole=True)


def invoice_is_written(visit: Visit) -> None:
    page = visit.go(f"{C}").page
    page.click("a[href$='/sales-invoices/new']")
    page.fill("[name=q]", "câbles")
    page.keyboard.press("Enter")
    page.locator("tbody a", has_text=str(BUYER["name"])).click()
    page.fill("#line-1-name", "Usinage de 40 brides")
    page.fill("#line-1-quantity", "40")
    page.fill("#line-1-price", "62,50")
    page.fill("#line-2-name", "Transport")
    page.fill("#line-2-price", "beaucoup")
    page.locator("form[method=post] button[type=submit]:not([name])").last.click()
    expect(page.locator("#line-2-price-error")).to_be_visible()
    visit.station("factures-02-refusee", whole=True)
    page.fill("#line-2-price", "180")
    page.click("button[name=more]")
    expect(page.locator("#lines dl")).to_contain_text("3\u202f216,00")
    visit.station("factures-03-saisie", whole=True)
    page.locator("form[method=post] button[type=submit]:not([name])").last.click()
    page.wait_for_url(lambda url: not url.endswith("/new"))
    visit.station("factures-04-brouillon", whole=True)


def validated_and_sent(visit: Visit, picture: str) -> str:
    """Its number. It can be sent to the address of the customer's file as soon as its slip says that
    every rule has passed."""
    page = visit.page
    page.click("form[action$='/validate'] button")
    visit.station(f"{picture}-validee", whole=True)
    form = ready(visit).locator("#file form[action$='/send']")
    expect(form.locator("[name=to]")).to_have_value(BUYER["contact_email"])
    visit.station(f"{picture}-prete", whole=True)
    form.locator("button").click()
    expect(page.locator("main")).to_contain_text(BUYER["contact_email"])
    visit.station(f"{picture}-envoyee", whole=True)
    return str(page.locator("h1").inner_text()).split()[-1]


def credit_note(visit: Visit, number: str) -> None:
    """Of one line of the two, with the reason that will stand on it."""
    page, invoice = visit.page, visit.page.url
    page.click("#act-credit summary")
    page.fill("#act-credit [name=reason]", "Transport compté à tort")
    page.click("#act-credit button")
    page.wait_for_url(lambda url: url != invoice)
    expect(page.locator("aside")).to_contain_text(number)
    page.click("a[href$='/edit']")
    page.fill("#line-1-name", "")
    for part in ("quantity", "price"):
        page.fill(f"#line-1-{part}", "")
    visit.station("factures-09-avoir", whole=True)
    page.locator("form[method=post] button[type=submit]:not([name])").last.click()
    page.wait_for_url(lambda url: not url.endswith("/edit"))


def mail_of(system: System, number: str) -> EmailMessage:
    """As it came to the customer."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for file in (system.folder / ".local" / "mail").glob("*.eml"):
            found = email.message_from_bytes(file.read_bytes(), policy=policy)
            if number in str(found["Subject"]):
                return found
        time.sleep(0.3)
    raise AssertionError(f"no mail with {number}")


def xml_of(file: Any) -> bytes:
    """What the customer's program reads of the page."""
    _, xml = get_xml_from_pdf(file.get_content(), check_xsd=False)
    return bytes(xml)


def pays(people: People, number: str, amount: str, ident: str) -> int:
    """What the bank says of it is given to payment control; its request."""
    files: dict[str, Any] = {
        "open_items": ("postes.csv", "text/csv", items_file((number, "Câbles", amount))),
        "statement": (
            "releve.xml", "application/xml",
            bank((amount.replace(",", "."), "CABLES ET FILS", "", f"VIR {number}"), ident=ident),
        ),
    }  # fmt: skip
    return Forms(people, USER).raise_item(
        SLUG, "payment_control", period="2026-09", details="",
        **{
            key: {"name": name, "mimeType": kind, "buffer": content}
            for key, (name, kind, content) in files.items()
        },
    )  # fmt: skip


def confirms(people: People, request: int) -> None:
    path = f"/c/{SLUG}/requests/{request}"
    for act in ("/assign", "/start"):
        Forms(people, OPERATOR).send(path, act)
    with people.visit(OPERATOR, viewport=DESKTOP) as visit:
        page = visit.go(path).page
        page.locator("#payment-control a.btn[href*='/payment-control']").first.click(timeout=60_000)
        page.locator(".match form[action$='/confirm'] button").click()
        expect(page.locator(".match-confirmed")).to_be_visible()


def test_from_the_draft_to_the_payment(system: System, people: People) -> None:
    with people.visit(ADMIN, viewport=DESKTOP) as visit:
        settings_are_made(visit, people.codes.next(people.account(ADMIN)))
    Forms(people, OPERATOR).send(f"{D}/new", f"{D}/new", **BUYER)
    with people.visit(OPERATOR, viewport=DESKTOP) as visit:
        invoice_is_written(visit)
        number = validated_and_sent(visit, "factures-05")
        invoice = visit.page.url
    [file] = list(mail_of(system, number).iter_attachments())
    assert file.get_filename() == f"{number}.pdf"
    assert number.encode() in xml_of(file)
    confirms(people, pays(people, number, "1000,00", "FOV-1"))
    with people.visit(USER, viewport=PHONE) as visit:
        page = visit.go(C).page
        visit.station("factures-06-liste")
        page.get_by_role("link", name=number).click()
        expect(page.locator("#standing")).to_contain_text("2\u202f216,00")
        visit.station("factures-07-partiel", whole=True)
    confirms(people, pays(people, number, "2216,00", "FOV-2"))
    with people.visit(USER, viewport=PHONE) as visit:
        page = visit.go(f"{C}?view=paid").page
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("link", name=number).click()
        expect(page.locator("#payments")).to_be_visible()
        visit.station("factures-08-payee", whole=True)
    with people.visit(OPERATOR, viewport=DESKTOP) as visit:
        credit_note(visit.go(invoice), number)
        credit = validated_and_sent(visit, "factures-10")
        expect(visit.page.locator("aside")).to_contain_text(number)
        assert credit != number
        visit.go(invoice)
        expect(visit.page.get_by_role("link", name=credit)).to_be_visible()
        visit.station("factures-11-suivie", whole=True)
    [file] = list(mail_of(system, credit).iter_attachments())
    assert number.encode() in xml_of(file)
