"""A provider's administrator: an item of their own, a version of one that ships, a deadline that
recurring work follows, and what runs in the background; the client sees each of it."""

import re

from playwright.sync_api import Locator, expect

from tests.journeys.case import OPERATOR, Case
from tests.journeys.furnishing import Forms
from tests.journeys.hands import Hands

CHIEF, SHIPPED = "admin@coulisse.example", "meeting_minutes"
CATALOGUE = "/provider/catalogue"
COUNTRIES = {"lentier": "FR", "hallertau": "DE"}
CONTRACT: dict[str, object] = {}


def own_code(case: Case) -> str:
    return f"parcel_{case.language}_{case.way}"


def made(case: Case) -> None:
    """In one language; a row is added before anything is published."""
    with case.at(CHIEF, CATALOGUE) as hands:
        page = hands.page
        case.look(hands, "01-catalogue")
        hands.key("n", page.get_by_role("link", name=case.say("New item")))
        page.wait_for_url("**/catalogue/new-item")
        hands.choose(page.locator("[name=line]"), "administration")
        hands.write(page.locator("[name=code]"), own_code(case))
        hands.write(page.locator(f"[name='title.{case.language}']"), case.token)
        hands.write(page.locator(f"[name='summary.{case.language}']"), "Zulu.")
        case.look(hands, "02-new")
        hands.press(page.locator("button[value='add.steps']"))
        row = page.locator("details.editor-row[id^='steps.']").last
        hands.write(row.locator(f"[name$='.label.{case.language}']"), "Zulu?")
        publish(hands)
        expect(page.locator("[name=note]")).to_have_attribute("aria-invalid", "true")
        expect(row.locator(f"[name$='.label.{case.language}']")).to_have_value("Zulu?")
        case.look(hands, "03-note-missing", again=True)
        hands.write(page.locator("[name=note]"), "Three clients asked")
        publish(hands)
        page.wait_for_url("**done=begun*")
        expect(page.locator("main h1")).to_have_text(case.token)
        expect(page.locator("main")).to_contain_text("Zulu?")
        case.look(hands, "04-made")


def publish(hands: Hands) -> None:
    hands.key("Control+Enter", hands.page.locator(".item-editor [data-submit-key]"))


def raised(case: Case) -> None:
    with case.at(case.email("user"), f"/c/{case.slug}/requests/new") as hands:
        page = hands.page
        hands.write(page.locator("#find"), case.token)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**q={case.token}*")
        hands.press(page.locator(".catalogue-item", has_text=case.token))
        page.wait_for_url(f"**/{own_code(case)}")
        hands.write(page.locator("[name=title]"), "Zulu")
        hands.write(page.locator("[name=details]"), "At ten.")
        case.look(hands, "05-form", again=True)
        hands.press(case.button(page, "Send the request"))
        case.raised(page)


def withdrawn_and_offered(case: Case) -> None:
    """What runs goes on; nobody raises another one until it is offered again."""
    with case.at(CHIEF, f"{CATALOGUE}/{own_code(case)}") as hands:
        hands.press(case.button(hands.page, "Withdraw"))
        hands.page.wait_for_url("**done=withdrawn*")
        case.look(hands, "06-withdrawn", again=True)
    looks_for(case, there=False)
    with case.at(CHIEF, f"{CATALOGUE}/{own_code(case)}") as hands:
        hands.press(case.button(hands.page, "Offer again"))
        hands.page.wait_for_url("**done=offered*")
    looks_for(case, there=True)


def looks_for(case: Case, *, there: bool) -> None:
    """Another process may have served it, which hears of a change within seconds."""
    with case.at(case.email("user"), f"/c/{case.slug}/requests/new?q={case.token}") as hands:
        found = hands.page.locator(".catalogue-item", has_text=case.token)
        for _ in range(30):
            if bool(found.count()) == there:
                break
            hands.page.wait_for_timeout(300)
            hands.page.reload()
        expect(found).to_have_count(int(there))


def another_version(case: Case) -> None:
    """Of an item that ships: published with a note, compared, and the older one held again."""
    with case.at(CHIEF, f"{CATALOGUE}/{SHIPPED}") as hands:
        page = hands.page
        # no version had so many
        longer = str(2 + page.locator("#versions li").count())
        hands.key("e", page.locator("main a[data-key=e]"))
        page.wait_for_url("**/edit")
        before = page.locator("[name=base]").input_value()
        hands.write(page.locator("[name=working_days]"), longer)
        hands.write(page.locator("[name=note]"), case.token)
        case.look(hands, "07-editor")
        publish(hands)
        page.wait_for_url("**done=published*")
        newest = page.locator("#versions li").first
        expect(newest).to_contain_text(case.token)
        hands.press(newest.locator("summary"))
        expect(newest.locator(".diff")).to_contain_text(longer)
        case.look(hands, "08-compared")
        hands.press(page.locator(f"#versions a[href$='version={before}']"))
        page.wait_for_url(f"**version={before}")
        hands.press(page.locator("form[action$='/take'] button"))
        page.wait_for_url("**done=taken*")
        case.look(hands, "09-as-before", again=True)


def deadline_added(case: Case) -> None:
    with case.at(CHIEF, "/provider/deadlines") as hands:
        page = hands.page
        case.look(hands, "10-deadlines", again=True)
        hands.key("n", page.locator("main a[data-key=n]"))
        page.wait_for_url("**/new-deadline")
        hands.write(page.locator("[name=title_en]"), case.token)
        hands.choose(page.locator("[name=country]"), COUNTRIES[case.slug])
        hands.choose(page.locator("[name=line]"), "hr")
        hands.write(page.locator("[name=day]"), "26")
        hands.write(page.locator("[name=legal]"), "§ 4471")
        hands.write(page.locator("[name=note]"), "Looked up")
        case.look(hands, "11-deadline")
        hands.press(case.button(page, "Save"))
        page.wait_for_url("**done=said*")
        case.deadline = page.url.split("/deadlines/")[1].split("?")[0]
        assert "26" in first_day(page.locator(".recurring-days"))


def first_day(days: Locator) -> str:
    return days.locator("li strong").first.inner_text()


def followed(case: Case) -> None:
    """An operator plans work by it; the client reads the day, and the other day once it moves."""
    form = f"/c/{case.slug}/recurring/new"
    where = Forms(case.people, OPERATOR).send(
        f"{form}?item=hr_question&kind=deadline", form, title=case.token, code=case.deadline,
        shift="none", lead_days="0", offset="0", f_details="As always",
    )  # fmt: skip
    sees(case, where, "26", "12-regularly")
    with case.at(CHIEF, f"/provider/deadlines/{case.deadline}") as hands:
        hands.write(hands.page.locator("[name=day]"), "24")
        hands.write(hands.page.locator("#f-note"), "The law changed")
        hands.press(case.button(hands.page, "Save"))
        hands.page.wait_for_url("**done=said*")
        case.look(hands, "13-moved", again=True)
    sees(case, where, "24", "14-followed")
    Forms(case.people, OPERATOR).send(where, "/end")


def sees(case: Case, where: str, day: str, name: str) -> None:
    with case.at(case.email("user"), f"/c/{case.slug}/recurring") as hands:
        page = hands.page
        hands.press(page.locator(f"main a[href='{where}']"))
        page.wait_for_url(f"**{where}")
        expect(page.locator(".recurring-list li strong").first).to_contain_text(day)
        case.look(hands, name, again=name.startswith("14"))


def jobs_looked_at(case: Case) -> None:
    """A figure of the page opens the list that it counts."""
    with case.at(CHIEF, "/provider/jobs") as hands:
        page = hands.page
        case.look(hands, "15-jobs", again=True)
        tile = page.locator(".job-tiles a", has_text=case.say("Done in the last day"))
        hands.press(tile)
        page.wait_for_url(re.compile("state=succeeded"))
        expect(page.locator("#list tbody tr").first).to_be_visible()
        case.look(hands, "16-done", again=True)


STATIONS = (
    made, raised, withdrawn_and_offered, another_version, deadline_added, followed, jobs_looked_at,
)  # fmt: skip
