"""Who could take work is told to the provider's side of a client alone: figures, skills, until when
somebody is away; no reason, no client."""

from __future__ import annotations

from typing import Any

from tenants.models import PROVIDER_TENANT
from tenants.scoping import NOBODY, Scope
from tests.factories.assignment import give_skills, make_absence
from tests.factories.lifecycle import make_request
from tests.factories.people import now

ASK = "SELECT * FROM staff_standing(:ids, :at)"


def test_the_providers_side_alone_is_answered(stage: Any, world: Any, ask: Any) -> None:
    values = {"ids": [world.operator_a.id, world.operator_both.id], "at": now()}
    for scope in (
        NOBODY, world.a.admin.scope(), Scope(tenant_id=world.a.id, side="administration"),
        Scope(user_id=world.operator_a.id, side="provider"), Scope(tenant_id=world.a.id),
    ):  # fmt: skip
        assert ask(scope, ASK, **values) == [], scope
    for scope in (
        world.a.scope, world.operator_a.scope(world.a),
        Scope(tenant_id=PROVIDER_TENANT, user_id=world.supervisor.id, side="provider"),
    ):  # fmt: skip
        assert len(ask(scope, ASK, **values)) == 2, scope


def test_it_says_what_counts_and_nothing_else(stage: Any, world: Any, ask: Any) -> None:
    def row() -> Any:
        found = ask(world.b.scope, ASK, ids=[world.operator_a.id], at=now())
        return found[0] if found else None

    make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    make_request(stage, world.a, state="closed", operator=world.operator_a,
                 reviewer=world.supervisor)  # fmt: skip
    give_skills(stage, world.operator_a, "payroll", "german")
    assert (row()["open_requests"], row()["skills"]) == (1, ["german", "payroll"])
    assert row()["away_until"] is None
    absence = make_absence(stage, world.operator_a)
    assert row()["absence_id"] == absence
    stage.run("UPDATE absences SET cancelled_at = now() WHERE id = :a", a=absence)
    assert row()["absence_id"] is None
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=world.operator_a.id)
    assert row() is None
