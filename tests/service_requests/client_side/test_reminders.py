"""Reminders after so many business days, in business hours, once each; then a supervisor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar
from app.notifications import services
from app.notifications.mails import write
from app.service_requests.queries import get_question, get_request
from app.service_requests.reminders import rules
from app.service_requests.services import chasing, conversation
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import ask, make_request
from tests.factories.people import make_grant, make_staff
from tests.notifications.mails import promised
from tests.service_requests.browsing import send

DAY = ((540, 750), (810, 1050))
periods = st.sampled_from([(), DAY, ((0, 1440),), ((600, 601),), ((1380, 1440),)])
weeks = st.lists(periods, min_size=7, max_size=7).filter(any).map(tuple)
zones = st.sampled_from(["Europe/Paris", "America/New_York", "Pacific/Auckland", "UTC"])
FIRST, LAST = date(2024, 1, 1), date(2028, 2, 1)
moments = st.integers(0, 4 * 366 * 1440).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@st.composite
def calendars(draw):
    closed = draw(st.sets(st.dates(FIRST, LAST), max_size=12))
    return BusinessCalendar(draw(zones), draw(weeks), frozenset(closed))


@given(calendars(), moments, st.integers(1, 8))
def test_a_reminder_comes_so_many_business_days_later(calendar, asked_at, day):
    found = rules.reminder_at(asked_at=asked_at, day=day, calendar=calendar)
    assert calendar.is_open(found)
    assert not calendar.is_open(found - timedelta(minutes=1)) or calendar.local_day(
        found - timedelta(minutes=1)
    ) < calendar.local_day(found), "the first open minute of its day"
    passed, at = 0, calendar.local_day(asked_at)
    while at < calendar.local_day(found):
        at += timedelta(days=1)
        passed += calendar.is_business_day(at)
    assert passed == day


@given(calendars(), moments, st.lists(st.integers(1, 9), max_size=4, unique=True),
       st.integers(0, 30_000))  # fmt: skip
def test_a_step_once_come_stays_and_none_is_early(calendar, asked_at, days, minutes):
    days = sorted(days)
    now = asked_at + timedelta(minutes=minutes)
    step = rules.due_step(asked_at=asked_at, days=days, calendar=calendar, now=now)
    later = rules.due_step(asked_at=asked_at, days=days, calendar=calendar,
                           now=now + timedelta(days=2))  # fmt: skip
    for place, day in enumerate(days):
        come = rules.reminder_at(asked_at=asked_at, day=day, calendar=calendar) <= now
        assert come == (step is not None and place <= step)
    assert step is None or (later is not None and later >= step)


# A week without holidays anywhere; the question is asked on the Monday.
MONDAY = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)


def at(day, hour=9):
    return MONDAY + timedelta(days=day, hours=hour - 8)


@pytest.fixture
def made(world, stage):
    row = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=MONDAY)
    row_question = ask(stage, row, world.operator_a, at=MONDAY)
    return row, row_question


def chase(stage, company, now):
    with acting(stage, company.scope):
        return chasing.chase(actor=system_actor(company.id), now=now)


def reminders(stage, company):
    return [row.step for row in stage.rows(
        "SELECT step FROM reminders WHERE tenant_id = :t ORDER BY step", t=company.id
    )]  # fmt: skip


def tasks(stage, company):
    return stage.rows("SELECT * FROM supervisor_tasks WHERE tenant_id = :t", t=company.id)


def test_one_three_five_days_then_a_supervisor(world, stage, made, sign_in_as):
    request, _ = made
    assert chase(stage, world.a, at(0, 15)) == 0
    for day, expected in ((1, [0]), (3, [0, 1]), (7, [0, 1, 2])):
        assert chase(stage, world.a, at(day, 5)) == 0, "not before the client's day begins"
        assert chase(stage, world.a, at(day)) == 1
        assert chase(stage, world.a, at(day, 10)) == 0
        assert reminders(stage, world.a) == expected
        assert not tasks(stage, world.a)
    assert chase(stage, world.a, at(8)) == 0
    assert chase(stage, world.a, at(8, 10)) == 0
    [task] = tasks(stage, world.a)
    assert (task.kind, task.request_id) == ("chased", request.id)
    told = stage.rows("SELECT args FROM jobs WHERE tenant_id = :t AND name = 'notifications.tell'"
                      " AND args->>'event' = 'request.reminder'", t=world.a.id)  # fmt: skip
    assert len(told) == 3

    supervisor, operator = sign_in_as(world.supervisor), sign_in_as(world.operator_a)
    listed = supervisor.get("/desk/supervision").text
    assert request.url in listed
    assert "reminded in vain" in listed
    assert operator.get("/desk/supervision").status_code == 403
    assert "reminded in vain" not in sign_in_as(world.a.user).get(request.url).text
    verb = f"tasks/{task.id}/done"
    assert send(stage, operator, request, verb, note="I phoned").status_code == 403
    assert send(stage, supervisor, request, verb, note=" ").status_code == 422
    assert send(stage, supervisor, request, verb, note="I phoned").status_code == 303
    assert send(stage, supervisor, request, verb, note="again").status_code == 409
    assert request.url not in supervisor.get("/desk/supervision").text
    chase(stage, world.a, at(9))
    assert len(tasks(stage, world.a)) == 1


def test_the_answer_ends_them(world, stage, made):
    request, question_id = made
    chase(stage, world.a, at(1))
    with acting(stage, world.a.user.scope()):
        row = get_request(actor=world.a.user.actor(), number=request.number)
        conversation.answer_question(
            request=row, question=get_question(request=row, question_id=question_id),
            actor=world.a.user.actor(), now=at(2), answer="yes",
        )  # fmt: skip
    assert chase(stage, world.a, at(3)) == 0
    assert chase(stage, world.a, at(30)) == 0
    assert not tasks(stage, world.a)


def test_what_was_missed_is_one_reminder(world, stage, made):
    assert chase(stage, world.a, at(10)) == 1
    assert reminders(stage, world.a) == [2]
    assert chase(stage, world.a, at(10, 10)) == 0
    assert len(tasks(stage, world.a)) == 1


def test_the_contract_says_when(world, stage, made):
    make_contract(stage, world.a, reminder_days=[2])
    assert chase(stage, world.a, at(1)) == 0
    assert chase(stage, world.a, at(2)) == 1
    assert chase(stage, world.a, at(3)) == 0
    assert len(tasks(stage, world.a)) == 1


def test_a_list_of_documents_is_chased_as_one(world, stage, sign_in_as):
    request = make_request(
        stage, world.a, state="in_progress", operator=world.operator_a, at=MONDAY
    )
    send(stage, sign_in_as(world.operator_a), request, "documents", name_1="one", name_2="two")
    stage.run(
        "UPDATE document_lines SET asked_at = :at WHERE tenant_id = :t", at=MONDAY, t=world.a.id
    )
    assert chase(stage, world.a, at(1)) == 1
    assert reminders(stage, world.a) == [0]


def test_supervisors_see_the_lines_that_they_review(world, stage, made, sign_in_as):
    chase(stage, world.a, at(10))
    chase(stage, world.a, at(10, 10))
    for level, lines, sees in (("review", ("hr",), False), ("work", ("finance",), False),
                               ("review", ("finance",), True)):  # fmt: skip
        person = make_staff(stage, role="supervisor")
        make_grant(stage, world.a, person, lines=lines, level=level)
        page = sign_in_as(person).get("/desk/supervision").text
        assert (made[0].url in page) == sees, (level, lines)


@pytest.mark.parametrize(
    ("zone", "hour", "opens"),
    [
        ("Europe/Paris", 9, None),
        # Nine in Paris is three in the morning in New York: at eight there.
        ("America/New_York", 7, datetime(2026, 6, 16, 12, tzinfo=UTC)),
    ],
)
def test_a_reminder_comes_in_the_readers_office_hours(world, stage, made, zone, hour, opens):
    stage.run("UPDATE users SET time_zone = :z WHERE id = :i", z=zone, i=world.a.user.id)
    assert chase(stage, world.a, at(1, hour)) == 1
    [notice] = stage.rows(
        "SELECT args FROM jobs WHERE tenant_id = :t AND args->>'event' = 'request.reminder'",
        t=world.a.id,
    )  # fmt: skip
    args = notice.args
    with acting(stage, world.a.scope):
        services.deliver(
            notice=services.Notice(
                event=args["event"], audience=args["audience"], link=args["link"],
                key=args["notice"], facts=args["facts"], about=made[0].id,
            ),
            write=write, now=at(1, hour),
        )  # fmt: skip
    reminded = {one.to for one in promised(stage, world.a) if one.verb == "notice.request.reminder"}
    later = stage.rows(
        "SELECT run_at FROM jobs WHERE tenant_id = :t AND idempotency_key LIKE :k",
        t=world.a.id, k=f"%:later:{world.a.user.id}:%",
    )  # fmt: skip
    assert (world.a.user.email in reminded) == (opens is None)
    assert [row.run_at for row in later] == ([opens] if opens else [])


def given_up(stage, company):
    chase(stage, company, at(10))
    chase(stage, company, at(10, 10))
    [task] = tasks(stage, company)
    assert task.done_at is None
    return task


def test_the_answer_ends_a_supervisors_task_too(world, stage, made, sign_in_as):
    request, question_id = made
    task = given_up(stage, world.a)
    other = ask(stage, request, world.operator_a, at=at(10, 11))
    answered = send(stage, sign_in_as(world.a.user), request, f"questions/{question_id}/answer",
                    answer="yes")  # fmt: skip
    assert answered.status_code == 303
    assert chase(stage, world.a, at(10, 23)) == 0, "at night nobody is reminded"
    [closed] = tasks(stage, world.a)
    assert (closed.done_at, closed.done_by, closed.done_by_name) == (at(10, 23), None, "Coulisse")
    assert closed.note == "The client is not asked for this any more."
    supervisor = sign_in_as(world.supervisor)
    assert request.url not in supervisor.get("/desk/supervision").text
    late = send(stage, supervisor, request, f"tasks/{task.id}/done", note="I phoned")
    assert late.status_code == 409
    chase(stage, world.a, at(17))
    chase(stage, world.a, at(18))
    assert {row.about_id for row in tasks(stage, world.a) if row.done_at is None} == {other}


@pytest.mark.parametrize("kind", ["question", "documents"])
def test_the_end_of_the_request_ends_a_supervisors_task_too(world, stage, sign_in_as, kind):
    request = make_request(stage, world.a, state="in_progress", operator=world.operator_a,
                           at=MONDAY)  # fmt: skip
    if kind == "question":
        ask(stage, request, world.operator_a, at=MONDAY)
    else:
        send(stage, sign_in_as(world.operator_a), request, "documents", name_1="one")
        stage.run("UPDATE document_lines SET asked_at = :at WHERE tenant_id = :t",
                  at=MONDAY, t=world.a.id)  # fmt: skip
    given_up(stage, world.a)
    assert chase(stage, world.a, at(11)) == 0
    assert tasks(stage, world.a)[0].done_at is None, "it waits still"
    supervisor = sign_in_as(world.supervisor)
    assert send(stage, supervisor, request, "cancel", reason="No answer").status_code == 303
    chase(stage, world.a, at(11, 10))
    [task] = tasks(stage, world.a)
    assert task.done_at == at(11, 10)


def test_what_a_supervisor_has_costs_the_next_run_nothing(world, stage, count_statements):
    for _ in range(3):
        request = make_request(stage, world.a, state="in_progress", operator=world.operator_a,
                               at=MONDAY)  # fmt: skip
        ask(stage, request, world.operator_a, at=MONDAY)
    chase(stage, world.a, at(10))
    chase(stage, world.a, at(10, 10))
    assert len(tasks(stage, world.a)) == 3
    with count_statements() as run:
        chase(stage, world.a, at(10, 13))
    assert not [one for one in run if "INSERT INTO supervisor_tasks" in one]
    assert len([one for one in run if "supervisor_tasks" in one]) == 2
