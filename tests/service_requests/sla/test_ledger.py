"""What acts on a request write into the ledger of its clocks, and what stands on it for lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.calendars.holidays import default_calendar
from app.service_requests.models import NEVER
from app.service_requests.queries import get_request, list_open_questions
from app.service_requests.services import conversation, ending, work
from app.service_requests.services.moves import move
from app.service_requests.sla import ledger
from app.service_requests.sla.ledger import PauseNeedsQuestion
from tenants.core.db import db
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.lifecycle import ask, make_request

PARIS = default_calendar("FR", "Europe/Paris")
# A Tuesday at 10:00 in Paris.
START = datetime(2026, 6, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def events(stage, made) -> list[tuple[str, str, str]]:
    return [
        (row.clock, row.event, row.reason)
        for row in stage.rows(
            "SELECT clock, event, reason FROM sla_events WHERE request_id = :r ORDER BY seq",
            r=made.id,
        )
    ]


def cached(stage, made):
    (row,) = stage.rows(
        "SELECT respond_by, first_response_at, due_at, breach_at, warn_at, version FROM requests"
        " WHERE id = :r", r=made.id,
    )  # fmt: skip
    return row


def act(stage, made, person, service, **more):
    """One of our services on the request, by a person of either side."""
    with acting(stage, person.scope(made.company)):
        actor = person.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        return service(request=row, actor=actor, **more)


def answer_all(stage, made, at):
    user = made.company.user
    with acting(stage, user.scope(made.company)):
        actor = user.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        for question in list_open_questions(request_id=row.id):
            conversation.answer_question(
                request=row, question=question, actor=actor, now=at, answer="Account 3"
            )


def test_raising_starts_both_clocks(stage, world):
    made = make_request(stage, world.a, at=START)
    assert events(stage, made) == [
        ("first_response", "started", "new"),
        ("resolution", "started", "new"),
    ]
    row = cached(stage, made)
    assert row.respond_by == PARIS.add_minutes(START, 240)
    assert row.due_at == PARIS.add_minutes(START, 2 * 480)
    assert row.breach_at == row.respond_by
    assert row.first_response_at is None
    assert row.version == 1


def test_taking_it_answers_and_the_rest_runs_on(stage, world):
    made = make_request(stage, world.a, at=START)
    act(stage, made, world.operator_a, work.assign_to_me, now=START + HOUR)
    assert events(stage, made)[2:] == [("first_response", "stopped", "answered")]
    row = cached(stage, made)
    assert (row.respond_by, row.first_response_at) == (None, START + HOUR)
    assert row.breach_at == row.due_at == PARIS.add_minutes(START, 2 * 480)


def test_a_message_answers_too_but_not_the_clients_own(stage, world):
    made = make_request(stage, world.a, at=START)
    for person, at in ((world.a.user, START + HOUR), (world.operator_a, START + 2 * HOUR)):
        act(
            stage, made, person, conversation.send_message, now=at,
            body=world.a.text("We look at it."), uploads=[],
        )  # fmt: skip
    assert cached(stage, made).first_response_at == START + 2 * HOUR
    assert events(stage, made)[2:] == [("first_response", "stopped", "answered")]


def test_a_rule_that_assigns_answers_nobody(stage, world):
    made = make_request(stage, world.a, at=START)
    with acting(stage, world.operator_a.scope(world.a)):
        row = get_request(actor=world.operator_a.actor(world.a), number=made.number)
        move(row, "assign", actor=system_actor(world.a.id), now=START)
    assert cached(stage, made).first_response_at is None
    assert len(events(stage, made)) == 2


def test_a_question_pauses_until_it_is_answered(stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    before = cached(stage, made).due_at
    question_id = ask(stage, made, world.operator_a, at=START + HOUR)
    asked = stage.value(
        "SELECT question_id FROM sla_events WHERE request_id = :r AND event = 'paused'", r=made.id
    )
    assert asked == question_id
    row = cached(stage, made)
    assert (row.breach_at, row.warn_at) == (NEVER, None)
    answered = START + timedelta(days=1)
    answer_all(stage, made, answered)
    row = cached(stage, made)
    assert events(stage, made)[-2:] == [
        ("resolution", "paused", "waiting_client"),
        ("resolution", "resumed", "in_progress"),
    ]
    assert row.due_at == PARIS.add_time(before, PARIS.time_between(START + HOUR, answered))
    assert row.breach_at == row.due_at


def test_no_pause_without_a_question(stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    with pytest.raises(PauseNeedsQuestion):
        act(stage, made, world.operator_a, move, verb="ask", now=START)
    assert ("resolution", "paused", "waiting_client") not in events(stage, made)


@pytest.mark.parametrize(
    ("clock", "event", "reason"),
    [
        ("resolution", "paused", "waiting_client"),
        ("first_response", "paused", "awaiting_approval"),
        ("resolution", "voided", ""),
        ("resolution", "moved", "late"),
        ("third", "started", ""),
    ],
)
def test_the_database_refuses_rows_that_say_nothing(stage, world, clock, event, reason):
    made = make_request(stage, world.a)
    with pytest.raises(IntegrityError):
        stage.run(
            "INSERT INTO sla_events (tenant_id, request_id, seq, clock, event, reason, at,"
            " actor_name) VALUES (:t, :r, 99, :c, :e, :w, now(), 'x')",
            t=world.a.id, r=made.id, c=clock, e=event, w=reason,
        )  # fmt: skip


@pytest.mark.parametrize("what", ["UPDATE sla_events SET reason = 'x'", "DELETE FROM sla_events"])
def test_the_ledger_is_only_ever_added_to(stage, world, what):
    make_request(stage, world.a)
    with pytest.raises(ProgrammingError), acting(stage, world.operator_a.scope(world.a)):
        db.session.execute(text(what))


def test_approval_pauses_delivery_stops_and_a_thank_you_restarts_nothing(stage, world):
    made = make_request(
        stage, world.a, item="payment_control", state="delivered", operator=world.operator_a,
        reviewer=world.supervisor, at=START,
    )  # fmt: skip
    assert events(stage, made)[-2:] == [
        ("resolution", "paused", "awaiting_approval"),
        ("resolution", "stopped", "delivered"),
    ]
    assert cached(stage, made).breach_at == NEVER
    act(
        stage, made, world.a.user, conversation.send_message, now=START + HOUR,
        body=world.a.text("Thank you!"), uploads=[],
    )  # fmt: skip
    act(stage, made, world.a.user, ending.close_request, now=START + 2 * HOUR)
    assert events(stage, made)[-1] == ("resolution", "stopped", "delivered")


def test_a_late_input_moves_the_due_date(stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    before = cached(stage, made).due_at
    came = START + timedelta(days=2)
    act(
        stage, made, world.operator_a, ledger.late_input, now=came, cut_off=START + HOUR,
        reason="documents",
    )  # fmt: skip
    late = PARIS.time_between(START + HOUR, came)
    assert cached(stage, made).due_at == PARIS.add_time(before, late)


def test_another_priority_counts_from_the_start(stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        row.priority = "urgent"
        ledger.recompute(row, actor=actor, now=START + HOUR)
    assert cached(stage, made).due_at == PARIS.add_minutes(START, 240)
    assert len(events(stage, made)) == 3


def test_a_promised_date(stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    promised = START + timedelta(days=10)
    act(stage, made, world.operator_a, ledger.agree, now=START, due=promised)
    assert cached(stage, made).due_at == promised


def test_a_request_without_a_ledger_gets_one_with_its_next_move(stage, world):
    made = make_request(stage, world.a, at=START)
    stage.run("DELETE FROM sla_events WHERE request_id = :r", r=made.id)
    act(stage, made, world.operator_a, work.assign_to_me, now=START + HOUR)
    assert [one[1] for one in events(stage, made)] == ["started", "started", "stopped"]
    assert cached(stage, made).due_at == PARIS.add_minutes(START, 2 * 480)


def test_a_ledger_that_begins_late_knows_who_answered_by_a_message(stage, world):
    made = make_request(stage, world.a, at=START)
    act(
        stage, made, world.operator_a, conversation.send_message, now=START + HOUR,
        body=world.a.text("We look at it."), uploads=[],
    )  # fmt: skip
    stage.run("DELETE FROM sla_events WHERE request_id = :r", r=made.id)
    act(stage, made, world.operator_a, work.assign_to_me, now=START + 2 * HOUR)
    assert cached(stage, made).first_response_at == START + HOUR
