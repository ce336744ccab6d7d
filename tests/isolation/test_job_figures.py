"""What the Jobs page asks of all companies: supervisors are answered about those that a live grant
opens, administrators about all, and nobody else, nor in any other scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tests.jobs.making import make_job

Ask = Callable[..., list[Any]]
LISTED = "SELECT tenant_id FROM listed_jobs(:states, NULL, '', '', '', 0, NULL, 50)"
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "job_tenants": ("SELECT tenant_id FROM job_tenants()", {}),
    "job_figures": ("SELECT tenant_id FROM job_figures()", {}),
    "listed_jobs": (LISTED, {"states": ["queued", "quarantined"]}),
    "dead_effects": ("SELECT tenant_id FROM dead_effects()", {}),
}
OTHERS = {
    "job_throughput": "SELECT jobs FROM job_throughput(3600, 2, NULL, '', 'x.ended')",
    "dispatcher_leads": "SELECT leads FROM dispatcher_leads() AS leads WHERE leads IS NOT NULL",
}


def as_staff(person: Any, **changes: Any) -> Scope:
    values = {"tenant_id": PROVIDER_TENANT, "user_id": person.id, "side": "provider"}
    return Scope(**values | changes)


def strangers(world: Any) -> list[Scope]:
    admin = world.provider_admin
    return [
        as_staff(world.operator_both), as_staff(world.operator_none), as_staff(world.a.admin),
        as_staff(admin, user_id=None), as_staff(admin, side="client"), as_staff(admin, side=""),
        as_staff(admin, side="worker"), as_staff(admin, tenant_id=world.a.id),
        as_staff(world.supervisor, tenant_id=world.a.id), as_staff(admin, tenant_id=None),
    ]  # fmt: skip


@pytest.fixture
def furnished(stage: Any, world: Any) -> Any:
    for tenant_id in (world.a.id, world.b.id, PROVIDER_TENANT):
        make_job(stage, tenant_id)
        make_job(stage, tenant_id, name="x.ended", state="succeeded", finished_at="now()")
        effect = _effect(stage, tenant_id)
        make_job(
            stage, tenant_id, name="outbox.deliver_mail", state="quarantined",
            finished_at="now()", subject_type="effect", subject_id=effect,
        )  # fmt: skip
    return world


def _effect(stage: Any, tenant_id: Any) -> Any:
    effect = uuid7()
    stage.run(
        "INSERT INTO outbox (tenant_id, id, kind, verb, dedupe_key, idempotency_key, params)"
        " VALUES (:t, :i, 'mail', 'x', :k, 'x', '{}')",
        t=tenant_id, i=effect, k=str(effect),
    )  # fmt: skip
    return effect


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_is_told_of_their_own(furnished: Any, stage: Any, ask: Ask, name: str) -> None:
    sql, values = QUESTIONS[name]
    world, here = furnished, {furnished.a.id, furnished.b.id, PROVIDER_TENANT}

    def told(person: Any) -> set[Any]:
        return {row["tenant_id"] for row in ask(as_staff(person), sql, **values)} & here

    assert told(world.provider_admin) == here
    assert told(world.supervisor) == {world.a.id, world.b.id}
    of = {"u": world.supervisor.id, "b": world.b.id}
    for ending in ("ended_at = now()", "ended_at = NULL, expires_at = now() - interval '1 second'"):
        stage.run(f"UPDATE grants SET {ending} WHERE user_id = :u AND tenant_id = :b", **of)
        assert told(world.supervisor) == {world.a.id}
    assert told(world.provider_admin) == here
    for person in (world.supervisor, world.provider_admin):
        stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=person.id)
        assert told(person) == set()


@pytest.mark.parametrize("name", [*QUESTIONS, *OTHERS])
def test_nobody_else_is_answered(furnished: Any, ask: Ask, name: str) -> None:
    sql, values = QUESTIONS.get(name) or (OTHERS[name], {})
    assert ask(as_staff(furnished.provider_admin), sql, **values)
    for scope in strangers(furnished):
        assert ask(scope, sql, **values) == [], scope


def test_a_grant_is_said_where_it_is(furnished: Any, ask: Ask) -> None:
    world = furnished

    def granted(person: Any) -> dict[Any, bool]:
        rows = ask(as_staff(person), "SELECT tenant_id, granted FROM job_tenants()")
        return {row["tenant_id"]: row["granted"] for row in rows}

    assert granted(world.supervisor)[world.a.id] is True
    of_admin = granted(world.provider_admin)
    assert of_admin[world.a.id] is False
    assert of_admin[PROVIDER_TENANT] is True
