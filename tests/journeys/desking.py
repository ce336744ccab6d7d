"""The desk over all clients: views, several at once, words that are held or come too late; then a
new version of the contract, and a month that is signed and contested."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.journeys.case import OPERATOR, SUPERVISOR, Case
from tests.journeys.furnishing import Forms
from tests.journeys.hands import Hands
from tests.journeys.passing import days_pass, today

CHIEF, OTHER = "admin@coulisse.example", "forgeval"
TEXT, HELD, STALE = "Thank you for “{title}”.", "Half a thought", "We begin on Monday"
MEANWHILE, CONTEST, VERDICT = (
    "Please not before Tuesday.",
    "Ours was earlier.",
    "It was; see there.",
)
CONTRACT: dict[str, object] = {}


def two_raised(case: Case) -> None:
    """At two companies; this one's was raised first and is the most pressing."""
    words = {"title": case.token, "details": "As always."}
    case.number = Forms(case.people, case.email("user")).raise_item(
        case.slug, "hr_question", **words
    )
    Forms(case.people, f"user@{OTHER}.example").raise_item(OTHER, "logistics_question", **words)


def kept_as_a_view(case: Case) -> None:
    """A filter stands in the address: Back undoes it, a name keeps it with its figure."""
    with case.at(OPERATOR, "/desk") as hands:
        page = hands.page
        hands.write(page.locator("#filters [name=q]"), case.token)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**q={case.token}*")
        expect(page.locator("[data-key-of]")).to_have_count(2)
        hands.choose(page.locator("#filters [name=client]"), case.slug)
        page.wait_for_url(f"**client={case.slug}*")
        expect(page.locator("[data-key-of]")).to_have_count(1)
        if hands.way == "keys":
            expect(page.locator("#filters [name=client]")).to_be_focused()
        page.go_back()
        expect(page.locator("[data-key-of]")).to_have_count(2)
        expect(page.locator("#filters [name=client]")).to_have_value("")
        case.look(hands, "01-filtered")
        hands.press(page.get_by_role("link", name=case.say("Keep as a view")))
        page.wait_for_url("**/desk/views/new*")
        hands.write(page.locator("[name=name]"), case.token)
        case.look(hands, "02-view")
        hands.press(page.get_by_role("button", name=case.say("Keep the view")))
        page.wait_for_url("**view=*")
        menu(hands)
        expect(page.locator(".sidenav a", has_text=case.token)).to_contain_text("2")


def menu(hands: Hands) -> None:
    if hands.way == "phone":
        hands.press(hands.page.locator(".menu-toggle"))


def several_at_once(case: Case) -> None:
    with case.at(OPERATOR, f"/desk?q={case.token}") as hands:
        page = hands.page
        if hands.way == "keys":
            for key in ("j", "x", "j", "x"):
                page.keyboard.press(key)
        else:
            for box in page.locator(".queue-check").all():
                hands.tick(box)
        hands.key("a", page.locator("#bulk button[data-key=a]"))
        expect(page.locator("dialog[open] .bulk-part")).to_have_count(2)
        case.look(hands, "03-preview")
        hands.press(page.locator("dialog[open] [data-submit-key]"))
        expect(page.locator(".queue-who .person")).to_have_count(2)
        case.look(hands, "04-done", again=True)
        hands.key("z", page.locator(".toast-note button[data-key=z]"))
        expect(page.locator(".queue-who .person")).to_have_count(0)


def snoozed(case: Case) -> None:
    with case.at(OPERATOR, f"/desk?q={case.token}") as hands:
        page = hands.page
        first = str(page.locator("[data-key-of]").first.get_attribute("data-key-of"))
        open_first(hands)
        hands.key("s", page.locator("#request button[data-key=s]"))
        expect(page.locator("#snooze-first")).to_be_visible()
        case.look(hands, "05-snooze")
        hands.press(page.locator("#snooze-first"))
        asleep = page.locator(f'[data-key-of="{first}"] .asleep')
        # a phone shows the list or the request
        expect(asleep).to_have_count(1)
        # the next one has opened
        expect(page.locator(f'#request[data-open="{first}"]')).to_have_count(0)
        hands.key("z", page.locator(".toast-note button[data-key=z]"))
        expect(asleep).to_have_count(0)


def open_first(hands: Hands) -> None:
    link = hands.page.locator(".queue-link").first
    if hands.way == "keys":
        hands.page.keyboard.press("j")
        hands.page.keyboard.press("Enter")
    else:
        hands.press(link)
    expect(hands.page.locator("#request")).to_be_visible()


def text_kept(case: Case) -> None:
    with case.at(OPERATOR, "/desk/texts/new") as hands:
        page = hands.page
        hands.write(page.locator("[name=name]"), case.token)
        hands.write(page.locator("[name=body]"), TEXT)
        case.look(hands, "06-text")
        hands.press(page.get_by_role("button", name=case.say("Keep the text")))
        expect(page.locator("main")).to_contain_text(case.token)


def pasted_number(case: Case) -> None:
    """Into the palette from anywhere; the reply begins with a kept text and is held for a moment."""
    with case.at(OPERATOR, "/desk/views") as hands:
        page = hands.page
        if hands.way == "keys":
            page.keyboard.press("Control+k")
        else:
            hands.press(page.locator("[data-open-palette]"))
        page.keyboard.insert_text(f"{case.code}-{case.number}")
        expect(page.locator("#palette-results a", has_text=case.token)).to_be_visible()
        case.look(hands, "07-palette")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{case.path}")
        if hands.way == "keys":
            page.keyboard.press("r")
        field = page.locator("#message-body")
        hands.write(field, HELD + ". ")
        if hands.way == "keys":
            page.keyboard.press("Control+.")
        else:
            hands.press(page.locator(".composer-message [data-texts]"))
        expect(page.locator("dialog[open] [data-insert]").first).to_be_visible()
        case.look(hands, "08-texts")
        page.keyboard.type(case.token)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(field).to_have_value(re.compile(f"{HELD}. .+{case.token}"))
        sends(hands)
        expect(page.locator(".leaving")).to_contain_text(HELD)
        hands.key("z", page.locator(".toast-note button[data-key=z]"))
        expect(page.locator(".leaving")).to_have_count(0)
        expect(field).to_have_value(re.compile(HELD))


def sends(hands: Hands) -> None:
    button = hands.page.locator(".composer-message [data-submit-key]")
    if hands.way == "keys":
        hands.page.keyboard.press("Control+Enter")
    else:
        hands.press(button)


def stopped_as_stale(case: Case) -> None:
    """The client wrote meanwhile: that is read first, and nothing that was written is lost."""
    with case.at(OPERATOR, case.path) as hands:
        page, field = hands.page, hands.page.locator("#message-body")
        hands.write(field, STALE)
        Forms(case.people, case.email("user")).send(case.path, "/messages", body=MEANWHILE)
        sends(hands)
        expect(page.locator(".request-problem")).to_be_visible()
        expect(page.locator(".thread")).to_contain_text(MEANWHILE)
        expect(field).to_have_value(STALE)
        case.look(hands, "09-stale")
        if hands.way == "keys":
            # what is new has the focus, so that it is read first
            page.keyboard.press("r")
        sends(hands)
        expect(page.locator(".leaving")).to_contain_text(STALE)


def raised_on_behalf(case: Case) -> None:
    with case.at(OPERATOR, f"/c/{case.slug}/requests/new/administration_question") as hands:
        page = hands.page
        hands.write(page.locator("[name=title]"), "Called at ten")
        hands.write(page.locator("[name=details]"), "By telephone.")
        somebody = page.locator("[name=requester] option").nth(1).get_attribute("value")
        hands.choose(page.locator("[name=requester]"), str(somebody))
        case.look(hands, "10-on-behalf")
        hands.press(case.button(page, "Send for %(code)s", code=case.code))
        page.wait_for_url(re.compile(rf"/c/{case.slug}/requests/\d+$"))
        expect(page.locator(".on-behalf")).to_be_visible()
        case.look(hands, "11-marked", again=True)


def new_version(case: Case) -> None:
    with case.at(CHIEF, f"/provider/companies/{case.slug}/contract") as hands:
        page = hands.page
        hands.press(case.button(page, "Write a new version"))
        part = page.locator(".contract-parts a").first
        hands.press(part)
        page.wait_for_url("**/contract/items")
        hands.press(page.locator("main a[href='#line-logistics']"))
        hands.choose(page.locator("[name=scope_logistics_question]"), "quota")
        hands.write(page.locator("[name=quota_logistics_question]"), "12")
        case.look(hands, "12-items")
        hands.key("Control+Enter", page.get_by_role("button", name=case.say("Save in the draft")))
        page.wait_for_url(re.compile("/contract$"))
        expect(page.locator(".diff")).to_contain_text("12")
        first = (today(case.people.system).replace(day=1) + timedelta(days=32)).replace(day=1)
        hands.write(page.locator("[name=valid_from]"), first.isoformat())
        hands.write(page.locator("[name=note]"), "Twelve a month")
        case.look(hands, "13-draft", again=True)
        hands.press(page.get_by_role("button", name=case.say("Put into force")))
        page.wait_for_url("**done=active*")
        expect(page.locator("main")).to_contain_text(case.say("To come"))
        case.look(hands, "14-to-come")
    with case.at(case.email("admin"), f"/c/{case.slug}/contract") as hands:
        expect(hands.page.locator(".notice")).to_contain_text("Twelve a month")
        case.look(hands, "15-contract")


def a_month_ago(case: Case) -> int:
    """One that was answered a day late, in the month before."""
    number = Forms(case.people, case.email("user")).raise_item(
        case.slug, "hr_question", title="Certificate", details="For the bank."
    )
    days_pass(case.people.system, case.slug, number, 1)
    Forms(case.people, OPERATOR).send(f"/c/{case.slug}/requests/{number}", "/start")
    days_pass(case.people.system, case.slug, number, today(case.people.system).day + 2)
    return number


def month_signed(case: Case) -> None:
    number = a_month_ago(case)
    with case.at(SUPERVISOR, "/service-levels") as hands:
        page = hands.page
        case.look(hands, "16-months")
        row = page.locator("tbody tr", has=page.locator(f'a[href="/c/{case.slug}/service-levels"]'))
        hands.press(row.locator("a.btn").first)
        page.wait_for_url(re.compile(rf"/c/{case.slug}/service-levels\?month="))
        case.look(hands, "17-month")
        hands.press(page.locator("form[action$='/sign'] button"))
        expect(page.locator(".notice.tone-good")).to_contain_text(case.say("Signed off"))
        line = page.locator("#line-hr")
        hands.press(line.locator("a[href*='outcome=breached']").last)
        expect(page.locator("#list")).to_contain_text(f"#{number}")
        case.look(hands, "18-missed", again=True)


def month_contested(case: Case) -> None:
    with case.at(case.email("admin"), f"/c/{case.slug}/service-levels") as hands:
        page = hands.page
        hands.choose(page.locator("[name=month]"), last_signed(page))
        page.wait_for_url("**month=*")
        line = page.locator("#line-hr")
        expect(line.locator(".level-credit strong")).not_to_have_text(re.compile(r"^0[.,]00|^€0"))
        hands.press(line.locator("details.fold summary"))
        hands.write(line.locator("[name=words]"), CONTEST)
        case.look(hands, "19-credit")
        hands.press(case.button(line, "Contest"))
        expect(line.locator(".level-contest")).to_contain_text(CONTEST)
        address = page.url
    with case.at(SUPERVISOR, "/service-levels") as hands:
        page = hands.page
        hands.press(
            page.locator(f'tbody a[href*="/c/{case.slug}/service-levels"][href*="#line-hr"]')
        )
        line = page.locator("#line-hr")
        hands.write(line.locator("[name=answer]"), VERDICT)
        case.look(hands, "20-answer", again=True)
        hands.press(case.button(line, "Answer %(code)s", code=case.code))
        expect(page.locator("#line-hr .level-contest")).to_contain_text(VERDICT)
    with case.at(case.email("admin"), address.removeprefix(case.people.system.url)) as hands:
        expect(hands.page.locator("#line-hr .level-contest")).to_contain_text(VERDICT)
        case.look(hands, "21-answered", again=True)


def last_signed(page: Page) -> str:
    """The month before this one."""
    return str(page.locator("[name=month] option").nth(1).get_attribute("value"))


STATIONS = (
    two_raised, kept_as_a_view, several_at_once, snoozed, text_kept, pasted_number,
    stopped_as_stale, raised_on_behalf, new_version, month_signed, month_contested,
)  # fmt: skip
