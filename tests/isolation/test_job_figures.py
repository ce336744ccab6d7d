"""What the Jobs page asks of all companies: supervisors are answered about those that a live grant
opens, administrators about all, and nobody else, nor in any other scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tests.jobs.making import make_job

Ask = Callable[..., list[Any]]
LISTED = "SELECT tenant_id FROM listed_jobs(:states, NULL, '', '', '', NULL, NULL, NULL, 50)"
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


def test_to_whom_is_a_role_of_that_company(stage: Any, world: Any, ask: Ask) -> None:
    """A person's role elsewhere, or before they left, is nobody's."""

    def role(tenant_id: Any, person: Any) -> str:
        effect = _effect(stage, tenant_id)
        stage.run("UPDATE outbox SET dedupe_key = :k WHERE id = :e",
                  k=f"notice:{uuid7()}:{person.id}", e=effect)  # fmt: skip
        job = make_job(
            stage, tenant_id, name="outbox.deliver_mail", state="quarantined",
            subject_type="effect", subject_id=effect,
        )  # fmt: skip
        rows = ask(as_staff(world.provider_admin), "SELECT job_id, role FROM dead_effects()")
        found = {row["job_id"]: row["role"] for row in rows}
        stage.run("UPDATE jobs SET state = 'cancelled' WHERE id = :j", j=job)
        rows = ask(as_staff(world.provider_admin), "SELECT job_id FROM dead_effects()")
        assert job not in {row["job_id"] for row in rows}
        return str(found[job])

    assert role(world.a.id, world.a.admin) == "client_admin"
    assert role(world.a.id, world.operator_a) == "operator"
    assert role(world.b.id, world.a.admin) == ""
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=world.a.admin.id)
    assert role(world.a.id, world.a.admin) == ""


def test_who_leads_leads_now(stage: Any, world: Any, ask: Ask) -> None:
    def leads() -> bool:
        [row] = ask(as_staff(world.supervisor), OTHERS["dispatcher_leads"])
        return bool(row["leads"])

    add = "INSERT INTO leaders (name, holder, lease_until) VALUES (:n, 'x', now() + interval '1 hour')"
    before = stage.rows("SELECT name FROM leaders")
    assert not before
    try:
        assert not leads()
        stage.run(add, n="other")
        assert not leads()
        stage.run(add, n="dispatcher")
        assert leads()
        stage.run("UPDATE leaders SET lease_until = now() - interval '1 second'")
        assert not leads()
    finally:
        stage.run("DELETE FROM leaders")


def test_filters_of_the_list(stage: Any, world: Any, ask: Ask) -> None:
    a, name = world.a.id, "x.listed"
    late = make_job(stage, a, name=name, run_at="now() - interval '1 hour'")
    later = make_job(stage, a, name=name, queue="batch", run_at="now() + interval '1 hour'")
    held = make_job(stage, a, name=name, state="retrying", held_since="now()")
    done = make_job(
        stage, a, name=name, state="succeeded", finished_at="now() - interval '90 minutes'"
    )
    other = make_job(stage, world.b.id, name=name, state="running")
    everything = ["queued", "retrying", "running", "succeeded"]
    sql = (
        "SELECT id FROM listed_jobs(:states, CAST(:t AS uuid), :q, :n, :w, CAST(:after AS timestamptz),"
        " CAST(:until AS timestamptz),"
        " CAST(:before AS uuid), :limit)"
    )

    def listed(**given: Any) -> list[Any]:
        asked = {"states": everything, "t": None, "q": "", "n": name, "w": "", "after": None,
                 "until": None, "before": None, "limit": 50} | given  # fmt: skip
        return [row["id"] for row in ask(as_staff(world.supervisor), sql, **asked)]

    assert listed() == [other, done, held, later, late]
    assert listed(n="x.nothing") == []
    assert listed(t=world.b.id) == [other]
    assert listed(q="batch") == [later]
    assert listed(states=["succeeded"]) == [done]
    assert listed(w="due") == [other, done, late]
    assert listed(w="later") == [later]
    assert listed(w="held") == [held]
    hour, now = timedelta(hours=1), datetime.now(UTC)
    assert listed(after=now - hour) == []
    assert listed(after=now - 2 * hour) == [done]
    assert listed(after=now - 2 * hour, until=now - hour) == [done]
    assert listed(until=now - 2 * hour) == []
    assert listed(before=held) == [later, late]
    assert listed(limit=2) == [other, done]
