"""Two who answer at once: what the first said stands, the second is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.service_requests.documents.queries import get_line
from app.service_requests.queries import get_question, get_request
from app.service_requests.services import conversation, documents, ending
from app.service_requests.services.documents import Wanted
from app.service_requests.services.intake import Upload
from tests.factories import acting, make_member
from tests.factories.lifecycle import ask, make_request, row_state
from tests.factories.people import now

SENT = Upload("file", "a.pdf", "application/pdf", b"%PDF-1.7")


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


@pytest.fixture
def second(world, stage):
    return make_member(stage, world.a, key="second")


def _who(person: Any, made: Any) -> dict[str, Any]:
    actor = person.actor(made.company, level="review")
    return {
        "request": get_request(actor=actor, number=made.number), "actor": actor, "now": now(),
    }  # fmt: skip


def _refused(
    stage: Any, made: Any, late: Any, early: Any, find: Callable[..., dict[str, Any]],
    then: Callable[..., object], first: Callable[..., object],
) -> str:  # fmt: skip
    """`late` opened the page before `early` acted, and sends after that. What became of it."""

    def run() -> None:
        with acting(stage, early.scope(made.company)):
            who = _who(early, made)
            first(**who, **find(who["request"]))

    try:
        with acting(stage, late.scope(made.company)):
            who = _who(late, made)
            about = find(who["request"])
            with ThreadPoolExecutor(1) as pool:
                pool.submit(run).result(timeout=20)
            then(**who, **about)
    except Exception as error:  # noqa: BLE001 - what became of it is what is asked for
        return getattr(error, "code", type(error).__name__)
    return "done"


def test_a_question_is_answered_once(world, stage, made, second):
    question = ask(stage, made, world.operator_a)

    def find(request):
        return {"question": get_question(request=request, question_id=question)}

    def answer(words):
        return lambda **who: conversation.answer_question(**who, answer=words)

    early = world.a.user
    assert (
        _refused(stage, made, second, early, find, answer("late"), answer("first"))
        == "question_closed"
    )
    assert row_state(stage, made) == "in_progress"
    [row] = stage.rows("SELECT * FROM questions WHERE id = :i", i=question)
    assert (row.answer, row.answered_by_name) == ("first", early.name)
    assert (
        stage.value("SELECT count(*) FROM jobs WHERE tenant_id = :t AND"
                    " args->>'event' = 'request.answered'", t=world.a.id) == 1
    )  # fmt: skip


def test_what_was_withdrawn_is_not_answered(world, stage, made):
    question = ask(stage, made, world.operator_a)

    def find(request):
        return {"question": get_question(request=request, question_id=question)}

    def answer(**who):
        conversation.answer_question(**who, answer="late")

    found = _refused(stage, made, world.a.user, world.operator_a, find, answer,
                     conversation.withdraw_question)  # fmt: skip
    assert found == "question_closed"
    [row] = stage.rows("SELECT * FROM questions WHERE id = :i", i=question)
    assert (row.answer, row.answered_at) == ("", None)


@pytest.fixture
def line(world, stage, made):
    with acting(stage, world.operator_a.scope(world.a)):
        [row] = documents.ask_documents(**_who(world.operator_a, made), wanted=[Wanted("one")])
        line_id = row.id

    def find(request):
        return {"line": get_line(request=request, line_id=line_id)}

    return find


def give(**who):
    documents.provide(**who, upload=SENT)


def say_none(**who):
    documents.say_unavailable(**who, words="lost")


def back(**who):
    documents.send_back(**who, words="unreadable")


@pytest.mark.parametrize(
    ("first", "state", "late"),
    [(give, "given", say_none), (say_none, "unavailable", give), (give, "given", give)],
)
def test_a_document_is_answered_once(world, stage, made, second, line, first, state, late):
    assert _refused(stage, made, second, world.a.user, line, late, first) == "line_closed"
    [row] = stage.rows("SELECT * FROM document_lines WHERE tenant_id = :t", t=world.a.id)
    assert (row.state, row.answered_by_name) == (state, world.a.user.name)
    files = stage.value("SELECT count(*) FROM request_files WHERE request_id = :r", r=made.id)
    assert files == (state == "given")


def test_a_line_is_withdrawn_or_answered(world, stage, made, line):
    user, operator = world.a.user, world.operator_a
    found = _refused(stage, made, operator, user, line, documents.withdraw, give)
    assert found == "line_closed"
    [row] = stage.rows("SELECT * FROM document_lines WHERE tenant_id = :t", t=world.a.id)
    assert (row.state, row.decided_at) == ("given", None)


def test_a_document_is_decided_once(world, stage, made, line):
    with acting(stage, world.a.user.scope()):
        who = _who(world.a.user, made)
        give(**who, **line(who["request"]))
    operator, other = world.operator_a, world.operator_both
    found = _refused(stage, made, operator, other, line, back, documents.accept)
    assert found == "line_undecided"
    assert row_state(stage, made) == "in_progress"


def test_who_answers_while_the_request_is_cancelled_is_told(world, stage, made, line):
    def cancel(**who):
        who.pop("line")
        ending.cancel_request(**who, reason="not needed")

    found = _refused(stage, made, world.a.user, world.supervisor, line, give, cancel)
    assert found == "wrong_state"
    assert row_state(stage, made) == "cancelled"
