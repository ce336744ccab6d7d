"""Who is told of an event, and who isn't."""

from datetime import UTC, datetime

import pytest

from app.notifications import audiences, waiting
from app.notifications.mails import write
from app.web.formats import NBSP
from tests.factories import Stage, World, make_grant, make_member
from tests.factories.jobs import run_jobs
from tests.notifications.mails import addresses, mute, promised, telling, told
from workers.jobs import notifications

FACTS = {"number": 12, "item": "Payment control"}


def test_members_of_the_line_are_told_once_whatever_runs_again(stage: Stage, world: World) -> None:
    say = telling(stage, world.a, world.operator_a)
    for _ in range(2):
        say("request.asked", audience=audiences.members("hr"), **FACTS)

    run_jobs(stage, world.a.id, name="notifications.tell")
    stage.run("UPDATE jobs SET state = 'queued' WHERE tenant_id = :t"
              " AND name = 'notifications.tell'", t=world.a.id)  # fmt: skip

    people = world.a.people
    assert told(stage, world.a) == addresses(people["user"], people["approver"], people["admin"])
    assert len(promised(stage, world.a)) == 3
    assert promised(stage, world.b) == []


def test_the_removed_the_muted_and_who_acts_are_left_out(stage: Stage, world: World) -> None:
    gone = make_member(stage, world.a, key="gone")
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :i", i=gone.id)
    mute(stage, world.a.admin, "outcome")

    telling(stage, world.a, world.a.user)(
        "request.delivered", audience=audiences.members("finance"), **FACTS
    )

    assert told(stage, world.a) == addresses(world.a.approver, world.a.people["finance_only"])


def test_operators_by_live_grant_line_and_level(stage: Stage, world: World) -> None:
    reader, late, elsewhere = world.operator_none, world.provider_admin, world.operator_b
    make_grant(stage, world.a, reader, level="read")
    make_grant(stage, world.a, late, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :i AND tenant_id = :t",
              i=world.operator_both.id, t=world.a.id)  # fmt: skip
    say = telling(stage, world.a, world.a.user)

    say("request.raised", audience=audiences.operators("finance"), **FACTS)
    say("request.to_review", audience=audiences.operators("finance", level="review"), **FACTS)

    assert told(stage, world.a, "request.raised") == addresses(world.operator_a, world.supervisor)
    assert told(stage, world.a, "request.to_review") == addresses(world.supervisor)
    assert elsewhere.email not in told(stage, world.a)


def test_the_assignee_without_access_is_replaced_by_the_line(stage: Stage, world: World) -> None:
    say = telling(stage, world.a, world.a.user)
    whom = audiences.people([world.operator_a.id], line="finance").or_else(
        audiences.operators("finance", level="review")
    )
    say("request.client_wrote", audience=whom, **FACTS)
    assert told(stage, world.a) == addresses(world.operator_a)

    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :i", i=world.operator_a.id)
    say("request.client_wrote", audience=whom, **{**FACTS, "key": "2"})

    assert told(stage, world.a) == addresses(world.operator_a, world.supervisor)


def test_strangers_are_never_told_even_when_named(stage: Stage, world: World) -> None:
    say = telling(stage, world.a, world.operator_a)
    for number, stranger in enumerate((world.b.user, world.operator_b, world.operator_none)):
        for audience in (audiences.people([stranger.id]), audiences.account(stranger.id)):
            say("grant.ended", audience=audience, key=f"{number}", line="Finance")

    assert told(stage, world.a) == set()


def test_who_lost_a_grant_is_told_of_it(stage: Stage, world: World) -> None:
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :i", i=world.operator_a.id)

    telling(stage, world.a, world.provider_admin)(
        "grant.ended", audience=audiences.account(world.operator_a.id), line="Finance"
    )

    assert told(stage, world.a) == addresses(world.operator_a)


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 Oct 2026, 02:30 (CEST)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 Oct 2026, 02:30 (CET)"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "29 Mar 2026, 03:30 (CEST)"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "1 Jan 2027, 00:00 (CET)"),
    ],
)
def test_a_time_of_the_night_when_clocks_change_says_which(
    stage: Stage, world: World, until: datetime, shown: str
) -> None:
    telling(stage, world.a, world.a.admin)(
        "grant.given", audience=audiences.account(world.operator_a.id), line="Finance",
        until=until,
    )  # fmt: skip
    run_jobs(stage, world.a.id, name="notifications.tell")
    [mail] = promised(stage, world.a)
    assert shown in mail.text.replace(NBSP, " ")


def test_what_does_not_wait_any_more_tells_nobody(
    stage: Stage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(waiting._checks, "request", lambda event, about, facts: False)

    telling(stage, world.a, world.operator_a)(
        "request.asked", audience=audiences.members("finance"), about=world.a.id, **FACTS
    )

    assert told(stage, world.a) == set()


def test_security_reaches_who_acted_and_who_muted_everything(stage: Stage, world: World) -> None:
    mute(stage, world.a.admin, "security", "to_do")

    telling(stage, world.a, world.a.admin)(
        "company.new_administrator",
        audience=audiences.administrators(),
        person="Ada",
        link="people",
    )

    assert told(stage, world.a) == addresses(world.a.admin)
    [mail] = promised(stage, world.a)
    assert mail.preferences == ""
    assert "can't be switched off" in mail.text


def test_a_fact_that_a_text_needs_is_asked_for(stage: Stage, world: World) -> None:
    with pytest.raises(ValueError, match="number"):
        telling(stage, world.a, world.operator_a)(
            "request.asked", audience=audiences.members("finance"), item="Payment control"
        )


def test_fifty_members_cost_one_job_and_few_statements(
    stage: Stage, world: World, count_statements
) -> None:
    for number in range(50):
        make_member(stage, world.a, key=f"m{number}", lines=("finance",))
    telling(stage, world.a, world.operator_a)(
        "request.asked", audience=audiences.members("finance"), **FACTS
    )

    with count_statements() as found:
        done = run_jobs(stage, world.a.id, name="notifications.tell")

    assert done == ["notifications.tell"]
    assert len(promised(stage, world.a)) == 54
    assert len(found) <= 14, found.texts


def test_a_run_that_dies_between_two_mails_promises_none_and_the_next_one_all(
    stage: Stage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(stage, world.a, world.operator_a)(
        "request.asked", audience=audiences.members("finance"), **FACTS
    )
    written: list[str] = []

    def dies(notice, tenant, reader, **more):
        written.append(reader.email)
        if len(written) > 1:
            raise RuntimeError
        return write(notice, tenant, reader, **more)

    with monkeypatch.context() as patch:
        patch.setattr(notifications, "write", dies)
        run_jobs(stage, world.a.id, name="notifications.tell")
    assert len(written) == 2
    assert promised(stage, world.a) == []

    stage.run("UPDATE jobs SET state = 'queued', run_at = now() WHERE tenant_id = :t"
              " AND name = 'notifications.tell'", t=world.a.id)  # fmt: skip
    assert told(stage, world.a) == addresses(*world.a.people.values())
