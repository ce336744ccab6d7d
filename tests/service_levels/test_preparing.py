"""On the third business day a month that is over is counted, and its supervisors are told: once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.contracts.queries import get_terms
from app.service_levels.services import preparing
from tenants.core.errors import Forbidden
from tenants.permissions import system_actor
from tests.factories import acting, make_grant, make_staff
from tests.factories.contracts import make_contract
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import go_on, make_request
from tests.factories.service_levels import RULES, sign
from workers.schedule import TASKS

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
START = datetime(2026, 5, 5, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Monday the 1st, Tuesday, Wednesday.
THIRD = datetime(2026, 6, 3, 8, tzinfo=ZoneInfo("Europe/Paris"))


def late(stage, world):
    made = make_request(stage, world.a, at=START)
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor,
          at=START + 7 * DAY)  # fmt: skip
    return made


def prepare(stage, company, at):
    with acting(stage, company.scope):
        return preparing.prepare_months(
            before=at.date().replace(day=1), actor=system_actor(company.id), now=at
        )


def due(stage, company):
    """When the schedule says so, in June."""
    [entry] = [task for task in TASKS if task.job == "service_levels.prepare"]
    with acting(stage, company.scope):
        calendar = get_terms(START + 30 * DAY).calendar
    return entry.when.moment(entry.when.number("2026-06"), calendar)


def rows(stage, company):
    return stage.rows(
        "SELECT month, counted, missed, credit FROM sla_prepared_months WHERE tenant_id = :t"
        " ORDER BY month", t=company.id,
    )  # fmt: skip


def notices(stage, company):
    return stage.rows(
        "SELECT args FROM jobs WHERE tenant_id = :t AND name = 'notifications.tell'"
        " AND args ->> 'event' = 'month.to_sign'", t=company.id,
    )  # fmt: skip


def test_on_the_third_business_day_at_eight_and_once(stage, world):
    make_contract(stage, world.a, credits=RULES)
    late(stage, world)
    assert due(stage, world.a) == THIRD
    assert prepare(stage, world.a, THIRD) == [MAY]
    for later in (timedelta(0), HOUR, 20 * DAY):
        assert prepare(stage, world.a, THIRD + later) == []
    # Answer and result: 2 x 3 % of 1,000 euros.
    assert [tuple(row) for row in rows(stage, world.a)] == [(MAY, 2, 2, 6_000)]
    (notice,) = notices(stage, world.a)
    assert notice.args["facts"]["month"] == "2026-05"
    assert notice.args["link"] == "service-levels?month=2026-05"


def test_holidays_and_the_zone_of_the_contract_count(stage, world):
    """Whit Monday is the 25th; the company closes on the 1st and the 2nd."""
    calendar = {"country": "FR", "zone": "America/Martinique", "week": ["9-17"] * 5 + ["", ""],
                "client_closures": ["2026-06-01", "2026-06-02"]}  # fmt: skip
    make_contract(stage, world.a, calendar=calendar)
    expected = datetime(2026, 6, 5, 8, tzinfo=ZoneInfo("America/Martinique"))
    assert due(stage, world.a) == expected


def test_the_job_counts_the_months_before_its_period(stage, world):
    late(stage, world)
    stage.run(
        "INSERT INTO jobs (tenant_id, name, queue, args) VALUES (:t, 'service_levels.prepare',"
        " 'default', '{\"period\": \"2026-06\"}')", t=world.a.id,
    )  # fmt: skip
    run_jobs(stage, world.a.id, name="service_levels.prepare")
    assert [row.month for row in rows(stage, world.a)] == [MAY]


def test_a_month_that_is_not_over_where_the_company_is_waits(stage, world):
    late(stage, world)
    last_hour = datetime(2026, 5, 31, 21, 30, tzinfo=UTC)
    with acting(stage, world.a.scope):
        found = preparing.prepare_months(before=JUNE, actor=system_actor(world.a.id), now=last_hour)
    assert found == []


def test_months_that_were_slept_through_are_made_up_for(stage, world):
    late(stage, world)
    assert prepare(stage, world.a, THIRD + 35 * DAY) == [MAY, JUNE]
    assert len(notices(stage, world.a)) == 2


def test_what_is_signed_off_waits_for_nobody(stage, world):
    late(stage, world)
    sign(stage, world.a, world.supervisor, MAY, THIRD - DAY)
    assert prepare(stage, world.a, THIRD) == []
    assert not notices(stage, world.a)


def test_a_company_without_requests_has_no_months(stage, world):
    assert prepare(stage, world.a, THIRD) == []


def test_supervisors_are_told_by_mail(stage, world):
    """Those with a grant here, and nobody else of the provider."""
    other = make_staff(stage, role="supervisor")
    late(stage, world)
    prepare(stage, world.a, THIRD)
    # In their office hours, so perhaps after a night or a weekend.
    stage.run("UPDATE jobs SET run_at = now() WHERE tenant_id = :t", t=world.a.id)
    run_jobs(stage, world.a.id, name="notifications.tell")
    waiting = stage.rows(
        "SELECT args FROM jobs WHERE tenant_id = :t AND name = 'notifications.tell'"
        " AND run_at > now()", t=world.a.id,
    )  # fmt: skip
    put_off = {one for row in waiting for group in row.args["audience"] for one in group["only"]}
    told = put_off | {
        row.dedupe_key.rpartition(":")[2]
        for row in stage.rows("SELECT dedupe_key FROM outbox WHERE tenant_id = :t"
                              " AND verb = 'notice.month.to_sign'", t=world.a.id)
    }  # fmt: skip
    assert told == {str(world.supervisor.id)}
    assert str(other.id) not in told


def test_without_a_supervisor_a_reviewer_is_told(stage, world):
    from app.notifications import audiences
    from app.notifications.recipients import find_user_ids, present

    reviewer = make_staff(stage)
    make_grant(stage, world.b, reviewer, level="review")
    stage.run("UPDATE grants SET ended_at = now() WHERE tenant_id = :t AND user_id = :u",
              t=world.b.id, u=world.supervisor.id)  # fmt: skip
    with acting(stage, world.b.scope):
        groups = audiences.supervisors().groups
        found = find_user_ids(groups, among=present(now=datetime.now(UTC)))
    assert found == [reviewer.id]


def test_only_the_system_prepares(stage, world):
    with pytest.raises(Forbidden), acting(stage, world.supervisor.scope(world.a)):
        preparing.prepare_months(
            before=JUNE, actor=world.supervisor.actor(world.a, level="review"), now=THIRD
        )


def test_the_overview_says_what_was_counted(stage, world, sign_in_as):
    late(stage, world)
    prepare(stage, world.a, THIRD)
    page = sign_in_as(world.supervisor).get("/service-levels").text
    assert "2 of 2 missed" in page
