"""What a guest reads of a client's lines, and asks where they may."""

import re

import pytest

from tests.factories import acting, make_guest
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import now
from tests.notifications.mails import forget, promised, told


@pytest.fixture
def guest(stage, world):
    return make_guest(stage, world.a, lines=("finance", "legal"))


@pytest.fixture
def asker(stage, world):
    return make_guest(stage, world.a, key="asker", level="query", lines=("finance",))


@pytest.fixture
def delivered(stage, world):
    return make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor, title=world.a.text("Check"))  # fmt: skip


def ask(browser, company, made, **data):
    page = browser.get(company.url(f"guest/requests/{made.number}")).text
    version = re.search(r'name="version" value="(\d+)"', page)
    values = {"client": company.slug, "version": version[1] if version else "1", "body": "Why?"}
    return browser.post(company.url(f"guest/requests/{made.number}/questions"), data=values | data)


def test_home_lists_the_requests_of_their_lines_and_nothing_else(stage, world, guest, sign_in_as):
    mine = make_request(stage, world.a, title=world.a.text("Mine"))
    other = make_request(stage, world.a, item="hr_question", title=world.a.text("Salaries"))
    browser = sign_in_as(guest)
    answer = browser.get("/", follow_redirects=True)
    assert answer.request.path == world.a.url("guest")
    assert "Mine" in answer.text
    assert "Salaries" not in answer.text
    for query in ("q=alari", f"q={other.number}", "line=hr", "state=ended"):
        assert "Salaries" not in browser.get(world.a.url(f"guest?{query}")).text
    assert browser.get(world.a.url(f"guest/requests/{mine.number}")).status_code == 200
    assert browser.get(world.a.url(f"guest/requests/{other.number}")).status_code == 404
    assert browser.get(world.a.url(f"guest/requests/{other.number}/evidence")).status_code == 404


def test_a_request_with_its_results_but_no_internal_word(stage, world, guest, delivered,
                                                         sign_in_as):  # fmt: skip
    from app.service_requests.queries import get_request
    from app.service_requests.services import conversation

    operator = world.operator_a
    with acting(stage, operator.scope(world.a)):
        row = get_request(actor=operator.actor(world.a), number=delivered.number)
        conversation.add_note(
            request=row, actor=operator.actor(world.a), now=now(), body="INTERNAL"
        )
    page = sign_in_as(guest).get(world.a.url(f"guest/requests/{delivered.number}")).text
    assert "Check" in page
    assert "SHA-256" in page
    assert "INTERNAL" not in page
    assert "/questions" not in page


def test_a_result_under_check_is_not_there_yet(stage, world, guest, sign_in_as):
    made = make_request(stage, world.a, state="in_review", operator=world.operator_a)
    file_id = stage.value("SELECT file_id FROM deliverables WHERE request_id = :r", r=made.id)
    browser = sign_in_as(guest)
    url = world.a.url(f"guest/requests/{made.number}/files/{file_id}")
    assert browser.get(url).status_code == 404
    assert stage.rows("SELECT FROM audit_events WHERE tenant_id = :t"
                      " AND name = 'guests.file.downloaded'", t=world.a.id) == []  # fmt: skip


def test_every_download_is_written_down(stage, world, guest, delivered, sign_in_as):
    file = stage.rows("SELECT file_id, sha256 FROM deliverables WHERE request_id = :r",
                      r=delivered.id)[0]  # fmt: skip
    browser = sign_in_as(guest)
    url = world.a.url(f"guest/requests/{delivered.number}/files/{file.file_id}")
    for _ in range(2):
        answer = browser.get(url)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    rows = stage.rows("SELECT actor_id, object_id, facts FROM audit_events WHERE tenant_id = :t"
                      " AND name = 'guests.file.downloaded'", t=world.a.id)  # fmt: skip
    assert len(rows) == 2
    assert {(row.actor_id, row.object_id) for row in rows} == {(guest.id, guest.member_id)}
    assert file.sha256 in rows[0].facts


def test_evidence_without_what_it_costs(stage, world, guest, delivered, sign_in_as):
    page = sign_in_as(guest).get(world.a.url(f"guest/requests/{delivered.number}/evidence")).text
    assert "Deliverables" in page
    assert "SHA-256" in page
    assert "Invoice and usage" not in page
    assert "€" not in page
    assert f"guest/requests/{delivered.number}/files/" in page
    admin = sign_in_as(world.a.admin).get(f"{delivered.url}/evidence").text
    assert "Invoice and usage" in admin


def test_service_levels_of_their_lines_without_money(stage, world, guest, delivered, sign_in_as):
    browser = sign_in_as(guest)
    page = browser.get(world.a.url("guest/service-levels")).text
    assert "Finance" in page
    assert "€" not in page
    link = re.search(r'href="([^"]*clock=first_response#list)"', page)
    assert link
    listed = browser.get(link[1].replace("&amp;", "&")).text
    assert f"#{delivered.number}" in listed
    only_legal = make_guest(stage, world.a, key="lawyer", lines=("legal",))
    assert "Finance" not in sign_in_as(only_legal).get(world.a.url("guest/service-levels")).text


def test_who_may_only_read_asks_nothing(stage, world, guest, sign_in_as):
    made = make_request(stage, world.a)
    browser = sign_in_as(guest)
    assert ask(browser, world.a, made).status_code == 403
    assert browser.get(world.a.url("guest/ask")).status_code == 403
    assert browser.post(world.a.url("guest/ask"), data={"client": world.a.slug}).status_code == 403
    assert "Ask the provider" not in browser.get(world.a.url("guest")).text


def test_a_question_is_a_message_marked_as_the_guests(stage, world, asker, sign_in_as):
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    forget(stage, world.a)
    browser = sign_in_as(asker)
    answer = ask(browser, world.a, made, body=world.a.text("Which account?"))
    assert answer.status_code == 303
    [row] = stage.rows("SELECT * FROM client_messages WHERE request_id = :r", r=made.id)
    assert (row.author_id, row.author_side, row.by_guest) == (asker.id, "client", True)
    # A guest's word answers nothing.
    assert stage.value("SELECT state FROM requests WHERE id = :r", r=made.id) == "waiting_client"
    assert told(stage, world.a) == {world.operator_a.email}
    for reader in (world.operator_a, world.a.user):
        page = sign_in_as(reader).get(made.url).text
        bubble = page[page.index(f"m-{row.id}") :].split("</li>")[0]
        assert "guest" in bubble
    assert "(guest)" in sign_in_as(world.operator_a).get(made.url).text


def test_the_answer_reaches_the_guest_by_a_mail_that_leads_to_their_pages(stage, world, asker,
                                                                          sign_in_as):  # fmt: skip
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    ask(sign_in_as(asker), world.a, made)
    forget(stage, world.a)
    from app.service_requests.queries import get_request
    from app.service_requests.services import conversation

    operator = world.operator_a
    with acting(stage, operator.scope(world.a)):
        row = get_request(actor=operator.actor(world.a), number=made.number)
        conversation.send_message(
            request=row, actor=operator.actor(world.a), now=now(), body="The 607.", uploads=[]
        )
    assert told(stage, world.a, "request.provider_wrote") == {asker.email, world.a.user.email}
    mails = {one.to: one for one in promised(stage, world.a)}
    assert f"/guest/requests/{made.number}" in mails[asker.email].text
    assert not mails[asker.email].reply_to
    assert "/guest/" not in mails[world.a.user.email].text
    stage.run("UPDATE members SET expires_at = now() WHERE id = :i", i=asker.member_id)
    forget(stage, world.a)
    with acting(stage, operator.scope(world.a)):
        row = get_request(actor=operator.actor(world.a), number=made.number)
        conversation.send_message(
            request=row, actor=operator.actor(world.a), now=now(), body="More.", uploads=[]
        )
    assert told(stage, world.a) == {world.a.user.email}


def test_what_asks_everybody_on_a_line_asks_no_guest(stage, world, asker):
    forget(stage, world.a)
    make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    assert asker.email not in told(stage, world.a)
    assert told(stage, world.a, "request.asked")


def test_a_query_becomes_a_request_marked_as_a_guests(stage, world, asker, sign_in_as):
    browser = sign_in_as(asker)
    assert "Finance" in browser.get(world.a.url("guest/ask")).text
    values = {"client": world.a.slug, "line": "finance", "title": world.a.text("Depreciation"),
              "details": world.a.text("Why linear?")}  # fmt: skip
    answer = browser.post(world.a.url("guest/ask"), data=values)
    assert answer.status_code == 303
    [row] = stage.rows("SELECT * FROM requests WHERE tenant_id = :t AND raised_by_guest",
                       t=world.a.id)  # fmt: skip
    assert (row.item, row.raised_by, row.raised_side) == ("finance_question", asker.id, "client")
    assert "asked by a guest" in browser.get(answer.location).text
    run_jobs(stage, world.a.id)
    operator = sign_in_as(world.operator_a).get(world.a.url(f"requests/{row.number}")).text
    assert "asked by a guest" in operator
    for wrong, status in (({"line": "hr"}, 403), ({"title": ""}, 422), ({"client": "x"}, 409)):
        assert browser.post(world.a.url("guest/ask"), data=values | wrong).status_code == status


def test_a_stale_or_empty_question_is_kept_and_refused(stage, world, asker, sign_in_as):
    made = make_request(stage, world.a)
    browser = sign_in_as(asker)
    page = ask(browser, world.a, made, body=" ")
    assert page.status_code == 422
    assert ask(browser, world.a, made, version="77", body="Kept words").status_code == 409
    assert "Kept words" in ask(browser, world.a, made, version="77", body="Kept words").text
    assert ask(browser, world.a, made, client="other").status_code == 409


def test_an_ended_request_takes_no_question(stage, world, asker, sign_in_as):
    made = make_request(stage, world.a, state="closed", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    assert ask(sign_in_as(asker), world.a, made).status_code == 409


def test_a_guest_orders_no_work(stage, world, asker):
    from app.service_requests.services import intake
    from tenants.core.errors import Forbidden

    with pytest.raises(Forbidden), acting(stage, asker.scope()):
        intake.raise_request(
            actor=asker.actor(), now=now(), item_code="vat_preparation", values={}, uploads=[]
        )


def test_a_guests_mail_waits_for_a_person(stage, world, asker):
    from tests.factories.mails import make_mail

    before = stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id)
    mail_id = make_mail(stage, world.a, sender=asker.email)
    assert stage.value("SELECT state FROM inbound_mails WHERE id = :i", i=mail_id) == "waiting"
    after = stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id)
    assert before == after
