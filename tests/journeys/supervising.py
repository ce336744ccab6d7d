"""A supervisor: more is checked, a finding goes back and comes again, and every figure of quality
and supervision opens the list that it counts."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.journeys.case import OPERATOR, SUPERVISOR, Case
from tests.journeys.furnishing import Forms
from tests.journeys.hands import Hands
from tests.journeys.passing import today

ITEM, FINDING = "administration_question", "The date is missing."
# Where somebody else could stand in, and who.
THERE, SUBSTITUTE = "hallertau", "operator2@coulisse.example"
RESULT = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"Done.\n"}
CONTRACT: dict[str, object] = {}


def rate_set(case: Case) -> None:
    """What the catalogue never checks is checked each time from now on."""
    with case.at(SUPERVISOR, "/desk/quality") as hands:
        page = hands.page
        hands.press(page.get_by_role("link", name=case.say("What is checked")))
        page.wait_for_url("**/quality/rates")
        hands.choose(page.locator("[name=item]"), ITEM)
        hands.write(page.locator("[name=rate]"), "100")
        hands.write(page.locator("[name=reason]"), case.token)
        case.look(hands, "01-rates")
        hands.press(case.button(page, "Set the rate"))
        page.wait_for_url("**done=set*")
        expect(page.locator("tbody tr", has_text=case.token)).to_be_visible()


def handed_over(case: Case) -> None:
    """By the operator's forms."""
    case.number = Forms(case.people, case.email("user")).raise_item(
        case.slug, ITEM, title=case.token, details="As always."
    )
    operator = Forms(case.people, OPERATOR)
    operator.send(case.path, "/start")
    operator.send(case.path, "/deliverables", file=RESULT, title="Note")
    operator.send(case.path, "/time", minutes="20", activity="Wrote it", billable="0")
    operator.send(case.path, "/submit")


def returned(case: Case) -> None:
    with case.at(SUPERVISOR, case.path) as hands:
        page = hands.page
        hands.press(case.opened(page, "Return with findings"))
        hands.choose(page.locator("[name=kind]"), "missing")
        hands.write(page.locator("[name=findings]"), FINDING)
        case.look(hands, "02-finding")
        hands.press(page.locator("form[action$='/return'] button"))
        case.state(page, "In progress")


def passed(case: Case) -> None:
    operator = Forms(case.people, OPERATOR)
    operator.send(case.path, "/fixed")
    operator.send(case.path, "/submit")
    with case.at(SUPERVISOR, case.path) as hands:
        page = hands.page
        hands.tick(page.get_by_label(FINDING).first)
        case.look(hands, "03-fixed", again=True)
        hands.press(page.get_by_role("button", name=case.say("All fixed: pass")))
        case.state(page, "Delivered")


def quality_read(case: Case) -> None:
    """It counts as corrected: the figure's list has it, and as many rows as the figure says."""
    with case.at(SUPERVISOR, "/desk/quality?by=line") as hands:
        page = hands.page
        case.look(hands, "04-quality")
        tile = page.locator(".tiles a", has_text=case.say("First-pass yield"))
        hands.press(tile)
        page.wait_for_url(re.compile("what=corrected"))
        expect(page.locator("main")).to_contain_text(case.token)
        case.look(hands, "05-corrected", again=True)
        page.go_back()
        figure = page.locator("tbody a[href*='what=delivered'][href*='line=administration']")
        counted = int(figure.inner_text())
        hands.press(figure)
        page.wait_for_url(re.compile("what=delivered"))
        expect(page.locator("tbody tr")).to_have_count(counted)


def rate_taken_back(case: Case) -> None:
    with case.at(SUPERVISOR, "/desk/quality/rates") as hands:
        row = hands.page.locator("tbody tr", has_text=case.token)
        hands.press(row.get_by_role("button"))
        hands.page.wait_for_url("**done=taken_back*")


def absence_entered(case: Case) -> None:
    """For the operator; the supervisor chooses who stands in, and sends the note."""
    number = Forms(case.people, f"user@{THERE}.example").raise_item(
        THERE, "hr_question", title=case.token, details="As always."
    )
    Forms(case.people, OPERATOR).send(f"/c/{THERE}/requests/{number}", "/start")
    with case.at(SUPERVISOR, "/desk/team") as hands:
        page, first = hands.page, today(case.people.system) + timedelta(days=40)
        hands.press(page.get_by_role("link", name=name_of(case, OPERATOR)))
        page.wait_for_url("**/desk/team/*")
        hands.write(page.locator("[name=first]"), first.isoformat())
        hands.write(page.locator("[name=last]"), (first + timedelta(days=9)).isoformat())
        case.look(hands, "09-absence", again=True)
        hands.press(case.button(page, "Enter"))
        page.wait_for_url("**/desk/handovers/*")
        item = page.locator(".handover-item", has_text=case.token)
        hands.choose(item.locator("select"), user_of(case, SUBSTITUTE))
        hands.write(item.locator("textarea"), f"Ring first: {case.token}")
        case.look(hands, "10-note")
        hands.press(page.locator(".handover-send [value=send]"))
        page.wait_for_url("**done=send*")
        expect(item.locator("select")).to_have_value(user_of(case, SUBSTITUTE))


def accepted(case: Case) -> None:
    with case.at(SUBSTITUTE, "/desk/handovers") as hands:
        page = hands.page
        item = page.locator(".handover-item", has_text=f"Ring first: {case.token}")
        case.look(hands, "11-handed-over")
        hands.press(item.locator("button[name=accept]"))
        page.wait_for_url("**done=accepted*")
        expect(item.locator("button")).to_have_count(0)
    with case.at(SUPERVISOR, f"/desk/team/{user_of(case, OPERATOR)}") as hands:
        hands.press(hands.page.locator("form[action$='/cancel'] button").first)
        hands.page.wait_for_url("**done=cancelled*")


def name_of(case: Case, email: str) -> str:
    return str(of_staff(case, email)[1])


def user_of(case: Case, email: str) -> str:
    return str(of_staff(case, email)[0])


def of_staff(case: Case, email: str) -> tuple[Any, ...]:
    [found] = case.people.system.rows(
        "SELECT s.user_id, s.display_name FROM staff s JOIN users u ON u.id = s.user_id"
        " WHERE u.email = %(email)s", email=email,
    )  # fmt: skip
    return found


def overview_read(case: Case) -> None:
    """From a cell to its list, with the same figure on the page and in the file."""
    with case.at(SUPERVISOR, "/supervision") as hands:
        page = hands.page
        expect(page.locator("table.heat")).to_be_visible()
        case.look(hands, "06-supervision")
        figure = page.locator(f"tbody .heat-total a[href*='client={case.slug}']").first
        counted = number(figure.locator("b"))
        hands.press(figure)
        page.wait_for_url(re.compile(f"client={case.slug}"))
        expect(page.locator("tbody tr")).to_have_count(counted)
        assert number(page.locator(".list-count strong")) == counted
        case.look(hands, "07-behind")
        assert len(downloaded(hands, page.get_by_role("link", name="CSV"))) == counted + 1
        page.go_back()
        hands.press(page.locator(f".heat-client[href*='client={case.slug}']"))
        page.wait_for_url(re.compile(f"client={case.slug}"))
        case.look(hands, "08-one-client", again=True)


def number(place: Locator) -> int:
    return int("".join(filter(str.isdigit, place.inner_text())))


def downloaded(hands: Hands, link: Locator) -> list[list[str]]:
    with hands.page.expect_download() as waiting:
        hands.press(link)
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))


STATIONS = (
    rate_set, handed_over, returned, passed, quality_read, rate_taken_back, absence_entered,
    accepted, overview_read,
)  # fmt: skip
