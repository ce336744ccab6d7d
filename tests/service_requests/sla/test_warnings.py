"""Who is warned before a clock runs out, when, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.calendars.holidays import default_calendar
from app.notifications import services
from app.notifications.mails import write
from app.service_requests.services import work
from app.service_requests.services.classing import set_priority
from app.service_requests.sla import ledger, warnings
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.lifecycle import ask, make_request
from tests.service_requests.sla.test_ledger import act, answer_all, cached, events

PARIS = default_calendar("FR", "Europe/Paris")
# A Tuesday at 10:00 in Paris; a priority without hurry has two days of eight hours.
START = datetime(2026, 6, 2, 8, tzinfo=UTC)
TARGET = 2 * 480


def warn(stage, world, at: datetime) -> int:
    with acting(stage, world.operator_a.scope(world.a)):
        return warnings.warn(actor=system_actor(world.a.id), now=at)


def at_share(share: int) -> datetime:
    return PARIS.add_minutes(START, TARGET * share // 100)


def warned(stage, world) -> list[tuple[str, str, str]]:
    """Event, share and audience of what was promised, in order."""
    return [
        (row.event, row.share, row.audience)
        for row in stage.rows(
            "SELECT args ->> 'event' AS event, args -> 'facts' ->> 'share' AS share,"
            " args -> 'audience' -> 0 ->> 'kind' AS audience FROM jobs WHERE tenant_id = :t"
            " AND name = 'notifications.tell' AND idempotency_key ~ '(warning|missed)'"
            " ORDER BY created_at, id", t=world.a.id,
        )
    ]  # fmt: skip


@pytest.fixture
def made(stage, world):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)


def test_each_threshold_is_told_once_to_those_concerned(stage, world, made):
    version = stage.value("SELECT version FROM requests WHERE id = :r", r=made.id)
    assert warn(stage, world, at_share(49)) == 0
    expected: list[tuple[str, str, str]] = []
    for share, audiences in (
        (50, ["people"]), (75, ["people", "operators"]), (90, ["operators"]),
    ):  # fmt: skip
        assert warn(stage, world, at_share(share)) == 1
        assert warn(stage, world, at_share(share)) == 0
        expected += [("request.resolution_warning", f"{share}\u00a0%", one) for one in audiences]
        assert sorted(warned(stage, world)) == sorted(expected)
    assert warn(stage, world, at_share(100)) == 1
    new = set(warned(stage, world)) - set(expected)
    assert new == {
        ("request.resolution_missed", "100\u00a0%", "people"),
        ("request.resolution_missed", "100\u00a0%", "operators"),
        ("clock.missed", None, "provider_administrators"),
    }
    assert warn(stage, world, at_share(100) + timedelta(days=9)) == 0
    # Nobody's open form becomes stale by it.
    assert stage.value("SELECT version FROM requests WHERE id = :r", r=made.id) == version


def test_after_a_gap_only_the_highest_is_told(stage, world, made):
    warn(stage, world, at_share(95))
    assert {one[1] for one in warned(stage, world)} == {"90\u00a0%"}


def test_the_first_answer_has_its_own_clock(stage, world):
    make_request(stage, world.a, at=START)
    warn(stage, world, PARIS.add_minutes(START, 120))
    assert {one[0] for one in warned(stage, world)} == {"request.first_response_warning"}


def test_nobody_is_warned_while_the_client_has_the_ball(stage, world, made):
    ask(stage, made, world.operator_a, at=START)
    assert warn(stage, world, START + timedelta(days=30)) == 0
    assert warned(stage, world) == []


def test_the_other_company_is_left_alone(stage, world, made):
    with acting(stage, world.operator_b.scope(world.b)):
        assert warnings.warn(actor=system_actor(world.b.id), now=at_share(100)) == 0
    assert warned(stage, world) == []


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        # A Tuesday at 11:00 in Paris: at once.
        (datetime(2026, 6, 2, 9, tzinfo=UTC), None),
        # At night, on a Friday evening, on Ascension Day.
        (datetime(2026, 6, 2, 22, tzinfo=UTC), datetime(2026, 6, 3, 6, tzinfo=UTC)),
        (datetime(2026, 6, 5, 17, tzinfo=UTC), datetime(2026, 6, 8, 6, tzinfo=UTC)),
        (datetime(2026, 5, 14, 9, tzinfo=UTC), datetime(2026, 5, 15, 6, tzinfo=UTC)),
    ],
)
def test_a_warning_waits_for_the_readers_office_hours(stage, world, made, now, opens):
    warn(stage, world, at_share(50))
    [notice] = stage.rows(
        "SELECT args, actor_id FROM jobs WHERE idempotency_key LIKE 'notice:request.resolution%'"
        " AND tenant_id = :t", t=world.a.id,
    )  # fmt: skip
    args = notice.args
    with acting(stage, world.operator_a.scope(world.a)):
        sent = services.deliver(
            notice=services.Notice(
                event=args["event"], audience=args["audience"], link=args["link"],
                key=args["notice"], facts=args["facts"],
            ),
            write=write, now=now,
        )  # fmt: skip
    later = stage.rows(
        "SELECT run_at, args FROM jobs WHERE idempotency_key LIKE '%:later:%' AND tenant_id = :t",
        t=world.a.id,
    )
    if opens is None:
        assert (sent, later) == (1, [])
    else:
        assert sent == 0
        assert later[0].run_at == opens
        assert later[0].args["audience"][0]["only"] == [str(world.operator_a.id)]


def test_the_providers_administrators_hear_of_what_was_missed(stage, world, made):
    warn(stage, world, at_share(100))
    [args] = stage.rows(
        "SELECT args FROM jobs WHERE idempotency_key LIKE 'notice:clock.missed%'"
        " AND tenant_id = :t", t=world.a.id,
    )  # fmt: skip
    notice = args.args
    with acting(stage, world.operator_a.scope(world.a)):
        sent = services.deliver(
            notice=services.Notice(
                event=notice["event"], audience=notice["audience"], link=notice["link"],
                key=notice["notice"], facts=notice["facts"],
            ),
            write=write, now=datetime(2026, 6, 2, 9, tzinfo=UTC),
        )  # fmt: skip
    assert sent >= 1
    assert notice["link"] == f"/provider/companies/{world.a.slug}"
    assert "item" not in notice["facts"]


def test_a_new_contract_counts_open_requests_anew(stage, world, made):
    stage.run("UPDATE requests SET terms_number = 7, due_at = now() WHERE id = :r", r=made.id)
    closed = make_request(
        stage, world.a, state="delivered", operator=world.operator_a, reviewer=world.supervisor
    )
    stage.run("UPDATE requests SET terms_number = 7 WHERE id = :r", r=closed.id)
    with acting(stage, world.operator_a.scope(world.a)):
        found = warnings.follow_contract(actor=system_actor(world.a.id), now=START)
    assert found == 1
    assert stage.value("SELECT due_at FROM requests WHERE id = :r", r=made.id) == at_share(100)


def test_what_is_written_between_a_threshold_and_the_job_loses_no_warning(stage, world, made):
    act(stage, made, world.operator_a, ledger.recompute, now=at_share(60))
    assert warn(stage, world, at_share(61)) == 1
    assert {one[1] for one in warned(stage, world)} == {"50\u00a0%"}
    act(stage, made, world.operator_a, ledger.recompute, now=at_share(62))
    assert warn(stage, world, at_share(63)) == 0


def test_a_change_that_puts_thresholds_into_the_past_tells_the_highest_once(stage, world, made):
    assert warn(stage, world, at_share(20)) == 0
    # 20 % of two days are 80 % of what urgent work may take.
    act(stage, made, world.operator_a, set_priority, priority="urgent", now=at_share(20))
    for _ in range(2):
        warn(stage, world, at_share(20) + timedelta(minutes=1))
    assert {one[1] for one in warned(stage, world)} == {"75\u00a0%"}
    assert warn(stage, world, PARIS.add_minutes(START, 216)) == 1
    assert {one[1] for one in warned(stage, world)} == {"75\u00a0%", "90\u00a0%"}


@pytest.mark.parametrize("job", [warnings.warn, warnings.follow_contract])
def test_what_somebody_is_working_on_waits_for_the_next_run(stage, world, made, job):
    stage.run("UPDATE requests SET terms_number = 7 WHERE id = :r", r=made.id)
    hold = text("SELECT 1 FROM requests WHERE id = :r FOR UPDATE")

    def run() -> int:
        with acting(stage, world.operator_a.scope(world.a)):
            return int(job(actor=system_actor(world.a.id), now=at_share(60)))

    with stage.connection() as connection:
        connection.execute(hold, {"r": made.id})
        assert run() == 0
    assert run() == 1


def test_open_requests_from_before_the_ledger_get_theirs_by_the_job(stage, world):
    """As their history has it: taken after an hour, a question over a day."""
    made = make_request(stage, world.a, state="new", at=START)
    operator, day = world.operator_a, timedelta(days=1)
    act(stage, made, operator, work.assign_to_me, now=START + timedelta(hours=1))
    act(stage, made, operator, work.start_work, now=START + timedelta(hours=1))
    ask(stage, made, operator, at=START + timedelta(hours=2))
    answer_all(stage, made, START + timedelta(hours=2) + day)
    before = (events(stage, made), cached(stage, made).due_at)
    stage.run("DELETE FROM sla_events WHERE request_id = :r", r=made.id)
    stage.run("UPDATE requests SET breach_at = '9000-01-01', warn_at = NULL, due_at = raised_at,"
              " terms_number = NULL, first_response_at = NULL WHERE id = :r", r=made.id)  # fmt: skip
    for found in (1, 0):
        with acting(stage, operator.scope(world.a)):
            now = START + 2 * day
            assert warnings.follow_contract(actor=system_actor(world.a.id), now=now) == found
    assert (events(stage, made), cached(stage, made).due_at) == before
    row = cached(stage, made)
    assert row.first_response_at == START + timedelta(hours=1)
    assert row.breach_at == row.due_at
    assert row.warn_at is not None


def deliver(stage, world, args, now: datetime) -> int:
    with acting(stage, world.operator_a.scope(world.a)):
        return services.deliver(
            notice=services.Notice(
                event=args["event"], audience=args["audience"], link=args["link"],
                key=args["notice"], facts=args["facts"],
            ),
            write=write, now=now,
        )  # fmt: skip


def notices(stage, world, kind: str):
    return stage.rows(
        "SELECT run_at, args FROM jobs WHERE idempotency_key LIKE :k AND tenant_id = :t"
        " ORDER BY run_at", k=kind, t=world.a.id,
    )  # fmt: skip


FIRST = "notice:request.resolution%"


def test_a_notice_that_is_put_off_again_is_not_lost(stage, world, made):
    """The job of the morning ran at night only."""
    warn(stage, world, at_share(50))
    [first] = notices(stage, world, FIRST)
    for n, night in enumerate((2, 3), start=1):
        found = notices(stage, world, "%:later:%")
        args = found[-1].args if found else first.args
        assert deliver(stage, world, args, datetime(2026, 6, night, 22, tzinfo=UTC)) == 0
        later = notices(stage, world, "%:later:%")
        assert [one.run_at.day for one in later] == [3, 4][:n]
    assert deliver(stage, world, later[-1].args, later[-1].run_at) == 1


@pytest.mark.parametrize(
    ("day", "sent"),
    [
        # German Unity Day of the client; Bastille Day of the French provider.
        (datetime(2025, 10, 3, 9, tzinfo=UTC), 1),
        (datetime(2026, 7, 14, 9, tzinfo=UTC), 0),
    ],
)
def test_staff_have_the_holidays_of_their_own_office(stage, world, made, day, sent):
    stage.run("UPDATE tenants SET country = 'DE' WHERE id = :t", t=world.a.id)
    warn(stage, world, at_share(50))
    [notice] = notices(stage, world, FIRST)
    assert deliver(stage, world, notice.args, day) == sent
