"""The provider's administration asks for figures through functions: only its own people in its own
scope are answered, and of clients only what the figures say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tests.factories import make_session
from tests.factories.lifecycle import make_request

Ask = Callable[..., list[Any]]


def as_admin(world: Any, **changes: Any) -> Scope:
    values = {"tenant_id": PROVIDER_TENANT, "user_id": world.provider_admin.id, "side": "provider"}
    return Scope(**values | changes)


def strangers(stage: Any, world: Any) -> list[Scope]:
    """Everybody who is not an administrator in the provider's own scope."""
    return [
        as_admin(world, user_id=world.supervisor.id), as_admin(world, user_id=world.operator_a.id),
        as_admin(world, user_id=world.a.admin.id), as_admin(world, user_id=None),
        as_admin(world, side="client"), as_admin(world, side=""),
        as_admin(world, tenant_id=world.a.id), as_admin(world, tenant_id=None),
    ]  # fmt: skip


def leaves(stage: Any, person: Any) -> None:
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=person.id)


COMPANIES = "SELECT * FROM company_figures(:ids)"
STAFF = "SELECT * FROM staff_facts()"
REACH = "SELECT * FROM staff_reach(:u)"
END = "SELECT end_staff_sessions(:u) AS n"
START = "SELECT start_departure(:u, :d, :ids, 'x') AS n"
STATES = "SELECT * FROM departure_states(:d)"


def test_nobody_else_is_answered(stage: Any, world: Any, ask: Ask) -> None:
    ids, gone, departure = [world.a.id, world.b.id], world.operator_a, uuid7()
    make_session(stage, gone)
    leaves(stage, gone)
    assert ask(as_admin(world), START, u=gone.id, d=departure, ids=[world.b.id])[0]["n"] == 1
    for scope in strangers(stage, world):
        assert ask(scope, COMPANIES, ids=ids) == [], scope
        assert ask(scope, STAFF) == [], scope
        assert ask(scope, REACH, u=world.operator_both.id) == [], scope
        assert ask(scope, END, u=gone.id)[0]["n"] == 0, scope
        assert ask(scope, START, u=gone.id, d=uuid7(), ids=ids)[0]["n"] == 0, scope
        assert ask(scope, STATES, d=departure) == [], scope
    admin = as_admin(world)
    assert len(ask(admin, COMPANIES, ids=ids)) == 2
    assert ask(admin, STAFF)
    assert ask(admin, END, u=gone.id)[0]["n"] == 1
    assert [row["tenant_id"] for row in ask(admin, STATES, d=departure)] == [world.b.id]
    leaves(stage, world.provider_admin)
    make_session(stage, gone)
    assert ask(admin, COMPANIES, ids=ids) == ask(admin, STAFF) == []
    assert ask(admin, STATES, d=departure) == ask(admin, REACH, u=world.operator_both.id) == []
    assert ask(admin, END, u=gone.id)[0]["n"] == 0
    assert ask(admin, START, u=gone.id, d=uuid7(), ids=ids)[0]["n"] == 0


def test_figures_count_who_is_there(stage: Any, world: Any, ask: Ask) -> None:
    def figures(company: Any) -> tuple[int, int, int]:
        [row] = ask(as_admin(world), COMPANIES, ids=[company.id])
        assert row["tenant_id"] == company.id
        return row["members"], row["staff"], row["expiring"]

    assert figures(world.a) == figures(world.b) == (4, 3, 0)
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=world.a.user.id)
    change = "UPDATE grants SET {} WHERE tenant_id = :t AND user_id = :u AND line = 'hr'"
    of = {"t": world.a.id, "u": world.operator_a.id}
    stage.run(change.format("expires_at = now() + interval '29 days'"), **of)
    assert figures(world.a) == (3, 3, 1)
    stage.run(change.format("ended_at = now()"), **of)
    assert figures(world.a) == (3, 3, 0)
    stage.run(change.format("ended_at = NULL, expires_at = now() - interval '1 day'"), **of)
    assert figures(world.a) == (3, 3, 0)
    stage.run(change.format("expires_at = now() + interval '1 day'"), **of)
    leaves(stage, world.operator_a)
    assert figures(world.a) == (3, 2, 0)
    for ending in ("ended_at = now()", "ended_at = NULL, expires_at = now() - interval '1 second'"):
        stage.run(f"UPDATE grants SET {ending} WHERE user_id = :u AND tenant_id = :t",
                  u=world.supervisor.id, t=world.a.id)  # fmt: skip
        assert figures(world.a) == (3, 1, 0)
    assert figures(world.b) == (4, 3, 0)
    stage.run("UPDATE tenants SET kind = 'provider' WHERE id = :t", t=world.a.id)
    assert ask(as_admin(world), COMPANIES, ids=[world.a.id]) == []


def test_last_activity_is_the_clients_own(stage: Any, world: Any, ask: Ask) -> None:
    moment = "2026-01-02T03:04:05+00"
    stage.run(
        "INSERT INTO audit_events (tenant_id, at, actor_side, actor_name, name, object_type)"
        " VALUES (:t, CAST(:m AS timestamptz), 'client', 'x', 'x', 'x')", t=world.a.id, m=moment,
    )  # fmt: skip
    found = {row["tenant_id"]: row["last_activity_at"]
             for row in ask(as_admin(world), COMPANIES, ids=[world.a.id, world.b.id])}  # fmt: skip
    assert found[world.a.id].isoformat().startswith("2026-01-02")
    assert found[world.b.id] is None


def test_facts_of_staff_are_each_ones_own(stage: Any, world: Any, ask: Ask) -> None:
    def facts() -> dict[UUID, Any]:
        return {row["user_id"]: row for row in ask(as_admin(world), STAFF)}

    person = world.operator_both
    found = facts()
    assert set(found) >= {one.id for one in world.staff}
    assert not set(found) & {one.id for one in world.a.people.values()}
    assert found[person.id]["email"] == person.email
    assert (found[person.id]["open_sessions"], found[person.id]["clients"]) == (0, 2)
    assert found[person.id]["last_sign_in_at"] is None
    for _ in range(4):
        make_session(stage, person)
    assert facts()[person.id]["open_sessions"] == 4
    assert facts()[person.id]["last_sign_in_at"]
    assert facts()[world.operator_a.id]["last_sign_in_at"] is None
    for change in ("ended_at = now()", "last_seen_at = now() - interval '13 hours'",
                   "created_at = now() - interval '15 days'"):  # fmt: skip
        stage.run(f"UPDATE sign_in_sessions SET {change} WHERE token_hash = (SELECT"
                  " min(token_hash) FROM sign_in_sessions WHERE user_id = :u AND ended_at IS NULL"
                  " AND last_seen_at > now() - interval '12 hours'"
                  " AND created_at > now() - interval '14 days')", u=person.id)  # fmt: skip
    assert facts()[person.id]["open_sessions"] == 1
    for change in ("ended_at = now()", "ended_at = NULL, expires_at = now() - interval '1 day'"):
        stage.run(f"UPDATE grants SET {change} WHERE tenant_id = :t AND user_id = :u",
                  t=world.b.id, u=person.id)  # fmt: skip
        assert facts()[person.id]["clients"] == 1
    leaves(stage, person)
    assert facts()[person.id]["clients"] == 0


def test_reach_is_the_persons_own(stage: Any, world: Any, ask: Ask) -> None:
    def reach(person: Any) -> dict[str, tuple[int, int, int, int]]:
        return {
            row["slug"]: (row["live"], row["expired"], row["ended"], row["assignments"])
            for row in ask(as_admin(world), REACH, u=person.id)
        }

    person = world.operator_a
    assert reach(world.operator_none) == {}
    assert reach(person) == {world.a.slug: (5, 0, 0, 0)}
    assert set(reach(world.operator_both)) == {world.a.slug, world.b.slug}
    make_request(stage, world.a, state="in_progress", operator=person)
    make_request(stage, world.a, state="closed", operator=person, reviewer=world.supervisor)
    make_request(stage, world.b, state="in_progress", operator=world.operator_both)
    change = "UPDATE grants SET {} WHERE user_id = :u AND line = :line"
    stage.run(change.format("ended_at = now()"), u=person.id, line="hr")
    stage.run(change.format("expires_at = now() - interval '1 day'"), u=person.id, line="sales")
    stage.run(change.format("ended_at = now(), expires_at = now() - interval '1 day'"),
              u=person.id, line="logistics")  # fmt: skip
    assert reach(person) == {world.a.slug: (2, 1, 2, 1)}
    assert reach(world.operator_both)[world.a.slug] == (5, 0, 0, 0)
    assert reach(world.operator_both)[world.b.slug] == (5, 0, 0, 1)
    stage.run("UPDATE tenants SET kind = 'provider' WHERE id = :t", t=world.a.id)
    assert reach(person) == {}


def test_only_sessions_of_who_left_are_ended(stage: Any, world: Any, ask: Ask) -> None:
    gone, stays = world.operator_a, world.operator_b
    for person in (gone, gone, stays, world.a.user):
        make_session(stage, person)
    for person in (gone, world.a.user):
        assert ask(as_admin(world), END, u=person.id)[0]["n"] == 0
    leaves(stage, gone)
    assert ask(as_admin(world), END, u=gone.id)[0]["n"] == 2
    assert ask(as_admin(world), END, u=gone.id)[0]["n"] == 0
    live = "SELECT count(*) FROM sign_in_sessions WHERE user_id = :u AND ended_at IS NULL"
    assert stage.value(live, u=stays.id) == 1


def test_a_departure_works_in_the_named_clients(stage: Any, world: Any, ask: Ask) -> None:
    gone, departure = world.operator_both, uuid7()
    both = [world.a.id, world.b.id, PROVIDER_TENANT]
    assert ask(as_admin(world), START, u=gone.id, d=departure, ids=both)[0]["n"] == 0
    leaves(stage, gone)
    other = world.operator_none.id
    assert ask(as_admin(world), START, u=other, d=departure, ids=both)[0]["n"] == 0
    assert ask(as_admin(world), START, u=gone.id, d=departure, ids=[world.a.id])[0]["n"] == 1
    assert ask(as_admin(world), STATES, d=uuid7()) == []
    second = uuid7()
    assert ask(as_admin(world), START, u=gone.id, d=second, ids=both)[0]["n"] == 2
    assert {row["tenant_id"] for row in ask(as_admin(world), STATES, d=second)} == set(both[:2])
    assert {row["tenant_id"] for row in ask(as_admin(world), STATES, d=departure)} == {world.a.id}
    stage.run("UPDATE tenants SET kind = 'provider' WHERE id = :t", t=world.a.id)
    assert ask(as_admin(world), STATES, d=departure) == []
