"""An act that is taken back answered nobody: the first response goes on from its original start."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from app.calendars.holidays import default_calendar
from app.contracts.terms import ContractTerms
from app.desk.services.bulk import act_on
from app.service_levels.judging import Case, judge
from app.service_levels.months import Month
from app.service_requests.queries import get_request
from app.service_requests.services import conversation, ending, work
from app.service_requests.services.classing import set_priority
from app.service_requests.sla.clock import read
from app.service_requests.sla.queries import event_of, list_rows
from app.service_requests.undoing.services import reversibly, undo
from tests.factories import acting
from tests.factories.lifecycle import make_request
from tests.service_requests.sla.test_ledger import cached, events

PARIS = default_calendar("FR", "Europe/Paris")
# A Tuesday at 10:00 in Paris.
START = datetime(2026, 6, 2, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def single(stage, made, person, verb, at):
    batch_id = uuid4()
    with acting(stage, person.scope(made.company)):
        actor = person.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        reversibly(
            row, lambda: verb(request=row, actor=actor, now=at), actor=actor, now=at,
            batch_id=batch_id,
        )  # fmt: skip
    return batch_id


def bulk(stage, made, person, act, at, **values):
    batch_id = uuid4()
    version = cached(stage, made).version
    with acting(stage, person.scope(made.company)):
        (found,) = act_on(
            actor=person.actor(made.company), now=at, act=act, values=values,
            versions={made.number: version}, batch_id=batch_id,
        )  # fmt: skip
        assert found.error is None
    return batch_id


def back(stage, made, person, batch_id, at):
    with acting(stage, person.scope(made.company)):
        return undo(batch_id=batch_id, actor=person.actor(made.company), now=at)


def answer_reading(stage, made, person, now):
    with acting(stage, person.scope(made.company)):
        found = [event_of(row) for row in list_rows(request_id=made.id)]
    return found, read(found, "first_response", target=240, calendar=PARIS, now=now)


@pytest.mark.parametrize("way", ["take", "start", "bulk take", "bulk assign"])
def test_the_clock_of_the_answer_goes_on(stage, world, way):
    person = world.operator_a
    made = make_request(stage, world.a, at=START)
    before = cached(stage, made)
    at = START + HOUR
    if way == "take":
        batch_id = single(stage, made, person, work.assign_to_me, at)
    elif way == "start":
        batch_id = single(stage, made, person, work.start_work, at)
    elif way == "bulk take":
        batch_id = bulk(stage, made, person, "take", at)
    else:
        batch_id = bulk(stage, made, person, "assign", at, user_id=world.operator_both.id)
    assert cached(stage, made).first_response_at == at
    (done,) = back(stage, made, person, batch_id, at + 5 * MINUTE)
    assert done.obstacle == ""
    assert events(stage, made)[-2:] == [
        ("first_response", "stopped", "answered"),
        ("first_response", "voided", "undone"),
    ]
    after = cached(stage, made)
    assert after.first_response_at is None
    assert (after.respond_by, after.breach_at, after.due_at) == (
        before.respond_by, before.breach_at, before.due_at,
    )  # fmt: skip
    _, reading = answer_reading(stage, made, person, START + 2 * HOUR)
    assert (reading.state, reading.started_at, reading.elapsed) == ("running", START, 2 * HOUR)
    # A real answer stops it, with all the time since the start.
    said = START + 2 * HOUR
    with acting(stage, person.scope(made.company)):
        actor = person.actor(made.company)
        conversation.send_message(
            request=get_request(actor=actor, number=made.number), actor=actor, now=said,
            body="We look at it", uploads=[],
        )  # fmt: skip
    found, reading = answer_reading(stage, made, person, START + 9 * HOUR)
    assert (reading.state, reading.elapsed) == ("stopped", 2 * HOUR)
    assert cached(stage, made).first_response_at == said
    (judged,) = judged_in_june(made, found)
    assert (judged.at, judged.minutes, judged.outcome) == (said, 120, "met")


def judged_in_june(made, found):
    case = Case(
        request_id=made.id, number=made.number, line="finance", item="finance_question",
        priority="normal", cancelled_by="", events=found,
    )  # fmt: skip
    month = Month(date(2026, 6, 1), "Europe/Paris")
    terms = ContractTerms(PARIS)
    return [one for one in judge(case, month, lambda _: terms) if one.clock == "first_response"]


def test_what_was_taken_back_counts_in_no_month(stage, world):
    person = world.operator_a
    made = make_request(stage, world.a, at=START)
    back(stage, made, person, single(stage, made, person, work.assign_to_me, START + HOUR),
         START + HOUR)  # fmt: skip
    found, _ = answer_reading(stage, made, person, START + HOUR)
    assert judged_in_june(made, found) == []


def test_of_a_reopened_request_no_other_run_begins(stage, world):
    person = world.operator_a
    made = make_request(
        stage, world.a, at=START, state="delivered", operator=person, reviewer=world.supervisor
    )
    reopened = START + 24 * HOUR
    with acting(stage, world.a.user.scope(world.a)):
        actor = world.a.user.actor(world.a)
        ending.reopen(
            request=get_request(actor=actor, number=made.number), actor=actor, now=reopened,
            reason="A page is missing",
        )  # fmt: skip
    before = cached(stage, made)
    batch_id = single(stage, made, person, work.assign_to_me, reopened + HOUR)
    back(stage, made, person, batch_id, reopened + HOUR + MINUTE)
    starts = [one for one in events(stage, made) if one[:2] == ("first_response", "started")]
    assert len(starts) == 2
    assert cached(stage, made).respond_by == before.respond_by
    _, reading = answer_reading(stage, made, person, reopened + 2 * HOUR)
    assert (reading.state, reading.started_at) == ("running", reopened)


def test_an_answer_before_stays_given(stage, world):
    """At the same moment, even."""
    person = world.operator_a
    made = make_request(stage, world.a, at=START)
    said = START + HOUR
    with acting(stage, person.scope(made.company)):
        actor = person.actor(made.company)
        conversation.send_message(
            request=get_request(actor=actor, number=made.number), actor=actor, now=said,
            body="We look at it", uploads=[],
        )  # fmt: skip
    back(stage, made, person, single(stage, made, person, work.assign_to_me, said), said)
    assert cached(stage, made).first_response_at == said
    assert "voided" not in [event for _, event, _ in events(stage, made)]


def test_an_answer_from_before_there_was_a_ledger_stays_given(stage, world):
    person = world.operator_a
    made = make_request(stage, world.a, at=START, state="assigned", operator=person)
    stage.run("DELETE FROM sla_events WHERE request_id = :r", r=made.id)
    at = START + HOUR
    batch_id = single(
        stage, made, person, lambda **who: set_priority(**who, priority="high", reason=""), at
    )
    back(stage, made, person, batch_id, at)
    assert cached(stage, made).first_response_at == START
    assert "voided" not in [event for _, event, _ in events(stage, made)]


def test_a_change_of_priority_that_is_undone_voids_nothing(stage, world):
    person = world.operator_a
    made = make_request(stage, world.a, at=START, state="assigned", operator=person)
    batch_id = single(
        stage, made, person,
        lambda **who: set_priority(**who, priority="high", reason=""), START + HOUR,
    )  # fmt: skip
    back(stage, made, person, batch_id, START + HOUR)
    assert "voided" not in [event for _, event, _ in events(stage, made)]
