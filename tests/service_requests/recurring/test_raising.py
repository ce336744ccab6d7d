"""What is due is raised once, whatever is missed, moved, paused or gone."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from app.service_requests.recurring.making import Obstacle
from app.service_requests.recurring.services import deciding, keeping, raising
from tenants.core.errors import Forbidden, Invalid
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import make_grant, make_staff
from tests.factories.recurring import make_recurring, run_day, the_row, wish
from tests.finance.test_payment_control import uploads
from workers.registry import all_declared
from workers.schedule import TASKS

# Monday of a week without holidays.
MONDAY = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)
WEEKLY = {"kind": "week_day", "nth": 3}


def day(n):
    return MONDAY + timedelta(days=n)


def instances(stage, made):
    return [
        (row.period, row.state, row.reason)
        for row in stage.rows(
            "SELECT * FROM recurrence_instances WHERE recurrence_id = :r ORDER BY due_on, period",
            r=made.id,
        )
    ]


def requests(stage, company):
    return stage.rows("SELECT * FROM requests WHERE tenant_id = :t ORDER BY number", t=company.id)


def test_it_is_raised_on_its_day_in_the_clients_words(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY, about=-1, lead_days=3)
    # 15 June is a Monday; three business days before it is Wednesday 10.
    assert run_day(stage, made, day(8)) == 0
    assert run_day(stage, made, day(9)) == 1
    assert run_day(stage, made, day(9)) == run_day(stage, made, day(10)) == 0
    [request] = requests(stage, world.a)
    assert request.title == f"{world.a.text('Reminders')} \u00b7 May 2026"
    assert request.form["wanted_on"] == "2026-06-15"
    assert (request.state, request.raised_side, request.raised_by_name) == (
        "new", "system", "Coulisse",
    )  # fmt: skip
    assert instances(stage, made) == [("2026-06", "raised", "")]
    assert stage.value("SELECT next_on FROM recurrences WHERE id = :r", r=made.id) == date(
        2026, 7, 15
    )


def test_two_workers_at_once_raise_it_once(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: run_day(stage, made, day(2)), range(4)))
    assert sorted(found) == [0, 0, 0, 1]
    assert len(requests(stage, world.a)) == 1


def test_what_was_missed_for_three_weeks_is_raised_each_once(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    assert run_day(stage, made, day(23)) == 4
    assert [one[0] for one in instances(stage, made)] == [
        "2026-W23", "2026-W24", "2026-W25", "2026-W26",
    ]  # fmt: skip


def test_what_was_missed_for_longer_waits_for_somebody(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    run_day(stage, made, day(65))
    found = instances(stage, made)
    assert [one[1:] for one in found] == [("skipped", "too_late")] * 5 + [("raised", "")] * 5
    with acting(stage, world.operator_a.scope(world.a)):
        deciding.raise_now(
            recurrence=the_row(made, world.operator_a), period="2026-W23",
            actor=world.operator_a.actor(world.a), now=day(65),
        )  # fmt: skip
    assert instances(stage, made)[0] == ("2026-W23", "backfilled", "")


def test_nothing_before_it_was_written_is_raised_by_itself(world, stage):
    made = make_recurring(
        stage, world.a, world.operator_a, at=day(20), starts_on=date(2025, 1, 1), rule=WEEKLY
    )
    assert run_day(stage, made, day(22)) == 0
    assert run_day(stage, made, day(23)) == 1


def test_a_new_closure_moves_the_day_and_raises_nothing_twice(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    make_contract(stage, world.a, calendar={
        "country": "FR", "zone": "Europe/Paris", "week": ["09:00-17:00"] * 5 + [""] * 2,
        "client_closures": ["2026-06-15"],
    })  # fmt: skip
    assert run_day(stage, made, day(10)) == 0
    assert run_day(stage, made, day(11)) == 1, "the business day before"
    stage.run("UPDATE contract_versions SET document = jsonb_set(document,"
              " '{calendar,client_closures}', '[]') WHERE tenant_id = :t", t=world.a.id)  # fmt: skip
    assert run_day(stage, made, day(14)) == run_day(stage, made, day(15)) == 0


def test_a_pause_leaves_out_and_going_on_raises_nothing_of_it(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    actor, scope = world.operator_a.actor(world.a), world.operator_a.scope(world.a)
    with acting(stage, scope):
        keeping.pause(recurrence=the_row(made, world.operator_a), first=date(2026, 6, 8),
                      last=None, actor=actor, now=MONDAY)  # fmt: skip
    run_day(stage, made, day(2))
    run_day(stage, made, day(9))
    assert [one[1] for one in instances(stage, made)] == ["raised", "skipped"]
    with acting(stage, scope):
        keeping.go_on(recurrence=the_row(made, world.operator_a), actor=actor, now=day(18))
    assert run_day(stage, made, day(18)) == 0
    assert run_day(stage, made, day(23)) == 1
    assert [one[0] for one in instances(stage, made)] == ["2026-W23", "2026-W24", "2026-W26"]


def test_one_that_was_left_out_is_not_raised(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    actor = world.operator_a.actor(world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        row = the_row(made, world.operator_a)
        deciding.skip(recurrence=row, period="2026-W23", words="holiday", actor=actor, now=MONDAY)
        with pytest.raises(deciding.PeriodSettled):
            deciding.skip(recurrence=row, period="2026-W23", words="", actor=actor, now=MONDAY)
    assert run_day(stage, made, day(2)) == 0
    assert instances(stage, made) == [("2026-W23", "skipped", "by_hand")]


def test_the_past_is_made_up_for_by_choice(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    actor = world.operator_a.actor(world.a)
    span = {"first": date(2026, 1, 1), "last": date(2026, 5, 31)}
    with acting(stage, world.operator_a.scope(world.a)):
        row = the_row(made, world.operator_a)
        found = deciding.preview(recurrence=row, now=MONDAY, **span)
        assert [one.planned.period.name for one in found] == [f"2026-0{n}" for n in range(1, 6)]
        deciding.backfill(recurrence=row, periods=["2026-02", "2026-04"], actor=actor, now=MONDAY,
                          **span)  # fmt: skip
    assert instances(stage, made) == [("2026-02", "backfilled", ""), ("2026-04", "backfilled", "")]
    with acting(stage, world.operator_a.scope(world.a)):
        row = the_row(made, world.operator_a)
        with pytest.raises(deciding.PeriodSettled):
            deciding.backfill(recurrence=row, periods=["2026-02"], actor=actor, now=MONDAY, **span)
        with pytest.raises(Invalid):
            deciding.preview(
                recurrence=row, first=date(2026, 7, 1), last=date(2026, 8, 1), now=MONDAY
            )


def test_the_same_work_for_the_same_period_is_raised_once_for_a_client(world, stage):
    first = make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    second = make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    other = make_recurring(stage, world.b, world.operator_b, at=MONDAY)
    assert [run_day(stage, one, day(14)) for one in (first, second, other)] == [1, 0, 1]
    assert len(requests(stage, world.a)) == 1
    assert instances(stage, second) == [("2026-06", "blocked", "duplicate")]
    with acting(stage, world.operator_a.scope(world.a)), pytest.raises(Obstacle, match="already"):
        deciding.raise_now(
            recurrence=the_row(second, world.operator_a), period="2026-06",
            actor=world.operator_a.actor(world.a), now=day(14),
        )  # fmt: skip


def test_what_the_client_raised_itself_is_not_raised_again(world, stage):
    make_request(stage, world.a, item="payment_control")
    made = make_recurring(
        stage, world.a, world.operator_a, at=datetime(2026, 11, 1, tzinfo=UTC),
        item="payment_control", form={}, about=-1,
    )  # fmt: skip
    assert run_day(stage, made, datetime(2026, 11, 13, 8, tzinfo=UTC)) == 0
    assert instances(stage, made) == [("2026-11", "blocked", "duplicate")]


def test_missing_files_are_asked_for_and_the_work_begins_with_the_last(world, stage, sign_in_as):
    made = make_recurring(
        stage, world.a, world.operator_a, at=MONDAY, item="payment_control", form={}, about=-1,
        questions=["Is the account of the branch in it?"],
    )  # fmt: skip
    assert run_day(stage, made, day(14)) == 1
    [request] = requests(stage, world.a)
    assert (request.state, request.title) == ("waiting_client", "2026-05")
    lines = stage.rows(
        "SELECT * FROM document_lines WHERE request_id = :r ORDER BY position", r=request.id
    )
    assert [one.slot for one in lines] == ["open_items", "statement"]
    assert stage.value("SELECT count(*) FROM questions WHERE request_id = :r", r=request.id) == 1
    assert "finance.prepare_payment_control" not in run_jobs(stage, world.a.id)
    browser = sign_in_as(world.a.user)
    url = world.a.url(f"requests/{request.number}")
    assert "The files are still to come" in browser.get(url).text
    for line, sent in zip(lines, uploads(), strict=True):
        assert "finance.prepare_payment_control" not in run_jobs(stage, world.a.id)
        answer = browser.post(f"{url}/documents/{line.id}/provide", data={
            "client": world.a.slug, "file": (BytesIO(sent.content), sent.name),
        })  # fmt: skip
        assert answer.status_code in (200, 303)
    assert "finance.prepare_payment_control" in run_jobs(stage, world.a.id)
    assert (
        stage.value("SELECT state FROM payment_controls WHERE request_id = :r", r=request.id)
        == "ready"
    )


def test_an_item_that_left_the_contract_stands_still_and_somebody_hears_of_it(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    make_contract(stage, world.a, items={"finance_question": {"scope": "offer"}})
    assert run_day(stage, made, day(14)) == 0
    assert instances(stage, made) == [("2026-06", "blocked", "out_of_scope")]
    assert stage.value(
        "SELECT args -> 'facts' ->> 'number' FROM jobs WHERE tenant_id = :t"
        " AND args ->> 'event' = 'recurring.blocked'", t=world.a.id,
    ) == str(made.number)  # fmt: skip
    with acting(stage, world.operator_a.scope(world.a)):
        request = deciding.raise_now(
            recurrence=the_row(made, world.operator_a), period="2026-06",
            actor=world.operator_a.actor(world.a), now=day(14),
        )  # fmt: skip
        assert request.scope == "out_of_scope"


def test_a_withdrawn_item_stands_still(world, stage, monkeypatch):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    stage.run("UPDATE recurrences SET item = 'gone' WHERE id = :r", r=made.id)
    assert run_day(stage, made, day(14)) == 0
    assert instances(stage, made) == [("2026-06", "blocked", "withdrawn")]


def test_its_operator_gets_it_while_they_may_else_the_queue(world, stage):
    operator = make_staff(stage, name="Lea")
    make_grant(stage, world.a, operator, lines=("finance",), level="work")
    made = make_recurring(
        stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY, assignee_id=operator.id
    )
    run_day(stage, made, day(2))
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=operator.id)
    run_day(stage, made, day(9))
    assert [(one.state, one.assignee_id) for one in requests(stage, world.a)] == [
        ("assigned", operator.id), ("new", None),
    ]  # fmt: skip


def test_it_ends(world, stage):
    made = make_recurring(
        stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY, ends_on=date(2026, 6, 12)
    )
    assert run_day(stage, made, day(30)) == 2
    with acting(stage, world.operator_a.scope(world.a)):
        keeping.end_recurrence(
            recurrence=the_row(made, world.operator_a), actor=world.operator_a.actor(world.a),
            now=day(30),
        )  # fmt: skip
    assert run_day(stage, made, day(40)) == 0
    assert stage.value("SELECT next_on FROM recurrences WHERE id = :r", r=made.id) is None


def test_what_was_frozen_is_what_was_raised(world, stage):
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    run_day(stage, made, day(2))
    actor = world.operator_a.actor(world.a)
    changed = wish(world.a, rule=WEEKLY, title=world.a.text("Changed"))
    with acting(stage, world.operator_a.scope(world.a)):
        row = the_row(made, world.operator_a)
        with pytest.raises(keeping.RecurrenceChanged):
            keeping.change_recurrence(
                recurrence=row, wish=changed, expected_revision=7, actor=actor, now=day(3)
            )
        keeping.change_recurrence(
            recurrence=row, wish=changed, expected_revision=1, actor=actor, now=day(3)
        )
    run_day(stage, made, day(9))
    found = stage.rows(
        "SELECT i.revision, v.document ->> 'title' AS title FROM recurrence_instances i"
        " JOIN recurrence_versions v ON v.recurrence_id = i.recurrence_id"
        " AND v.revision = i.revision WHERE i.recurrence_id = :r ORDER BY i.due_on", r=made.id,
    )  # fmt: skip
    assert [(one.revision, one.title) for one in found] == [
        (1, world.a.text("Reminders")), (2, world.a.text("Changed")),
    ]  # fmt: skip


def test_the_daily_look_gives_each_its_own_job(world, stage):
    make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY, title="Other")
    make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    stage.run("DELETE FROM jobs WHERE tenant_id = :t", t=world.a.id)
    system = system_actor(world.a.id)
    for _ in range(2):
        with acting(stage, world.a.scope):
            assert raising.look(period="2026-06-03", actor=system, now=day(2)) == 2
    assert stage.value("SELECT count(*) FROM jobs WHERE tenant_id = :t", t=world.a.id) == 2


def test_a_rule_that_says_nothing_any_more_does_not_stop_the_others(world, stage):
    broken = make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY)
    make_recurring(stage, world.a, world.operator_a, at=MONDAY, rule=WEEKLY, title="Other")
    stage.run("UPDATE recurrences SET rule = '{\"kind\": \"deadline\", \"code\": \"fr.gone\"}'"
              " WHERE id = :r", r=broken.id)  # fmt: skip
    with acting(stage, world.a.scope):
        assert raising.look(period="x", actor=system_actor(world.a.id), now=day(2)) == 1
    assert run_day(stage, broken, day(2)) == 0
    actor, scope = world.operator_a.actor(world.a), world.operator_a.scope(world.a)
    with acting(stage, scope), pytest.raises(keeping.NoDays):
        keeping.pause(recurrence=the_row(broken, world.operator_a), first=date(2026, 6, 8), last=None,
                      actor=actor, now=MONDAY)  # fmt: skip
    with acting(stage, scope), pytest.raises(keeping.NoDays):
        deciding.raise_now(recurrence=the_row(broken, world.operator_a), period="2026-W23",
                           actor=actor, now=MONDAY)  # fmt: skip
    with acting(stage, scope):
        keeping.end_recurrence(
            recurrence=the_row(broken, world.operator_a), actor=actor, now=day(3)
        )


@pytest.mark.parametrize(("change", "field"), [
    ({"rule": {"kind": "rrule", "text": "FREQ=DAILY;COUNT=3"}}, "text"),
    ({"rule": {"kind": "month_day", "unit": "month", "nth": 32}}, "nth"),
    ({"rule": {"kind": "deadline", "code": "xx.nothing"}}, "code"),
    ({"ends_on": date(2026, 1, 2)}, "starts_on"),
    ({"form": {"details": ""}}, "f_details"),
    ({"title": "x" * 91}, "title"),
    ({"questions": ["?"] * 11}, "questions"),
    ({"item": "payment_control", "form": {}, "rule": WEEKLY}, "about"),
])  # fmt: skip
def test_what_could_never_be_raised_is_refused_at_its_field(world, stage, change, field):
    with pytest.raises(Invalid) as refused:
        make_recurring(stage, world.a, world.operator_a, at=MONDAY, **change)
    assert list(refused.value.field_errors) == [field]


@pytest.mark.parametrize(
    "lines", [{"finance": "read"}, {"hr": "work"}, {"finance": "read", "hr": "review"}]
)
def test_only_who_works_on_the_line_writes(world, stage, lines):
    operator = world.operator_a
    without = replace(operator.actor(world.a), lines=lines)
    for actor in (without, world.a.admin.actor()):
        with acting(stage, operator.scope(world.a)), pytest.raises(Forbidden):
            keeping.begin_recurrence(wish=wish(world.a), actor=actor, now=MONDAY)


def test_a_statutory_deadline_sets_the_day(world, stage):
    made = make_recurring(
        stage, world.a, world.operator_a, at=datetime(2026, 11, 2, tzinfo=UTC), about=-1, lead_days=2,
        rule={"kind": "deadline", "code": "fr.dsn_15", "offset": -3, "shift": "before"},
    )  # fmt: skip
    # Due on Tuesday 10 (the 11th is a holiday, the 15th a Sunday), raised two business days before.
    assert run_day(stage, made, datetime(2026, 11, 5, 8, tzinfo=UTC)) == 0
    assert run_day(stage, made, datetime(2026, 11, 6, 8, tzinfo=UTC)) == 1


def test_what_stood_still_can_be_raised_after_its_rule_changed(world, stage):
    make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    made = make_recurring(stage, world.a, world.operator_a, at=MONDAY)
    stage.run("UPDATE recurrences SET item = 'gone' WHERE id = :r", r=made.id)
    run_day(stage, made, day(14))
    actor, scope = world.operator_a.actor(world.a), world.operator_a.scope(world.a)
    changed = wish(world.a, rule=WEEKLY, title=world.a.text("Other"))
    with acting(stage, scope):
        keeping.change_recurrence(
            recurrence=the_row(made, world.operator_a), wish=changed, expected_revision=1,
            actor=actor, now=day(15),
        )  # fmt: skip
    with acting(stage, scope):
        request = deciding.raise_now(
            recurrence=the_row(made, world.operator_a), period="2026-06", actor=actor, now=day(15)
        )
        assert request.title == f"{world.a.text('Other')} \u00b7 June 2026"


def test_a_company_whose_access_is_off_is_made_up_for_afterwards():
    [entry] = [one for one in TASKS if one.job == "requests.look_for_recurring"]
    assert (entry.held, entry.catch_up) == ("wait", "once"), "the look itself finds what was missed"
    assert "suspended" not in all_declared()[entry.job].states
