"""From a signed month to a report that the client has read, on the screens."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import make_grant, make_staff
from tests.factories.lifecycle import go_on, make_request
from tests.factories.reports import make_report
from tests.factories.service_levels import sign
from tests.notifications.mails import promised, told

MAY = date(2026, 5, 1)
# A Tuesday at 10:00 in Paris.
START = datetime(2026, 5, 5, 8, tzinfo=UTC)
JUNE = datetime(2026, 6, 2, 8, tzinfo=UTC)
LINES = ("finance", "hr", "sales", "logistics")


@pytest.fixture
def second(stage, world):
    """Another supervisor with the same client."""
    found = make_staff(stage, role="supervisor")
    make_grant(stage, world.a, found, level="review")
    return found


@pytest.fixture
def may(stage, world):
    """One request delivered in time, one late, one that is still open, and the month signed."""
    found = []
    for after in (timedelta(hours=1), timedelta(days=7)):
        made = make_request(stage, world.a, at=START, title=world.a.text("done"))
        go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor,
              at=START + after)  # fmt: skip
        found.append(made)
    found.append(make_request(stage, world.a, at=START, title=world.a.text("open")))
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    return found


def hidden(page):
    """What the step's form on a page carries."""
    found = dict(re.findall(r'name="(client|version|shown)" value="([^"]*)"', page))
    assert found, page
    return found


def send(browser, company, act, page=None, **more):
    data = {**(hidden(page) if page else {"client": company.slug}), **more}
    return browser.post(company.url(f"reports/2026-05/{act}"), data=data)


def page(browser, company, rest=""):
    return browser.get(company.url(f"reports/2026-05{rest}"))


def prepare(browser, company):
    return browser.post(company.url("reports/prepare"),
                        data={"client": company.slug, "month": "2026-05"})  # fmt: skip


def test_a_report_is_written_checked_sent_and_acknowledged(world, stage, sign_in_as, may, second):
    company = world.a
    one, other, admin = (sign_in_as(who) for who in (world.supervisor, second, company.admin))
    assert "Signed off, without a report" in one.get(company.url("reports")).text
    assert prepare(one, company).status_code == 303
    assert page(admin, company).status_code == 404
    draft = page(one, company).text
    assert "Write to the client" in draft

    early = send(other, company, "check", page(other, company).text)
    assert early.status_code == 409
    assert "Save the words to the client first" in early.text

    words = company.text("a good month")
    saved = send(one, company, "words", draft, summary=words, remark_finance=company.text("late"))
    assert saved.status_code == 303, saved.text
    own = send(one, company, "check", page(one, company).text)
    assert own.status_code == 409
    assert "somebody else checks it" in own.text

    checked = send(other, company, "check", page(other, company).text)
    assert checked.status_code == 303, checked.text
    frozen = page(one, company).text
    assert "Checked and frozen" in frozen
    assert words in frozen
    assert page(admin, company).status_code == 404
    sent = send(one, company, "send", frozen)
    assert sent.status_code == 303, sent.text
    again = send(one, company, "send", frozen)
    assert again.status_code == 409

    shown = page(admin, company).text
    assert words in shown
    assert send(admin, company, "acknowledge", shown).status_code == 303
    assert send(admin, company, "acknowledge", shown).status_code == 303
    assert f"By {company.admin.name} on" in page(admin, company).text
    names = stage.rows("SELECT name FROM audit_events WHERE tenant_id = :t AND name LIKE 'reporting.%'"
                       " ORDER BY at, id", t=company.id)  # fmt: skip
    assert [row.name.removeprefix("reporting.report.") for row in names] == [
        "prepared", "written", "sealed", "sent", "acknowledged",
    ]  # fmt: skip


def test_who_must_know_gets_one_mail(world, stage, may, second):
    make_report(stage, world.a, month=MAY, step="acknowledged", signed=True)
    assert told(stage, world.a, "report.sent") == {world.a.admin.email}
    assert told(stage, world.a, "report.sent") == {world.a.admin.email}
    [mail] = [one for one in promised(stage, world.a) if one.verb == "notice.report.sent"]
    assert world.a.text("a quiet month") not in mail.text
    assert world.a.url("reports/2026-05") in mail.text


def test_every_figure_opens_a_list_of_the_same_length(world, stage, sign_in_as, may):
    make_report(stage, world.a, month=MAY, signed=True)
    browser = sign_in_as(world.a.admin)
    text = page(browser, world.a).text
    links = re.findall(r'href="[^"]*/behind\?of=([^"]+)">(?:<[^>]+>)?([\d.,]+)<', text)
    assert {"level:finance:resolution:breached", "raised:finance:finance_question"} <= {
        of.replace("%3A", ":") for of, _ in links
    }
    for of, figure in links:
        found = page(browser, world.a, f"/behind?of={of}").text
        rows = found.count("<tr>") - 1
        if of.startswith("usage"):
            assert figure in found
        else:
            assert rows == int(figure), of
    assert page(browser, world.a, "/behind?of=nonsense").status_code == 404
    assert world.a.text("open") in page(browser, world.a, "/behind").text


def test_figures_that_changed_since_they_were_shown_are_not_frozen(
    world, stage, sign_in_as, may, second
):
    make_report(stage, world.a, month=MAY, step="written", signed=True)
    browser = sign_in_as(second)
    seen = page(browser, world.a).text
    go_on(stage, may[2], "in_progress", operator=world.operator_a, reviewer=world.supervisor,
          at=JUNE + timedelta(days=1))  # fmt: skip
    refused = send(browser, world.a, "check", seen)
    assert refused.status_code == 409
    assert "The figures changed" in refused.text
    assert send(browser, world.a, "check", page(browser, world.a).text).status_code == 303


def test_an_operator_writes_and_the_supervisor_checks(world, stage, sign_in_as, may):
    make_report(stage, world.a, month=MAY, step="draft", signed=True)
    operator, supervisor = sign_in_as(world.operator_a), sign_in_as(world.supervisor)
    words = world.a.text("from who did the work")
    draft = page(operator, world.a).text
    assert send(operator, world.a, "words", draft, summary=words).status_code == 303
    assert "Checked: freeze it" not in page(operator, world.a).text
    shown = page(supervisor, world.a).text
    assert words in shown
    assert send(supervisor, world.a, "check", shown).status_code == 303


def test_what_is_frozen_stays_whatever_becomes_of_the_requests(world, stage, sign_in_as, may):
    make_report(stage, world.a, month=MAY, signed=True)
    browser = sign_in_as(world.a.admin)
    before = page(browser, world.a, "/file?language=en&kind=csv").data
    go_on(stage, may[2], "delivered", operator=world.operator_a, reviewer=world.supervisor,
          at=JUNE + timedelta(days=1))  # fmt: skip
    assert "Open points" in page(browser, world.a).text
    assert world.a.text("open") in page(browser, world.a).text
    assert page(browser, world.a, "/file?language=en&kind=csv").data == before


def test_a_report_is_taken_back_before_it_is_sent(world, stage, sign_in_as, may, second):
    make_report(stage, world.a, month=MAY, step="reviewed", signed=True)
    one, other = sign_in_as(world.supervisor), sign_in_as(second)
    shown = page(one, world.a).text
    assert send(one, world.a, "take-back", shown).status_code == 303
    assert send(other, world.a, "send", shown).status_code == 409
    new = world.a.text("better words")
    assert send(one, world.a, "words", page(one, world.a).text, summary=new).status_code == 303
    assert send(other, world.a, "check", page(other, world.a).text).status_code == 303
    assert new in page(other, world.a).text
    seals = stage.value("SELECT count(*) FROM service_report_seals WHERE tenant_id = :t",
                        t=world.a.id)  # fmt: skip
    assert seals == 2


def test_two_writers_at_once_lose_nothing(world, stage, sign_in_as, may, second):
    one, other = sign_in_as(world.supervisor), sign_in_as(second)
    prepare(one, world.a)
    seen = page(one, world.a).text
    assert send(other, world.a, "words", seen, summary="first").status_code == 303
    refused = send(one, world.a, "words", seen, summary=world.a.text("second"))
    assert refused.status_code == 409
    assert world.a.text("second") in refused.text


def test_who_may_do_what(world, stage, sign_in_as, may):
    make_report(stage, world.a, month=MAY, step="reviewed", signed=True)
    for person in (world.a.user, world.a.approver):
        assert page(sign_in_as(person), world.a).status_code == 403
    operator = sign_in_as(world.operator_a)
    shown = page(operator, world.a)
    assert shown.status_code == 200
    assert "Send to" not in shown.text
    for act in ("check", "take-back", "send"):
        assert send(operator, world.a, act, version=3).status_code == 403
    assert send(operator, world.a, "words", version=3).status_code == 409
    assert send(sign_in_as(world.a.admin), world.a, "acknowledge", version=3).status_code == 404
    assert page(sign_in_as(world.operator_b), world.a).status_code == 404


def test_a_line_that_somebody_does_not_see_closes_the_whole_report(world, stage, sign_in_as, may):
    make_report(stage, world.a, month=MAY, signed=True)
    part = make_staff(stage, role="supervisor")
    make_grant(stage, world.a, part, lines=("hr",), level="review")
    browser = sign_in_as(part)
    assert browser.get(world.a.url("reports")).status_code == 200
    for rest in ("", "/behind?of=open", "/file?language=en&kind=pdf"):
        answer = page(browser, world.a, rest)
        assert answer.status_code == 403
        assert "lines that you do not see" in answer.text
        assert world.a.canary not in answer.text


def test_files_are_checked_when_they_are_downloaded(world, stage, sign_in_as, may):
    make_report(stage, world.a, month=MAY, signed=True)
    browser = sign_in_as(world.a.admin)
    good = page(browser, world.a, "/file?language=en&kind=pdf")
    assert good.data.startswith(b"%PDF")
    assert page(browser, world.a, "/file?language=xx&kind=pdf").status_code == 404
    stage.run("UPDATE files SET sha256 = repeat('0', 64) WHERE tenant_id = :t AND name LIKE '%.pdf'"
              " AND name LIKE 'service-report%'", t=world.a.id)  # fmt: skip
    assert page(browser, world.a, "/file?language=en&kind=pdf").status_code in (404, 409)
    stage.run("UPDATE service_report_seals SET content = content || '{\"summary\": \"x\"}'"
              " WHERE tenant_id = :t", t=world.a.id)  # fmt: skip
    broken = page(browser, world.a)
    assert broken.status_code == 409
    assert "changed outside Coulisse" in broken.text


def test_there_is_no_report_of_what_is_not_signed(world, stage, sign_in_as, may):
    browser = sign_in_as(world.supervisor)
    answer = browser.post(world.a.url("reports/prepare"),
                          data={"client": world.a.slug, "month": "2026-06"})  # fmt: skip
    assert answer.status_code == 409
    assert "not signed off" in answer.text
    for name in ("2026-06", "2026-13", "x"):
        assert browser.get(world.a.url(f"reports/{name}")).status_code == 404
