"""What is still asked goes with the part that was split off: to be answered there, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from app.service_requests.documents.queries import list_lines
from app.service_requests.queries import get_question, get_request
from app.service_requests.services import conversation, documents, splitting
from app.service_requests.services.documents import Wanted
from app.service_requests.services.splitting import Chosen
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import Made, ask, make_request, row_state
from tests.factories.people import now
from tests.service_requests.browsing import send


@pytest.fixture
def made(world: Any, stage: Any) -> Made:
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def want(stage: Any, world: Any, made: Made, *names: str) -> list[Any]:
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        rows = documents.ask_documents(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            wanted=[Wanted(name=world.a.text(name)) for name in names],
        )  # fmt: skip
        return [row.id for row in rows]


def split(stage: Any, world: Any, browser: Any, made: Made, *asked: Any) -> Made:
    done = send(stage, browser, made, "split", title=world.a.text("The part"),
                details=world.a.text("do this"), asked=[str(one) for one in asked])  # fmt: skip
    assert done.status_code == 303, done.text
    row = stage.rows(
        "SELECT id, number FROM requests WHERE tenant_id = :t ORDER BY number DESC LIMIT 1",
        t=world.a.id,
    )[0]  # fmt: skip
    return Made(row.id, row.number, world.a)


def events(stage: Any, made: Made) -> list[tuple[str, bool]]:
    return [
        (row.event, row.question_id is not None)
        for row in stage.rows(
            "SELECT event, question_id FROM sla_events WHERE tenant_id = :t AND request_id = :r"
            " AND clock = 'resolution' ORDER BY seq", t=made.company.id, r=made.id,
        )
    ]  # fmt: skip


def test_a_question_is_asked_in_the_part_instead(
    world: Any, stage: Any, sign_in_as: Any, made: Made
) -> None:
    question = ask(stage, made, world.operator_a)
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    form = operator.get(f"{made.url}?act=split").text
    assert str(question) in form
    assert "What you don&#39;t tick is still asked here" in form
    part = split(stage, world, operator, made, question)
    assert (row_state(stage, made), row_state(stage, part)) == ("in_progress", "waiting_client")
    here, there = user.get(made.url).text, user.get(part.url).text
    assert f"Asked in #{part.number} instead" in here
    assert "asks you" not in here
    assert "asks you" in there
    # Each clock stands still only while its own question is open.
    assert events(stage, made)[-2:] == [("paused", True), ("resumed", False)]
    assert events(stage, part)[-1] == ("paused", True)
    old = send(stage, user, made, f"questions/{question}/answer", answer="late")
    assert old.status_code == 409
    again = stage.value("SELECT id FROM questions WHERE request_id = :r", r=part.id)
    assert send(stage, user, part, f"questions/{again}/answer", answer="yes").status_code == 303
    assert row_state(stage, part) == "in_progress"
    assert row_state(stage, made) == "in_progress"


def test_what_is_not_chosen_is_still_asked_here(
    world: Any, stage: Any, sign_in_as: Any, made: Made
) -> None:
    question = ask(stage, made, world.operator_a)
    goes, stays = want(stage, world, made, "Statement of May", "Statement of June")
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    part = split(stage, world, operator, made, goes)
    assert (row_state(stage, made), row_state(stage, part)) == ("waiting_client", "waiting_client")
    here, there = user.get(made.url).text, user.get(part.url).text
    assert f"asked for in #{part.number} instead" in here
    assert f"documents/{goes}/provide" not in here
    assert f"documents/{stays}/provide" in here
    assert "Statement of May" in there
    assert "Statement of June" not in there
    assert "Which account?" not in there
    assert events(stage, made)[-1][0] == "paused", "the rest is still waited for"
    program_words = send(stage, user, made, f"documents/{goes}/unavailable", words="none")
    assert program_words.status_code == 409
    send(stage, user, made, f"questions/{question}/answer", answer="yes")
    assert row_state(stage, made) == "waiting_client"
    send(stage, user, made, f"documents/{stays}/unavailable", words="none")
    assert row_state(stage, made) == "in_progress"


def test_a_document_that_was_sent_back_says_why_there_too(
    world: Any, stage: Any, sign_in_as: Any, made: Made
) -> None:
    [line] = want(stage, world, made, "Statement of May")
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    send(stage, user, made, f"documents/{line}/unavailable", words="lost")
    send(stage, operator, made, f"documents/{line}/return", words="The bank prints it again")
    part = split(stage, world, operator, made, line)
    assert "The bank prints it again" in user.get(part.url).text


def test_only_what_is_asked_here_goes(world: Any, stage: Any, sign_in_as: Any, made: Made) -> None:
    """Another request's question, and another company's, choose nothing."""
    other = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    theirs = make_request(stage, world.b, state="waiting_client", operator=world.operator_b)
    foreign = [
        stage.value("SELECT id FROM questions WHERE request_id = :r", r=one.id)
        for one in (other, theirs)
    ]
    part = split(stage, world, sign_in_as(world.operator_a), made, *foreign)
    assert row_state(stage, part) == "new"
    assert row_state(stage, other) == row_state(stage, theirs) == "waiting_client"


def test_nothing_is_asked_in_a_part_that_the_contract_does_not_cover(
    world: Any, stage: Any, sign_in_as: Any, made: Made
) -> None:
    question = ask(stage, made, world.operator_a)
    make_contract(stage, world.a, items={"finance_question": {"scope": "offer"}})
    refused = send(stage, sign_in_as(world.operator_a), made, "split", title="Part",
                   details="do this", asked=[str(question)])  # fmt: skip
    assert refused.status_code == 422
    assert "Leave here what is open." in refused.text
    assert f'value="{question}" checked' in refused.text
    assert row_state(stage, made) == "waiting_client"
    assert stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id) == 1


def test_an_answer_that_comes_first_stays(world: Any, stage: Any, made: Made) -> None:
    """The split waits for its turn, and takes along what is open then: nothing is asked twice."""
    question = ask(stage, made, world.operator_a)

    def answering() -> None:
        with acting(stage, world.a.user.scope()):
            actor = world.a.user.actor()
            row = get_request(actor=actor, number=made.number)
            conversation.answer_question(
                request=row, actor=actor, now=now(), answer=world.a.text("yes"),
                question=get_question(request=row, question_id=question),
            )  # fmt: skip

    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(answering).result(timeout=20)
        splitting.split(
            request=row, actor=actor, now=now() + timedelta(seconds=1), title="Part",
            details="do this", chosen=Chosen(asked=[question]),
        )  # fmt: skip
    states = stage.rows(
        "SELECT state FROM requests WHERE tenant_id = :t ORDER BY number", t=world.a.id
    )
    assert [one.state for one in states] == ["in_progress", "new"]
    assert stage.value("SELECT count(*) FROM questions WHERE tenant_id = :t", t=world.a.id) == 1


def test_programs_read_where_it_is_asked_now(
    world: Any, stage: Any, sign_in_as: Any, api_as: Any, made: Made
) -> None:
    question = ask(stage, made, world.operator_a)
    [line] = want(stage, world, made, "Statement of May")
    part = split(stage, world, sign_in_as(world.operator_a), made, question, line)
    program = api_as(world.a.user)
    for kind in ("questions", "documents"):
        [old] = program.get(f"/api/v1/requests/{made.number}/{kind}").json["items"]
        [new] = program.get(f"/api/v1/requests/{part.number}/{kind}").json["items"]
        assert (old["state"], old["moved_to"]) == ("withdrawn", part.number)
        assert (new["state"], new["moved_to"]) == ("open", None)
    with acting(stage, world.a.user.scope()):
        row = get_request(actor=world.a.user.actor(), number=part.number)
        assert len({one.list_id for one in list_lines(request_id=row.id)}) == 1
