"""A request beyond the contract: price, work with its checks, two approvals, a bad mark, reopened."""

import re
import time
from datetime import timedelta

from playwright.sync_api import expect

from tests.journeys.backstage import RESULT, Backstage
from tests.journeys.case import OPERATOR, SUPERVISOR, Case
from tests.journeys.furnishing import Forms, made_files, raise_control
from tests.journeys.passing import today
from tests.journeys.story import MONTH

RULE = "Ask Mr Brandt before anything above 5,000"
OFFER = "One month, all accounts, with the report."
PRICE = {"fr": "620,00", "de": "620,00", "en": "620.00"}
BAD = "Two lines were not explained."
DONE = "Called, explained, credited."
WRONG = "The second account is missing."
CONTRACT = {"items": {"payment_control": {"scope": "offer"}}, "limits": {"finance": 10_000}}

# The report's own slip says what it is about; above the limit, two decide.
AMOUNT = """
UPDATE deliverables d SET slip = jsonb_build_object('amount', 1000000) FROM requests r, tenants t
WHERE r.tenant_id = d.tenant_id AND r.id = d.request_id AND t.id = r.tenant_id
AND t.slug = %(slug)s AND r.number = %(number)s
"""


def second_approver(case: Case) -> str:
    """The company's administrator decides too."""
    email = case.email("admin")
    case.people.system.rows(
        "UPDATE members m SET approver = true FROM users u WHERE u.id = m.user_id AND u.email = %(e)s",
        e=email,
    )
    return email


def rule_written(case: Case) -> None:
    """What has to be known of this client becomes a step of every new request."""
    with case.at(OPERATOR, f"/c/{case.slug}/playbook") as hands:
        page = hands.page
        case.look(hands, "01-playbook")
        hands.press(page.get_by_role("link", name=case.say("Payment control")))
        page.wait_for_url("**/playbook/payment_control")
        hands.write(page.locator("[name=rules]"), RULE)
        hands.write(page.locator("[name=steps]"), RULE)
        hands.press(case.button(page, "Save for %(code)s", code=case.code))
        expect(page.locator(".notice.tone-good")).to_be_visible()
        case.look(hands, "02-rule", again=True)


def raised(case: Case) -> None:
    case.links_before = frozenset(rating_links(case))
    others = case.people.system.value("SELECT count(*) FROM requests")
    files = made_files(1_000 + others, MONTH, case.slug)
    case.number = raise_control(case.people, case.email("user"), files, MONTH)


def offered(case: Case) -> None:
    with case.at(OPERATOR, case.path) as hands:
        page = hands.page
        expect(page.locator("#offer-title")).to_have_text(
            case.say("The contract doesn't cover this request")
        )
        assert page.locator(f"form[action='{case.path}/start']").count() == 0, (
            "nobody begins without a price"
        )
        expect(page.locator("#control-title")).to_have_text(case.say("The files are here"))
        case.look(hands, "03-no-price-yet")
        hands.write(page.locator("[name=price]"), PRICE[case.language])
        hands.write(page.locator("#offer-body, form[action$='/offers'] [name=body]").first, OFFER)
        until = today(case.people.system) + timedelta(days=30)
        hands.write(page.locator("[name=valid_until]"), until.isoformat())
        hands.press(case.button(page, "Send the offer to %(code)s", code=case.code))
        expect(page.locator("#offer-title")).not_to_have_text(
            case.say("The contract doesn't cover this request")
        )
        case.look(hands, "04-offered", again=True)


def accepted_by_two(case: Case) -> None:
    """Above the contract's limit: a second person has to agree to the same words."""
    for at, email in enumerate((case.email("approver"), second_approver(case))):
        with case.at(email, f"/c/{case.slug}/") as hands:
            page = hands.page
            case.look(hands, f"05-decide-{at}", again=at > 0)
            hands.press(page.locator(f'.todo-row a[href="{case.path}"]').first)
            page.wait_for_url(f"**{case.path}")
            case.look(hands, f"06-offer-{at}", again=at > 0)
            code = page.locator("form[action$='/accept'] [name=code]")
            hands.write(code, case.people.codes.next(case.people.account(email)))
            hands.press(page.locator("form[action$='/accept'] button"))
            expect(code).to_have_count(0)
    with case.at(case.email("user"), case.path) as hands:
        hands.press(hands.page.locator(".offers-before summary"))
        expect(hands.page.locator(".offers-before")).to_contain_text(OFFER)


def worked(case: Case) -> None:
    operator = Backstage(case.people, case.path)
    operator.operator.send(case.path, "/start")
    operator.decide()
    with case.at(OPERATOR, case.path) as hands:
        page = hands.page
        case.state(page, "In progress")
        hands.press(case.button(page, "Start timer"))
        expect(page.locator(".timer-now")).to_be_visible()
        expect(page.locator(".bar-timer")).to_contain_text(case.code)
        hands.press(case.button(page.locator(".timer"), "Pause"))
        hands.press(case.button(page.locator(".timer"), "Go on"))
        case.look(hands, "07-timer")
        hands.press(page.locator("#part-time summary", has_text=case.say("Record time")))
        hands.write(page.locator("#time-minutes"), "0:40")
        hands.write(page.locator("form[action$='/time'] [name=activity]"), "Second account")
        hands.press(case.button(page.locator("form[action$='/time']"), "Record for %(code)s",
                                code=case.code))  # fmt: skip
        expect(page.locator(".time-list")).to_contain_text("Second account")
        hands.press(case.button(page.locator(".timer"), "Stop and record"))
        expect(case.button(page, "Start timer")).to_be_visible()


def held_back_by_the_rule(case: Case) -> None:
    """The report and the client's own rule are missing: it doesn't go on."""
    Forms(case.people, OPERATOR).send(case.path, "/deliverables", file=RESULT, title="Report")
    case.people.system.rows(AMOUNT, slug=case.slug, number=case.number)
    with case.at(OPERATOR, case.path) as hands:
        page = hands.page
        rule = page.locator(".step", has_text=RULE)
        expect(rule).to_contain_text(case.say("Client rule"))
        hands.press(case.button(page, "To the quality check"))
        expect(page.locator(".request-problem")).to_be_visible()
        case.state(page, "In progress")
        case.look(hands, "08-held-back")
        hands.tick(rule.locator("button[role=checkbox]"))
        expect(rule.locator("button[role=checkbox]")).to_have_attribute("aria-checked", "true")
        hands.press(case.button(page, "To the quality check"))
        case.state(page, "In quality check")


def checked(case: Case) -> None:
    with case.at(SUPERVISOR, case.path) as hands:
        case.look(hands, "09-check")
        hands.press(case.button(hands.page, "Pass"))
        case.state(hands.page, "Awaiting approval")


def approved_by_two(case: Case) -> None:
    for at, email in enumerate((case.email("approver"), case.email("admin"))):
        with case.at(email, case.path) as hands:
            page = hands.page
            expect(page.locator(".approval-facts")).to_contain_text(f"{at}")
            case.look(hands, f"10-approve-{at}", again=at > 0)
            hands.write(page.locator(".approve [name=code]"),
                        case.people.codes.next(case.people.account(email)))  # fmt: skip
            hands.press(case.button(page, "Approve and release"))
            expect(page.locator(".approve")).to_have_count(0)
    with case.at(case.email("user"), case.path) as hands:
        case.look(hands, "11-delivered")
        hands.press(case.button(hands.page, "Confirm and close"))
        case.state(hands.page, "Closed")


def rated_badly(case: Case) -> None:
    """Whoever has the link needs no account; it opens nothing else."""
    link = rating_link(case)
    with case.at(None, link) as hands:
        page = hands.page
        case.look(hands, "12-rate")
        hands.pick("score", "2")
        hands.write(page.locator("[name=comment]"), BAD)
        hands.press(page.locator("main form button[type=submit]"))
        expect(page.locator("main")).to_contain_text(
            case.say("Your rating is kept. You can change it for 7 days with this link.")
        )
        case.look(hands, "13-rated", again=True)


def rating_link(case: Case) -> str:
    end = time.monotonic() + 40
    while time.monotonic() < end:
        if found := rating_links(case) - case.links_before:
            return found.pop()
        time.sleep(0.2)
    raise AssertionError("nobody was asked how it went")


def rating_links(case: Case) -> set[str]:
    """Of all mails that somebody of the company got so far."""
    context = case.people.context()
    try:
        mails = context.request.get(f"{case.people.system.mail_url}/messages.json").json()
    finally:
        context.close()
    mine = [mail["text"] for mail in mails if case.email("user") in mail["to"]]
    return {found[1] for text in mine if (found := re.search(r"http\S+(/rate/\S+)", text))}


def looked_into(case: Case) -> None:
    with case.at(SUPERVISOR, "/desk/supervision") as hands:
        page = hands.page
        row = page.locator("tbody tr").filter(has=page.locator(f'a[href="{case.path}"]'))
        case.look(hands, "14-supervision")
        hands.press(row.locator("a").first)
        page.wait_for_url(f"**{case.path}")
        expect(page.locator("#part-ratings")).to_contain_text(BAD)
        task = page.locator("section.now", has=page.locator("form[action*='/tasks/']"))
        hands.press(task.locator("summary"))
        hands.write(task.locator("textarea"), DONE)
        case.look(hands, "15-task", again=True)
        hands.press(task.locator("form button"))
        expect(page.locator("form[action*='/tasks/']")).to_have_count(0)


def reopened(case: Case) -> None:
    with case.at(case.email("user"), case.path) as hands:
        page = hands.page
        hands.press(page.locator("a.btn[href$='act=reopen']"))
        hands.write(page.locator(".act-open textarea"), WRONG)
        case.look(hands, "16-reopen")
        hands.press(page.locator(".act-open button[data-submit-key]"))
        case.state(page, "Reopened")
        expect(page.locator(".request-main")).to_contain_text(WRONG)
        case.look(hands, "17-reopened")


STATIONS = (
    rule_written, raised, offered, accepted_by_two, worked, held_back_by_the_rule, checked,
    approved_by_two, rated_badly, looked_into, reopened,
)  # fmt: skip
