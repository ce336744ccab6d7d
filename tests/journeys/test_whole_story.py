"""From a client's upload to a line of their invoice, in French, through the pages alone."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from python_calamine import CalamineWorkbook

from tests.effort import PROVE
from tests.journeys.furnishing import Forms, made_files
from tests.journeys.story import (
    ADMIN,
    CLIENT,
    MINUTES,
    MONTH,
    NOTE,
    OPERATOR,
    SLUG,
    USER,
    Story,
    focused_row,
)
from tests.journeys.system import System
from tests.journeys.visits import PHONE, People, speaking
from tests.journeys.words import fr

BASE_FEE, LINE_PRICE, MINUTE_PRICE, VAT = 49_000, 32.5, 95, 0.2


def test_one_payment_control_from_upload_to_invoice(people: People, tmp_path: Path) -> None:
    story = Story(people)
    story.raised()
    story.taken_by_keyboard()
    story.answered()
    story.matched(tmp_path)
    _the_report_opens(tmp_path)
    story.handed_over()
    story.returned()
    story.corrected()
    story.passed()
    story.approved()
    story.closed()
    _the_invoice_says_what_was_delivered(people, story)


@pytest.mark.skipif(not PROVE, reason="French in full for every change, all three by make prove")
@pytest.mark.parametrize(
    ("language", "slug", "code"), [("de", "hallertau", "HAF"), ("en", "forgeval", "FOV")]
)
def test_the_same_in_another_language(
    people: People, tmp_path: Path, language: str, slug: str, code: str
) -> None:
    files = made_files(len(language) + ord(language[0]), MONTH, slug)
    with speaking(people.system, language):
        story = Story(people, language, slug, code, files)
        for station in (story.raised, story.taken_by_keyboard, story.answered):
            station()
        story.matched(tmp_path)
        _the_report_opens(tmp_path)
        for station in (story.handed_over, story.returned, story.corrected, story.passed,
                        story.approved, story.closed):  # fmt: skip
            station()


def _the_report_opens(folder: Path) -> None:
    [pdf], [workbook] = folder.glob("*.pdf"), folder.glob("*.xlsx")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert len(CalamineWorkbook.from_path(str(workbook)).sheet_names) == 5


def _the_invoice_says_what_was_delivered(people: People, story: Story) -> None:
    people.system.coulisse("sim", "advance", "31")
    usage = round(story.lines * LINE_PRICE) + MINUTES * MINUTE_PRICE
    net = BASE_FEE + usage
    with people.visit(ADMIN) as visit:
        page = visit.go("/").page
        page.get_by_role("link", name=fr("Subscription")).first.click()
        page.locator("main").get_by_role("link", name=fr("Invoices")).first.click()
        page.wait_for_url("**/subscription/invoices")
        page.locator("main table").get_by_role("link").first.click()
        invoice = page.locator("main")
        expect(invoice).to_contain_text(fr("Reconciled statement lines"))
        expect(invoice).to_contain_text(fr("Paid"))
        visit.station("23-abonnement", whole=True)
        said = re.sub(r"\s", " ", invoice.inner_text())
        for amount in (BASE_FEE, round(story.lines * LINE_PRICE), MINUTES * MINUTE_PRICE, net,
                       round(net * (1 + VAT))):  # fmt: skip
            assert euros(amount) in said, said
        assert f" {story.lines} " in said
        invoice.get_by_role("link", name=str(story.lines), exact=True).click()
        expect(page.locator("table")).to_contain_text(str(story.number))
        visit.station("24-usage")


def euros(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02d} €"


def test_the_clients_pages_fit_a_phone(people: People) -> None:
    forms = Forms(people, USER)
    number = forms.raise_item(SLUG, "hr_question", title="Sur le téléphone", details="Merci.")
    pages = {
        "accueil": f"/c/{SLUG}/", "demandes": f"/c/{SLUG}/requests",
        "catalogue": f"/c/{SLUG}/requests/new",
        "controle": f"/c/{SLUG}/requests/new/payment_control",
        "demande": f"/c/{SLUG}/requests/{number}", "compte": "/account",
    }  # fmt: skip
    with people.visit(USER, viewport=PHONE, is_mobile=True, has_touch=True) as visit:
        for name, path in pages.items():
            visit.go(path).station(f"telephone-{name}")
    with people.visit(ADMIN, viewport=PHONE, is_mobile=True, has_touch=True) as visit:
        visit.go(f"/c/{SLUG}/subscription").station("telephone-abonnement", whole=True)


@pytest.mark.parametrize("who", ["user", "approver", "admin"])
def test_an_internal_note_is_nowhere_on_the_clients_side(people: People, who: str) -> None:
    number = Forms(people, USER).raise_item(
        SLUG, "sales_question", title=f"Devis pour {who}", details="Trois références."
    )
    path, operator = f"/c/{SLUG}/requests/{number}", Forms(people, OPERATOR)
    operator.send(path, "/start")
    operator.send(path, "/notes", body=NOTE)
    assert "MARMELADE-4471" in operator.request.get(operator.base + path).text()
    reader = Forms(people, f"{who}@{SLUG}.example")
    seen, waiting = set[str](), ["/", path, f"/c/{SLUG}/"]
    while waiting and len(seen) < 80:
        link = waiting.pop(0)
        if link in seen or "/files/" in link or "/assets/" in link:
            continue
        seen.add(link)
        text = reader.request.get(reader.base + link).text()
        assert "MARMELADE-4471" not in text, link
        waiting += re.findall(r'(?:href|hx-get)="(/[^"#]*)', text.replace("&amp;", "&"))
    assert path in seen
    assert len(seen) > 8
    mails = reader.request.get(f"{people.system.mail_url}/messages.json")
    assert mails.json(), "mails were sent"
    assert "MARMELADE-4471" not in mails.text()


def test_the_desk_needs_no_mouse(people: People) -> None:
    number = Forms(people, USER).raise_item(
        SLUG, "logistics_question", title="Clavier et rien d'autre", details="Quai 4."
    )
    key = f"{SLUG}/{number}"
    with people.visit(OPERATOR) as visit:
        page = visit.go("/desk").page
        page.keyboard.press("/")
        page.keyboard.type("Clavier et rien")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=Clavier*")
        page.keyboard.press("j")
        assert focused_row(page) == key
        page.keyboard.press("Enter")
        page.wait_for_selector(f'#request[data-open="{key}"]')
        state = page.locator(".detail-state")
        # the answer comes in the middle of a word, which stays in the note
        page.route("**/start", answer_late)
        page.keyboard.press("e")
        page.keyboard.press("n")
        page.keyboard.type("Rampe fermée, rar", delay=15)
        expect(state).to_contain_text(fr("In progress"))
        page.keyboard.type("ement jusqu'à 15 h")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".bubble-note .bubble-text")).to_have_text(
            "Rampe fermée, rarement jusqu'à 15 h"
        )
        assert page.locator(".bubble-ours").count() == 0
        page.keyboard.press("r")
        page.keyboard.type("Bonjour, nous appelons le quai.")
        page.keyboard.press("Control+Enter")
        # it leaves after some seconds, in which it could be taken back
        expect(page.locator(".thread")).to_contain_text("nous appelons le quai", timeout=20_000)
        page.keyboard.press("t")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        visit.station("clavier-aide")
        page.keyboard.press("Escape")
        expect(page.locator("#help")).to_be_hidden()
        page.keyboard.press("Escape")
        page.wait_for_selector("#detail:empty", state="attached")
        assert focused_row(page) == key
        page.keyboard.press("Control+k")
        page.keyboard.type(CLIENT)
        page.wait_for_selector(".palette-item")
        visit.station("clavier-palette")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**client={SLUG}*")


def answer_late(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()


def test_the_simulator_and_the_mail_sink_answer(system: System, people: People) -> None:
    request = people.context().request
    assert request.get(system.mail_url).ok
    assert request.get(system.simulator_url).status < 500
