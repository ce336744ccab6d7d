"""One piece of work over several clients: a job in each or none at all, and one table."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tenants.core.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.jobs import get_batch, list_batches, list_parts
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope, across_tenants
from tenants.services.job_batches import start_batch
from tests.factories import Person, Stage, World, acting, make_grant, make_staff
from tests.factories.people import now


@pytest.fixture
def worker_of_both(stage: Stage, world: World) -> Person:
    person = make_staff(stage)
    for company in world.companies:
        make_grant(stage, company, person, lines=("finance",))
    return person


def home(person: Person) -> Scope:
    return Scope(tenant_id=PROVIDER_TENANT, user_id=person.id, side="provider")


def start(stage: Stage, person: Person, clients: list[UUID], **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "name": "requests.tend", "title": "Closing the month", "line": "finance",
        "args": {"month": "2026-11"}, "tenant_ids": clients,
        "actor": replace(person.actor(), tenant_id=PROVIDER_TENANT), "now": now(),
    }  # fmt: skip
    with acting(stage, home(person)):
        return start_batch(**values | changes).id


def jobs_of(stage: Stage, batch_id: UUID) -> list[Any]:
    return stage.rows(
        "SELECT tenant_id, name, queue, args, title, actor_id FROM jobs WHERE batch_id = :b",
        b=batch_id,
    )


def parts(stage: Stage, batch_id: UUID, granted: list[UUID]) -> list[Any]:
    with stage.app.app_context(), across_tenants(reason="a test", tenant_ids=granted) as session:
        return list_parts(session, batch_id=batch_id, granted=granted)


def test_a_job_in_each_client_and_one_table(
    stage: Stage, world: World, worker_of_both: Person
) -> None:
    both = [one.id for one in world.companies]
    batch_id = start(stage, worker_of_both, both)

    found = jobs_of(stage, batch_id)
    assert {row.tenant_id for row in found} == set(both)
    assert {tuple(row)[1:3] + (row.title, row.actor_id) for row in found} == {
        ("requests.tend", "batch", "Closing the month", worker_of_both.id)
    }
    assert all(row.args == {"month": "2026-11"} for row in found)
    stage.run("UPDATE jobs SET state = 'quarantined', error = 'No accounts.' WHERE batch_id = :b"
              " AND tenant_id = :t", b=batch_id, t=world.b.id)  # fmt: skip
    assert {(one.tenant_id, one.state, one.error) for one in parts(stage, batch_id, both)} == {
        (world.a.id, "queued", ""), (world.b.id, "quarantined", "No accounts."),
    }  # fmt: skip
    # Who lost a grant reads of that client no more, whoever started it.
    assert [one.tenant_id for one in parts(stage, batch_id, both[:1])] == both[:1]
    with acting(stage, home(worker_of_both)):
        batch = get_batch(batch_id=batch_id)
        assert (batch.total, batch.started_by) == (2, worker_of_both.id)
        assert batch_id in [one.id for one in list_batches()]


def test_the_table_itself_keeps_to_granted_clients(
    stage: Stage, world: World, worker_of_both: Person
) -> None:
    """Even when the statement names more than the session may see."""
    both = [one.id for one in world.companies]
    batch_id = start(stage, worker_of_both, both)
    with stage.app.app_context(), across_tenants(reason="x", tenant_ids=both[:1]) as session:
        found = list_parts(session, batch_id=batch_id, granted=both)
    assert [one.tenant_id for one in found] == both[:1]


def test_all_or_nothing(stage: Stage, world: World, worker_of_both: Person) -> None:
    """No grant, one that ended or ran out, only to read, on another line; or who left."""
    both = [one.id for one in world.companies]
    person, count = worker_of_both, "SELECT count(*) FROM jobs WHERE title = 'Closing the month'"
    before = stage.value(count)
    of_b = f"WHERE tenant_id = '{world.b.id}' AND user_id = '{person.id}'"
    for change, back in (
        ("SET ended_at = now()", "SET ended_at = NULL"),
        ("SET expires_at = now()", "SET expires_at = now() + interval '1 day'"),
        ("SET level = 'read'", "SET level = 'work'"),
        ("SET line = 'hr'", "SET line = 'finance'"),
    ):
        stage.run(f"UPDATE grants {change} {of_b}")
        with pytest.raises(Conflict):
            start(stage, person, both)
        stage.run(f"UPDATE grants {back} {of_b}")
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=person.id)
    with pytest.raises(Conflict):
        start(stage, person, both)
    stage.run("UPDATE staff SET active = true WHERE user_id = :u", u=person.id)
    assert stage.value(count) == before
    start(stage, person, both)
    assert stage.value(count) == before + 2


def test_without_a_line_any_will_do(stage: Stage, world: World, worker_of_both: Person) -> None:
    both = [one.id for one in world.companies]
    of_b = f"WHERE tenant_id = '{world.b.id}' AND user_id = '{worker_of_both.id}'"
    stage.run(f"UPDATE grants SET line = 'hr' {of_b}")
    batch_id = start(stage, worker_of_both, both, line="", for_client=True)
    assert (
        stage.value("SELECT count(*) FROM jobs WHERE batch_id = :b AND for_client", b=batch_id) == 2
    )
    for change in ("level = 'read'", "level = 'work', expires_at = now()"):
        stage.run(f"UPDATE grants SET {change} {of_b}")
        with pytest.raises(Conflict):
            start(stage, worker_of_both, both, line="")


def test_the_same_once_is_the_same_batch(
    stage: Stage, world: World, worker_of_both: Person
) -> None:
    both = [one.id for one in world.companies]
    first = start(stage, worker_of_both, both, once="page")
    assert start(stage, worker_of_both, both[::-1], once="page") == first
    assert len(jobs_of(stage, first)) == 2
    others = [
        start(stage, worker_of_both, both, once="other page"),
        start(stage, worker_of_both, both[:1], once="page"),
        start(stage, worker_of_both, both, once="page", args={"month": "2026-12"}),
        start(stage, worker_of_both, both),
        start(stage, worker_of_both, both),
    ]
    assert len({first, *others}) == 6


def test_two_at_once_begin_one(stage: Stage, world: World, worker_of_both: Person) -> None:
    found: list[UUID] = []
    both = [one.id for one in world.companies]
    clicks = [
        threading.Thread(
            target=lambda: found.append(start(stage, worker_of_both, both, once="double"))
        )
        for _ in range(2)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert len(jobs_of(stage, found[0])) == 2


def test_only_from_the_providers_own_scope(
    stage: Stage, world: World, worker_of_both: Person
) -> None:
    both = [one.id for one in world.companies]
    actor = worker_of_both.actor(world.a)
    with pytest.raises(Conflict), acting(stage, worker_of_both.scope(world.a)):
        start_batch(
            name="requests.tend", title="x", line="finance", tenant_ids=both, actor=actor, now=now()
        )
    with pytest.raises(Forbidden):
        start(stage, worker_of_both, both, actor=world.a.admin.actor())
    with pytest.raises(Invalid):
        start(stage, worker_of_both, [])


def test_another_tenant_has_no_such_batch(
    stage: Stage, world: World, worker_of_both: Person
) -> None:
    batch_id = start(stage, worker_of_both, [world.a.id])
    with pytest.raises(NotFound), acting(stage, world.a.scope):
        get_batch(batch_id=batch_id)
