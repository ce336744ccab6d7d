"""The report of a month that is signed: prepared for several clients, written by one, checked by
another, sent, and read by the client."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import expect

from tests.journeys.case import OPERATOR, SUPERVISOR, Case
from tests.journeys.desking import a_month_ago
from tests.journeys.furnishing import Forms
from tests.journeys.passing import today

WORDS = "A quiet month: {token}"
CONTRACT: dict[str, object] = {}
LEVEL = """
UPDATE grants g SET level = %(level)s FROM tenants t, users u WHERE t.id = g.tenant_id
AND t.slug = %(slug)s AND u.id = g.user_id AND u.email = %(email)s AND g.ended_at IS NULL
"""


def month_of(case: Case) -> str:
    first = today(case.people.system).replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


def report_of(case: Case) -> str:
    return f"/c/{case.slug}/reports/{month_of(case)}"


@contextmanager
def second_reviewer(case: Case) -> Iterator[str]:
    """Nobody checks their own words; the demonstration has one supervisor."""
    told = {"slug": case.slug, "email": OPERATOR}
    case.people.system.rows(LEVEL, level="review", **told)
    try:
        yield OPERATOR
    finally:
        case.people.system.rows(LEVEL, level="work", **told)


def month_over(case: Case) -> None:
    case.number = a_month_ago(case)
    page = f"/c/{case.slug}/service-levels"
    Forms(case.people, SUPERVISOR).send(f"{page}?month={month_of(case)}", "/sign")


def prepared(case: Case) -> None:
    """By a job for each client that was ticked."""
    with case.at(SUPERVISOR, "/reports") as hands:
        page = hands.page
        hands.tick(page.locator(f"input[name=client][value={case.slug}]"))
        case.look(hands, "01-reports")
        hands.press(case.button(page, "Prepare the reports of the ticked ones"))
        page.wait_for_url("**/jobs/batches/*")
        case.look(hands, "02-preparing", again=True)
        made = page.locator(f"a[href='{report_of(case)}']")
        for _ in range(40):
            page.goto(f"{case.people.system.url}/reports")
            if made.count():
                break
            page.wait_for_timeout(300)
        hands.press(made.first)
        page.wait_for_url(f"**{report_of(case)}")


def written(case: Case) -> None:
    """Each figure opens its list; whoever writes is not offered the check."""
    with case.at(SUPERVISOR, report_of(case)) as hands:
        page = hands.page
        figure = page.locator(".tiles a[href*='of=delivered'], a[href*='/behind?of=']").first
        counted = int(re.search(r"\d+", figure.inner_text())[0])  # type: ignore[index]
        hands.press(figure)
        page.wait_for_url(re.compile(r"/behind\?of="))
        expect(page.locator("tbody tr")).to_have_count(counted)
        case.look(hands, "03-behind", again=True)
        page.go_back()
        hands.write(page.locator("[name=summary]"), WORDS.format(token=case.token))
        case.look(hands, "04-words")
        hands.press(case.button(page, "Save for the check"))
        page.wait_for_url("**done=written*")
        expect(page.locator("form[action$='/check']")).to_have_count(0)


def checked(case: Case) -> None:
    with second_reviewer(case) as who, case.at(who, report_of(case)) as hands:
        page = hands.page
        expect(page.locator("[name=summary]")).to_have_value(re.compile(case.token))
        hands.press(page.locator("form[action$='/check'] button"))
        page.wait_for_url("**done=checked*")
        expect(page.locator(".file-row").first).to_be_visible()
        case.look(hands, "05-frozen")


def sent(case: Case) -> None:
    with case.at(SUPERVISOR, report_of(case)) as hands:
        page = hands.page
        with page.expect_download() as waiting:
            hands.press(page.locator(".file-row a[href*='kind=pdf']").first)
        assert waiting.value.path().read_bytes().startswith(b"%PDF")
        hands.press(page.locator("form[action$='/send'] button"))
        page.wait_for_url("**done=sent*")


def acknowledged(case: Case) -> None:
    with case.at(case.email("admin"), f"/c/{case.slug}/reports") as hands:
        page = hands.page
        hands.press(page.locator(f"main a[href='{report_of(case)}']"))
        page.wait_for_url(f"**{report_of(case)}")
        expect(page.locator(".report-words").first).to_contain_text(case.token)
        case.look(hands, "06-read")
        hands.press(page.locator("form[action$='/acknowledge'] button"))
        page.wait_for_url("**done=acknowledged*")
        expect(page.locator("form[action$='/acknowledge']")).to_have_count(0)


STATIONS = (month_over, prepared, written, checked, sent, acknowledged)
