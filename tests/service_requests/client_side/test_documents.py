"""A list of documents: asked for at once, answered line by line, accepted or sent back."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from tests.factories.lifecycle import ask, make_request, row_state
from tests.factories.people import now
from tests.notifications.mails import told
from tests.service_requests.browsing import send


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def wanted(company, *names, **more):
    form = {f"name_{at}": company.text(name) for at, name in enumerate(names, 1)}
    return {
        **form,
        **{f"why_{at}": company.text("because") for at in range(1, len(names) + 1)},
        **more,
    }


def lines(stage, made):
    return stage.rows(
        "SELECT * FROM document_lines WHERE tenant_id = :t AND request_id = :r ORDER BY position",
        t=made.company.id, r=made.id,
    )  # fmt: skip


@pytest.fixture
def asked(world, stage, made, sign_in_as):
    sent = send(stage, sign_in_as(world.operator_a), made, "documents",
                **wanted(world.a, "statement", "contract", format_2="pdf"))  # fmt: skip
    assert sent.status_code == 303
    return lines(stage, made)


def give(stage, browser, made, line, name="a.pdf"):
    return send(stage, browser, made, f"documents/{line.id}/provide",
                file=(io.BytesIO(b"%PDF-1.7"), name))  # fmt: skip


def test_the_work_waits_until_the_last_line(world, stage, sign_in_as, made, asked):
    assert row_state(stage, made) == "waiting_client"
    assert world.a.user.email in told(stage, world.a, "request.documents_asked")
    client, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    page = client.get(made.url).text
    assert "2 documents asked for" in page
    assert world.a.text("statement") in page
    assert world.a.text("because") in page
    assert give(stage, client, made, asked[0]).status_code == 303
    assert row_state(stage, made) == "waiting_client"
    said = send(stage, client, made, f"documents/{asked[1].id}/unavailable",
                words=world.a.text("never signed"))  # fmt: skip
    assert said.status_code == 303
    assert row_state(stage, made) == "in_progress"
    assert world.operator_a.email in told(stage, world.a, "request.documents_given")
    assert world.a.text("never signed") in operator.get(made.url).text
    file_id = lines(stage, made)[0].file_id
    assert operator.get(f"{made.url}/files/{file_id}").data == b"%PDF-1.7"


def test_accepted_or_sent_back(world, stage, sign_in_as, made, asked):
    client, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    early = send(stage, operator, made, f"documents/{asked[0].id}/accept")
    assert early.status_code == 409
    for line in asked:
        give(stage, client, made, line)
    assert send(stage, operator, made, f"documents/{asked[0].id}/accept").status_code == 303
    back = send(stage, operator, made, f"documents/{asked[1].id}/return",
                words=world.a.text("unreadable"))  # fmt: skip
    assert back.status_code == 303
    assert row_state(stage, made) == "waiting_client"
    assert world.a.user.email in told(stage, world.a, "request.document_returned")
    page = client.get(made.url).text
    assert world.a.text("unreadable") in page
    assert [row.state for row in lines(stage, made)] == ["accepted", "open"]
    assert give(stage, client, made, asked[1]).status_code == 303
    assert row_state(stage, made) == "in_progress"
    assert (
        send(stage, operator, made, f"documents/{asked[0].id}/return", words="x").status_code == 409
    )


def test_what_does_not_fit_is_refused_at_the_line(world, stage, sign_in_as, made, asked):
    client = sign_in_as(world.a.user)
    wrong = give(stage, client, made, asked[1], name="photo.png")
    assert wrong.status_code == 422
    assert "A PDF is asked for here." in wrong.text
    assert send(stage, client, made, f"documents/{asked[0].id}/provide").status_code == 422
    assert (
        send(stage, client, made, f"documents/{asked[0].id}/unavailable", words=" ").status_code
        == 422
    )
    assert give(stage, client, made, asked[1]).status_code == 303
    assert give(stage, client, made, asked[1]).status_code == 409
    assert row_state(stage, made) == "waiting_client"


def test_a_question_beside_the_list_keeps_it_waiting(world, stage, sign_in_as, made, asked):
    question = ask(stage, made, world.operator_a)
    client, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    for line in asked:
        assert send(stage, operator, made, f"documents/{line.id}/withdraw").status_code == 303
    assert row_state(stage, made) == "waiting_client"
    assert (
        send(stage, client, made, f"questions/{question}/answer", answer="yes").status_code == 303
    )
    assert row_state(stage, made) == "in_progress"


def test_an_answered_question_leaves_the_list_open(world, stage, sign_in_as, made, asked):
    question = ask(stage, made, world.operator_a)
    client = sign_in_as(world.a.user)
    assert (
        send(stage, client, made, f"questions/{question}/answer", answer="yes").status_code == 303
    )
    assert row_state(stage, made) == "waiting_client"


def test_who_may_what(world, stage, sign_in_as, made, asked):
    operator, client = sign_in_as(world.operator_a), sign_in_as(world.a.user)
    assert give(stage, operator, made, asked[0]).status_code == 403
    assert send(stage, client, made, f"documents/{asked[0].id}/accept").status_code == 403
    assert send(stage, client, made, "documents", **wanted(world.a, "x")).status_code == 403
    assert give(stage, sign_in_as(world.b.user), made, asked[0]).status_code == 404
    other = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    assert give(stage, client, other, asked[0]).status_code == 404
    assert [row.state for row in lines(stage, made)] == ["open", "open"]


def test_a_list_without_a_name_or_from_an_old_page_is_not_sent(world, stage, sign_in_as, made):
    operator = sign_in_as(world.operator_a)
    empty = send(stage, operator, made, "documents", **wanted(world.a))
    assert empty.status_code == 422
    stale = send(stage, operator, made, "documents", version=0, **wanted(world.a, "statement"))
    assert stale.status_code == 409
    assert world.a.text("statement") in stale.text
    closed = make_request(stage, world.a, state="in_review", operator=world.operator_a)
    assert send(stage, operator, closed, "documents", **wanted(world.a, "x")).status_code == 409
    assert row_state(stage, made) == "in_progress"
    assert operator.get(f"{made.url}/documents/new").status_code == 200


def test_cancelled_nothing_is_asked_for_any_more(world, stage, sign_in_as, made):
    operator, client = sign_in_as(world.operator_a), sign_in_as(world.a.user)
    assert send(stage, operator, made, "documents", **wanted(world.a, "one")).status_code == 303
    done = send(stage, sign_in_as(world.supervisor), made, "cancel", reason="Not needed")
    assert done.status_code == 303
    [line] = lines(stage, made)
    assert (line.state, line.decided_by_name) == ("withdrawn", world.supervisor.name)
    assert line.decided_at is not None
    assert told(stage, world.a, "request.documents_asked") == set()
    for browser in (client, operator):
        page = browser.get(made.url).text
        assert "no longer needed" in page
        assert "still missing" not in page


def test_a_day_that_makes_no_sense_is_refused_at_its_field(world, stage, sign_in_as, made):
    operator, today = sign_in_as(world.operator_a), now().date()
    for day in ("9999-12-31", "0001-01-01", str(today + timedelta(days=370)),
                str(today - timedelta(days=3))):  # fmt: skip
        wrong = send(stage, operator, made, "documents",
                     **wanted(world.a, "one", due_on_1=day))  # fmt: skip
        assert wrong.status_code == 422, day
        assert "Choose a day between today and one year from now." in wrong.text
        assert world.a.text("one") in wrong.text
    assert not lines(stage, made)
    for near in (today, today + timedelta(days=365)):
        sent = send(stage, operator, made, "documents",
                    **wanted(world.a, "one", due_on_1=str(near)))  # fmt: skip
        assert sent.status_code == 303, near
    for line in lines(stage, made):
        assert give(stage, sign_in_as(world.a.user), made, line).status_code == 303
