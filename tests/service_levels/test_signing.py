"""A month is counted, signed off once and in order, and stays as it was signed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from app.service_levels.services import signing
from app.service_levels.services.contesting import (
    ContestAnswered,
    ContestedAlready,
    TooLateToContest,
    answer_contest,
    contest,
)
from app.service_requests.queries import get_request
from app.service_requests.services import ending, linking
from app.service_requests.services.classing import set_priority
from app.service_requests.sla import ledger
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid, NotFound
from tests.factories import acting, make_grant
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import go_on, make_request
from tests.factories.service_levels import RULES, sign
from tests.factories.webhooks import make_webhook

# A Tuesday at 10:00 in Paris.
MAY = date(2026, 5, 1)
START = datetime(2026, 5, 5, 8, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def delivered(stage, world, *, after, at=START, item="finance_question"):
    made = make_request(stage, world.a, at=at, item=item)
    to_delivery(stage, world, made, at + after)
    return made


def to_delivery(stage, world, made, at):
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor, at=at)


def act(stage, made, person, service, **more):
    with acting(stage, person.scope(made.company)):
        actor = person.actor(made.company, level="review")
        return service(request=get_request(actor=actor, number=made.number), actor=actor, **more)


def outcomes(stage, company, month=MAY):
    return {
        (row.number, row.clock): (row.outcome, row.reason)
        for row in stage.rows(
            "SELECT * FROM sla_outcomes WHERE tenant_id = :t AND month = :m ORDER BY revision",
            t=company.id, m=month,
        )
    }  # fmt: skip


def credits(stage, company):
    return [
        (row.month, row.line, row.revision, row.breaches, row.amount, row.change)
        for row in stage.rows(
            "SELECT * FROM sla_credits WHERE tenant_id = :t ORDER BY month, line, revision",
            t=company.id,
        )
    ]  # fmt: skip


def test_a_companys_programs_hear_once_that_a_month_is_ready(stage, world):
    make_webhook(stage, world.a, kinds=["month.ready"])
    make_webhook(stage, world.b, kinds=["month.ready"])
    delivered(stage, world, after=HOUR)
    for _ in range(2):
        sign(stage, world.a, world.supervisor, MAY, JUNE)
    told = stage.rows("SELECT tenant_id, body FROM webhook_messages WHERE kind = 'month.ready'"
                      " AND tenant_id IN (:a, :b)", a=world.a.id, b=world.b.id)  # fmt: skip
    assert [(row.tenant_id, row.body["data"]) for row in told] == [
        (world.a.id, {"month": "2026-05"})
    ]


def test_met_missed_and_left_out(stage, world):
    company, operator = world.a, world.operator_a
    make_contract(stage, company, credits=RULES)
    good = delivered(stage, world, after=HOUR)
    late = delivered(stage, world, after=7 * DAY)
    urgent = make_request(stage, company, at=START)
    act(stage, urgent, operator, set_priority, priority="urgent", now=START + HOUR)
    to_delivery(stage, world, urgent, START + 7 * DAY)
    dropped = make_request(stage, company, at=START)
    act(stage, dropped, company.user, ending.cancel_request, reason="no", now=START + 9 * DAY)
    twice = make_request(stage, company, at=START)
    with acting(stage, operator.scope(company)):
        actor = operator.actor(company)
        linking.mark_duplicate(
            request=get_request(actor=actor, number=twice.number), actor=actor,
            of=get_request(actor=actor, number=good.number), now=START + HOUR,
        )  # fmt: skip
    sign(stage, company, world.supervisor, MAY, JUNE)
    assert outcomes(stage, company) == {
        (good.number, "first_response"): ("met", ""),
        (good.number, "resolution"): ("met", ""),
        (late.number, "first_response"): ("breached", ""),
        (late.number, "resolution"): ("breached", ""),
        (urgent.number, "first_response"): ("breached", ""),
        (urgent.number, "resolution"): ("breached", ""),
        (dropped.number, "first_response"): ("excluded", "cancelled_by_client"),
        (dropped.number, "resolution"): ("excluded", "cancelled_by_client"),
        (twice.number, "first_response"): ("excluded", "duplicate"),
        (twice.number, "resolution"): ("excluded", "duplicate"),
    }
    # Twice 3 % and twice 5 % are 16 %, of which 15 % are given back at most.
    assert credits(stage, company) == [
        (MAY, "finance", 1, 4, 15_000, 15_000), (MAY, "hr", 1, 0, 0, 0),
    ]  # fmt: skip


def test_a_missed_date_is_not_cancelled_away(stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    act(stage, made, world.supervisor, ending.cancel_request, reason="no", now=START + 9 * DAY)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    assert outcomes(stage, world.a)[made.number, "resolution"] == (
        "breached", "cancelled_by_provider",
    )  # fmt: skip


def test_a_run_is_missed_once(stage, world):
    made = delivered(stage, world, after=20 * DAY, at=START)
    act(stage, made, world.a.user, ending.reopen, reason="wrong", now=START + 25 * DAY)
    to_delivery_again(stage, world, made, JUNE)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    sign(stage, world.a, world.supervisor, date(2026, 6, 1), JUNE + 30 * DAY)
    assert outcomes(stage, world.a)[made.number, "resolution"] == ("breached", "")
    june = outcomes(stage, world.a, date(2026, 6, 1))
    assert june[made.number, "resolution"] == ("excluded", "counted_before")


def to_delivery_again(stage, world, made, at):
    from app.service_requests.services import decisions, work

    who = world.operator_a
    act(stage, made, who, work.assign_to_me, now=at)
    act(stage, made, who, work.start_work, now=at)
    act(stage, made, who, work.submit_for_review, now=at)
    act(stage, made, world.supervisor, decisions.pass_review, now=at)


def test_only_a_month_that_is_over_and_in_order(stage, world):
    delivered(stage, world, after=HOUR)
    june = date(2026, 6, 1)
    with pytest.raises(signing.MonthNotOver):
        sign(stage, world.a, world.supervisor, MAY, datetime(2026, 5, 31, 21, 59, tzinfo=UTC))
    with pytest.raises(signing.EarlierMonthOpen):
        sign(stage, world.a, world.supervisor, june, JUNE + 60 * DAY)
    with pytest.raises(signing.NothingToSign):
        sign(stage, world.a, world.supervisor, date(2026, 4, 1), JUNE)
    # Midnight in Paris.
    sign(stage, world.a, world.supervisor, MAY, datetime(2026, 5, 31, 22, tzinfo=UTC))
    sign(stage, world.a, world.supervisor, june, JUNE + 60 * DAY)


def test_without_the_right_nothing_is_signed(stage, world):
    delivered(stage, world, after=HOUR)
    for person in (world.a.admin, world.operator_a):
        with acting(stage, person.scope(world.a)), pytest.raises(Forbidden):
            signing.sign_off(month=MAY, actor=person.actor(world.a), now=JUNE)
    reviewer = world.operator_none
    make_grant(stage, world.a, reviewer, lines=("hr",), level="review")
    actor = replace(reviewer.actor(world.a), lines={"hr": "review"})
    with acting(stage, reviewer.scope(world.a)), pytest.raises(Forbidden):
        signing.sign_off(month=MAY, actor=actor, now=JUNE)
    assert outcomes(stage, world.a) == {}


def test_two_supervisors_at_once_sign_one(stage, world):
    make_contract(stage, world.a, credits=RULES)
    made = delivered(stage, world, after=7 * DAY)
    threads = [
        threading.Thread(target=sign, args=(stage, world.a, world.supervisor, MAY, JUNE))
        for _ in range(2)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(outcomes(stage, world.a)) == 2
    assert outcomes(stage, world.a)[made.number, "resolution"] == ("breached", "")
    assert len(credits(stage, world.a)) == 2
    signed = "SELECT count(*) FROM audit_events WHERE tenant_id = :t AND name = :n"
    assert stage.value(signed, t=world.a.id, n="service_levels.month.signed") == 1


def test_what_was_signed_can_not_be_changed(stage, world):
    make_contract(stage, world.a, credits=RULES)
    delivered(stage, world, after=7 * DAY)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    for table in ("sla_months", "sla_outcomes", "sla_credits"):
        for statement in (f"UPDATE {table} SET line = 'hr'", f"DELETE FROM {table}"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                acting(stage, world.a.scope),
            ):
                db.session.connection().exec_driver_sql(statement)


def test_a_pause_taken_back_later_is_booked_in_a_later_month(stage, world):
    """The time that a contested pause took counts, and the credit of its month grows."""
    make_contract(stage, world.a, credits=RULES)
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a, at=START)
    act(stage, made, world.operator_a, answer_for, now=START + 10 * DAY)
    go_on_from_work(stage, world, made, START + 10 * DAY + HOUR)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    assert outcomes(stage, world.a)[made.number, "resolution"] == ("met", "")
    pause = stage.value(
        "SELECT id FROM sla_events WHERE request_id = :r AND event = 'paused'", r=made.id
    )
    act(stage, made, world.supervisor, ledger.void, pause_id=pause, now=JUNE + DAY)
    june = date(2026, 6, 1)
    sign(stage, world.a, world.supervisor, june, JUNE + 30 * DAY)
    assert outcomes(stage, world.a)[made.number, "resolution"] == ("breached", "corrected")
    booked = stage.value("SELECT booked_in FROM sla_outcomes WHERE request_id = :r AND revision = 2",
                         r=made.id)  # fmt: skip
    assert booked == june
    assert (MAY, "finance", 2, 1, 3_000, 3_000) in credits(stage, world.a)


def answer_for(*, request, actor, now):
    from app.service_requests.queries import list_open_questions
    from app.service_requests.services.conversation import withdraw_question

    for question in list_open_questions(request_id=request.id):
        withdraw_question(request=request, question=question, actor=actor, now=now)


def go_on_from_work(stage, world, made, at):
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor, at=at)


@pytest.fixture
def late(stage, world):
    """A signed May with one request in time and one that was late."""
    make_contract(stage, world.a, credits=RULES)
    good, bad = delivered(stage, world, after=HOUR), delivered(stage, world, after=7 * DAY)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    return good, bad


def say(stage, company, person, at, line="finance", words="It was late"):
    with acting(stage, person.scope(company)):
        return contest(month=MAY, line=line, words=words, actor=person.actor(company), now=at).id


def reply(stage, company, person, at, missed=(), answer="Looked at it"):
    with acting(stage, person.scope(company)):
        answer_contest(
            month=MAY, line="finance", answer=answer, missed=missed,
            actor=person.actor(company, level="review"), now=at,
        )  # fmt: skip


def test_a_contest_that_is_upheld_adds_by_the_same_formula(stage, world, late):
    good, _ = late
    say(stage, world.a, world.a.user, JUNE + DAY)
    row = stage.value(
        "SELECT id FROM sla_outcomes WHERE request_id = :r AND clock = 'resolution'", r=good.id
    )
    reply(stage, world.a, world.supervisor, JUNE + 2 * DAY, missed=[row])
    assert outcomes(stage, world.a)[good.number, "resolution"] == ("breached", "contested")
    assert [one for one in credits(stage, world.a) if one[1] == "finance"] == [
        (MAY, "finance", 1, 2, 6_000, 6_000), (MAY, "finance", 2, 3, 9_000, 3_000),
    ]  # fmt: skip
    with pytest.raises(ContestAnswered):
        reply(stage, world.a, world.supervisor, JUNE + 3 * DAY)


def test_a_contest_that_is_declined_leaves_all_as_it_was(stage, world, late):
    say(stage, world.a, world.a.user, JUNE + DAY)
    with pytest.raises(Invalid):
        reply(stage, world.a, world.supervisor, JUNE + 2 * DAY, answer="")
    reply(stage, world.a, world.supervisor, JUNE + 2 * DAY)
    assert [one[2] for one in credits(stage, world.a)] == [1, 1]


def test_a_contest_has_its_bounds(stage, world, late):
    _, bad = late
    with pytest.raises(TooLateToContest):
        say(stage, world.a, world.a.user, JUNE + 11 * DAY)
    with pytest.raises(NotFound):
        say(stage, world.a, world.a.people["finance_only"], JUNE + DAY, line="hr")
    with pytest.raises(Forbidden):
        say(stage, world.a, world.supervisor, JUNE + DAY)
    say(stage, world.a, world.a.user, JUNE + 10 * DAY)
    with pytest.raises(ContestedAlready):
        say(stage, world.a, world.a.approver, JUNE + 10 * DAY)
    row = stage.value(
        "SELECT id FROM sla_outcomes WHERE request_id = :r AND clock = 'resolution'", r=bad.id
    )
    with pytest.raises(Invalid):
        reply(stage, world.a, world.supervisor, JUNE + 11 * DAY, missed=[row])
    with pytest.raises(Forbidden), acting(stage, world.operator_a.scope(world.a)):
        answer_contest(
            month=MAY, line="finance", answer="no", missed=(),
            actor=world.operator_a.actor(world.a), now=JUNE,
        )  # fmt: skip


def test_who_only_reads_a_line_answers_nothing_about_it(stage, world, late):
    """Not even a supervisor."""
    say(stage, world.a, world.a.user, JUNE + DAY)
    actor = replace(
        world.supervisor.actor(world.a, level="review"), lines={"finance": "read", "hr": "review"}
    )
    with acting(stage, world.supervisor.scope(world.a)), pytest.raises(Forbidden):
        answer_contest(
            month=MAY, line="finance", answer="no", missed=(), actor=actor, now=JUNE + DAY
        )
