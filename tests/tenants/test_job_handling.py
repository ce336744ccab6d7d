"""Staff replay, drop or cancel a company's job: with their right, a reason, and a trace of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.jobs import enqueue
from tenants.scoping import Scope
from tenants.services import job_handling
from tests.factories import Stage, World, acting
from tests.factories.people import now


@pytest.fixture
def broken(stage: Stage, world: World) -> UUID:
    """A job of the first company, in quarantine."""
    with acting(stage, world.a.scope):
        job_id = enqueue("requests.tend", run_at=now(), parts=world.a.text("given"))
    stage.run("UPDATE jobs SET state = 'quarantined', failures = 5, error = 'x', client_error = 'x'"
              " WHERE id = :i", i=job_id)  # fmt: skip
    return job_id


def inside(world: World) -> Scope:
    """As the provider's administration comes to a company."""
    return Scope(tenant_id=world.a.id, user_id=world.provider_admin.id, side="administration")


def facts(stage: Stage, job_id: UUID) -> tuple[Any, ...]:
    [job] = stage.rows(
        "SELECT state, failures, error, client_error FROM jobs WHERE id = :i", i=job_id
    )
    said = stage.rows("SELECT verb, reason, by_name FROM job_decisions WHERE job_id = :i", i=job_id)
    audit = stage.rows("SELECT name FROM audit_events WHERE object_id = :i", i=job_id)
    return tuple(job), [tuple(row) for row in said], [row.name for row in audit]


def test_replaying(stage: Stage, world: World, broken: UUID) -> None:
    who = world.provider_admin.actor(world.a)
    with acting(stage, inside(world)):
        job_handling.replay_job(job_id=broken, actor=who, now=now())

    assert facts(stage, broken) == (
        ("queued", 0, "", ""), [("replay", "", who.name)], ["tenants.job.replayed"],
    )  # fmt: skip
    with pytest.raises(Conflict), acting(stage, inside(world)):
        job_handling.replay_job(job_id=broken, actor=who, now=now())
    assert len(facts(stage, broken)[1]) == 1


def test_dropping_needs_a_reason(stage: Stage, world: World, broken: UUID) -> None:
    who = world.supervisor.actor(world.a)
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Invalid) as refused, acting(stage, inside(world)):
            job_handling.drop_job(job_id=broken, reason=reason, actor=who, now=now())
        assert set(refused.value.field_errors) == {"reason"}
    assert facts(stage, broken)[0][0] == "quarantined"

    with acting(stage, inside(world)):
        job_handling.drop_job(job_id=broken, reason=" Twice the same file. ", actor=who, now=now())
    state, said, audit = facts(stage, broken)
    assert state[0] == "cancelled"
    assert said == [("drop", "Twice the same file.", who.name)]
    assert audit == ["tenants.job.dropped"]


def test_cancelling(stage: Stage, world: World, broken: UUID) -> None:
    who = world.provider_admin.actor(world.a)
    with pytest.raises(Conflict), acting(stage, inside(world)):
        job_handling.cancel_job(job_id=broken, actor=who, now=now())
    with acting(stage, world.a.scope):
        waits = enqueue("requests.tend", run_at=now())
    with acting(stage, inside(world)):
        assert job_handling.cancel_job(job_id=waits, actor=who, now=now()) == 1
    assert facts(stage, waits)[0][0] == "cancelled"


def test_another_companys_job_is_not_there(stage: Stage, world: World, broken: UUID) -> None:
    who = world.provider_admin.actor(world.b)
    there = Scope(tenant_id=world.b.id, user_id=who.user_id, side="administration")
    for job_id in (broken, uuid7()):
        with pytest.raises(Conflict), acting(stage, there):
            job_handling.replay_job(job_id=job_id, actor=who, now=now())
    assert facts(stage, broken)[0][0] == "quarantined"


def test_operators_and_clients_may_not(stage: Stage, world: World, broken: UUID) -> None:
    for person in (world.operator_a, world.a.admin, world.a.user):
        with pytest.raises(Forbidden), acting(stage, world.a.scope):
            job_handling.drop_job(job_id=broken, reason="x", actor=person.actor(world.a), now=now())
    assert facts(stage, broken) == (("quarantined", 5, "x", "x"), [], [])
