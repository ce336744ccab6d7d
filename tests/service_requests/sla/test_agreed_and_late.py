"""Where other parts of the work write into the ledger: documents, plans, offers, merges."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from app.calendars.holidays import default_calendar
from app.service_requests.documents.queries import get_line
from app.service_requests.queries import get_request
from app.service_requests.services import documents, holding, linking, work
from app.service_requests.services.documents import Wanted
from app.service_requests.services.intake import Upload
from tenants.core.errors import Invalid
from tests.factories import acting
from tests.factories.lifecycle import make_request
from tests.service_requests.browsing import send
from tests.service_requests.sla.test_ledger import act, cached, events

PARIS = default_calendar("FR", "Europe/Paris")
# A Tuesday at 10:00 in Paris.
START = datetime(2026, 6, 2, 8, tzinfo=UTC)
THURSDAY = date(2026, 6, 4)


def moved(stage, made):
    return stage.rows(
        "SELECT at, moment, reason FROM sla_events WHERE request_id = :r AND event = 'moved'",
        r=made.id,
    )


def give(stage, made, line_id, *, at):
    user = made.company.user
    with acting(stage, user.scope(made.company)):
        actor = user.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        documents.provide(
            request=row, line=get_line(request=row, line_id=line_id), actor=actor, now=at,
            upload=Upload("file", "a.pdf", "application/pdf", b"%PDF-1.7"),
        )  # fmt: skip


@pytest.mark.parametrize(("came", "late"), [(START + timedelta(days=2), False),
                                            (START + timedelta(days=3), True)])  # fmt: skip
def test_a_document_that_comes_after_its_day_is_a_late_input(stage, world, came, late):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    act(
        stage, made, world.operator_a, documents.ask_documents, now=START,
        wanted=[Wanted(world.a.text("statement"), due_on=THURSDAY)],
    )  # fmt: skip
    line = stage.value("SELECT id FROM document_lines WHERE request_id = :r", r=made.id)
    give(stage, made, line, at=came)
    found = [tuple(row) for row in moved(stage, made)]
    expected = [(came, PARIS.midnight(THURSDAY + timedelta(days=1)), "documents")]
    assert found == (expected if late else [])
    # The clock stood still meanwhile: the pause moved the date already, and once.
    paused = PARIS.time_between(START, came)
    assert cached(stage, made).due_at == PARIS.add_time(PARIS.add_minutes(START, 960), paused)


def test_the_page_tells_how_late_the_input_was(stage, world, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    send(stage, sign_in_as(world.operator_a), made, "documents", name_1=world.a.text("statement"))
    line = stage.value("SELECT id FROM document_lines WHERE request_id = :r", r=made.id)
    long_ago = datetime.now(UTC) - timedelta(days=10)
    stage.run("UPDATE document_lines SET due_on = :d, asked_at = :a WHERE id = :l",
              d=long_ago.date(), a=long_ago, l=line)  # fmt: skip
    client = sign_in_as(world.a.user)
    given = send(stage, client, made, f"documents/{line}/provide",
                 file=(io.BytesIO(b"%PDF-1.7"), "a.pdf"))  # fmt: skip
    assert given.status_code == 303
    assert "Inputs late by" in client.get(f"{made.url}/clock").text


def test_a_plan_with_an_agreed_day_is_due_by_its_closing(stage, world):
    made = make_request(stage, world.a, at=START)
    act(stage, made, world.operator_a, holding.plan, now=START, planned_for=date(2026, 6, 10),
        due_on=date(2026, 6, 19))  # fmt: skip
    assert cached(stage, made).due_at == PARIS.closing(date(2026, 6, 19))
    assert ("resolution", "agreed", "") in events(stage, made)


def test_a_plan_alone_keeps_the_date_of_the_contract(stage, world):
    made = make_request(stage, world.a, at=START)
    act(stage, made, world.operator_a, holding.plan, now=START, planned_for=date(2026, 6, 3))
    assert cached(stage, made).due_at == PARIS.add_minutes(START, 960)


@pytest.mark.parametrize("due_on", [date(2026, 6, 9), date(2026, 6, 13)])
def test_the_agreed_day_is_a_working_day_after_the_beginning(stage, world, due_on):
    made = make_request(stage, world.a, at=START)
    with pytest.raises(Invalid) as refused:
        act(stage, made, world.operator_a, holding.plan, now=START, planned_for=date(2026, 6, 10),
            due_on=due_on)  # fmt: skip
    assert "due_on" in refused.value.field_errors


def test_the_plans_form_takes_the_agreed_day(stage, world, sign_in_as):
    made = make_request(stage, world.a)
    monday = datetime.now(UTC).date() + timedelta(days=7 - datetime.now(UTC).weekday())
    operator = sign_in_as(world.operator_a)
    assert "Agreed with the client" in operator.get(f"{made.url}?act=plan").text
    late = monday + timedelta(days=14)
    while not PARIS.is_business_day(late):
        late += timedelta(days=1)
    sent = send(stage, operator, made, "plan", planned_for=monday.isoformat(),
                due_on=late.isoformat())  # fmt: skip
    assert sent.status_code == 303
    assert cached(stage, made).due_at == PARIS.closing(late)


@pytest.mark.parametrize(
    ("kind", "name"), [(linking.merge, "into"), (linking.mark_duplicate, "of")]
)
def test_what_was_merged_began_with_the_earlier_one(stage, world, kind, name):
    first = make_request(stage, world.a, at=START)
    second = make_request(stage, world.a, at=START + timedelta(days=1))
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        rows = [get_request(actor=actor, number=one.number) for one in (first, second)]
        kind(request=rows[0], actor=actor, now=START + timedelta(days=1), **{name: rows[1]})
    assert cached(stage, second).due_at == PARIS.add_minutes(START, 960)
    assert ("resolution", "stopped") in [one[:2] for one in events(stage, first)]


@pytest.mark.parametrize("field", ["planned_for", "due_on"])
@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "2090-01-02"])
def test_a_day_that_nobody_agrees_on_is_refused_at_its_field(
    stage, world, sign_in_as, field, day
):  # fmt: skip
    made = make_request(stage, world.a)
    days = {"planned_for": (datetime.now(UTC) + timedelta(days=9)).date().isoformat(), field: day}
    refused = send(stage, sign_in_as(world.operator_a), made, "plan", **days)
    assert refused.status_code == 422
    assert "in the next five years" in refused.text
    assert f'value="{day}"' in refused.text


LATER = START + timedelta(days=1)


def merge(stage, world, first, second, *, at=LATER):
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        rows = [get_request(actor=actor, number=one.number) for one in (first, second)]
        linking.merge(request=rows[0], into=rows[1], actor=actor, now=at)


def earlier_starts(stage, made):
    return [one[0] for one in events(stage, made) if one[1] == "merged"]


def begin_anew(stage, made, at):
    """As when the price of its offer is accepted."""
    stage.run(
        "INSERT INTO sla_events (tenant_id, request_id, seq, clock, event, reason, at, actor_name)"
        " VALUES (:t, :r, 9, 'resolution', 'started', 'accepted', :a, 'x')",
        t=made.company.id, r=made.id, a=at,
    )  # fmt: skip


def test_what_was_answered_before_it_was_merged_misses_no_answer(stage, world):
    first, second = (make_request(stage, world.a, at=at) for at in (START, LATER))
    act(stage, first, world.operator_a, work.assign_to_me, now=START + timedelta(hours=1))
    merge(stage, world, first, second)
    assert earlier_starts(stage, second) == ["resolution"]
    assert cached(stage, second).respond_by == PARIS.add_minutes(LATER, 240)


def test_an_answer_that_was_given_stays_in_time(stage, world):
    first, second = (make_request(stage, world.a, at=at) for at in (START, LATER))
    act(stage, second, world.operator_a, work.assign_to_me, now=LATER)
    merge(stage, world, first, second)
    assert earlier_starts(stage, second) == ["resolution"]


@pytest.mark.parametrize("place", [0, 1])
def test_time_out_of_scope_is_not_merged_either(stage, world, place):
    made = [make_request(stage, world.a, at=at) for at in (START, LATER)]
    begin_anew(stage, made[place], LATER)
    merge(stage, world, *made)
    assert earlier_starts(stage, made[1]) == ["first_response"]


def test_the_earliest_start_goes_along_from_merge_to_merge(stage, world):
    made = [make_request(stage, world.a, at=START + n * timedelta(hours=1)) for n in range(3)]
    merge(stage, world, made[0], made[1])
    merge(stage, world, made[1], made[2])
    assert cached(stage, made[2]).due_at == PARIS.add_minutes(START, 960)
