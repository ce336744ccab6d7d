import threading
from datetime import timedelta
from typing import Any

import pytest

from tenants import queries
from tenants.core.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.endpoints import scope_of
from tenants.endpoints import tenant as tenant_scope
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tenants.services import companies, grants, members, staff
from tests.factories import acting, make_member, make_staff
from tests.factories.people import LINES, now


def remove(stage, company, person, by):
    with acting(stage, by.scope(company)):
        members.remove_member(member_id=person.member_id, actor=by.actor(company), now=now())


def test_the_last_administrator_stays(stage, world):
    a = world.a
    with pytest.raises(Conflict) as refused:
        remove(stage, a, a.admin, a.admin)
    assert refused.value.code == "last_administrator"
    with pytest.raises(Conflict), acting(stage, a.admin.scope()):
        members.change_member(
            member_id=a.admin.member_id, role="client_user", approver=False, lines=LINES,
            actor=a.admin.actor(), now=now(),
        )  # fmt: skip
    second = make_member(stage, a, key="second", role="client_admin")
    remove(stage, a, a.admin, second)


def test_two_administrators_cannot_remove_each_other_at_once(stage, world):
    a = world.a
    second = make_member(stage, a, key="second", role="client_admin")
    start, outcomes = threading.Barrier(2), []

    def run(person, by):
        start.wait()
        try:
            remove(stage, a, person, by)
            outcomes.append("removed")
        except Conflict:
            outcomes.append("kept")

    threads = [
        threading.Thread(target=run, args=pair) for pair in ((a.admin, second), (second, a.admin))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "removed"]


def test_only_administrators_change_people(stage, world):
    for by in (world.a.user, world.a.approver):
        with pytest.raises(Forbidden):
            remove(stage, world.a, world.a.user, by)
    with pytest.raises(Forbidden):
        remove(stage, world.a, world.a.user, world.operator_a)


def test_another_companys_member_is_not_found(stage, world):
    with pytest.raises(NotFound):
        remove(stage, world.a, world.b.user, world.a.admin)


def test_a_removed_person_can_come_back(stage, world):
    a, user = world.a, world.a.user
    remove(stage, a, user, a.admin)
    with acting(stage, a.admin.scope()):
        member = members.add_member(
            email=user.email, display_name=a.text("Back"), role="client_user", lines=["finance"],
            actor=a.admin.actor(), now=now(),
        )  # fmt: skip
        assert member.id == user.member_id
        assert member.lines == ["finance"]
        assert member in queries.list_members()


def grant(stage, company, person, by, **changes):
    values: dict[str, Any] = {
        "user_id": person.id, "line": "finance", "level": "work", "reason": company.text("why"),
        "expires_at": now() + timedelta(days=30), "actor": by.actor(company), "now": now(),
    } | changes  # fmt: skip
    with acting(stage, Scope(tenant_id=company.id, user_id=by.id, side="provider")):
        return grants.give_grant(**values).id


def test_a_grant_is_given_by_somebody_else_for_a_reason_and_a_time(stage, world):
    a, admin, operator = world.a, world.provider_admin, world.operator_none
    grant_id = grant(stage, a, operator, admin)
    with acting(stage, a.admin.scope()):
        shown = queries.get_grant(grant_id=grant_id)
        assert (shown.display_name, shown.granted_by) == (operator.name, admin.id)
    with pytest.raises(Forbidden):
        grant(stage, a, operator, world.supervisor)
    with pytest.raises(Conflict):
        grant(stage, a, admin, admin)
    with pytest.raises(Conflict):
        grant(stage, a, a.user, admin)
    for wrong in (
        {"reason": "  "},
        {"expires_at": now() - timedelta(days=1)},
        {"expires_at": now() + timedelta(days=4000)},
        {"line": "magic"},
        {"level": "all"},
    ):
        with pytest.raises(Invalid):
            grant(stage, a, operator, admin, **wrong)


def test_a_new_grant_stands_in_the_place_of_the_old(stage, world):
    a, admin, operator = world.a, world.provider_admin, world.operator_none
    grant(stage, a, operator, admin)
    grant(stage, a, operator, admin, level="read")
    with acting(stage, a.admin.scope()):
        live = queries.list_grants(live_at=now())
        assert [one.level for one in live if one.user_id == operator.id] == ["read"]


def test_the_client_ends_a_grant(stage, world):
    a = world.a
    grant_id = world.operator_a.grants[f"{a.slug}/finance"]
    with pytest.raises(Forbidden), acting(stage, a.user.scope()):
        grants.end_grant(grant_id=grant_id, actor=a.user.actor(), now=now())
    for _ in range(2):
        with acting(stage, a.admin.scope()):
            grants.end_grant(grant_id=grant_id, actor=a.admin.actor(), now=now())
    assert stage.value(
        "SELECT count(*) FROM audit_events WHERE tenant_id = :id AND name = 'tenants.grant.ended'",
        id=a.id,
    ) == 1  # fmt: skip


def test_a_tenant_is_made_in_its_own_scope(stage, world):
    tenant_id, admin = uuid7(), world.provider_admin
    values: dict[str, Any] = {
        "now": now(), "name": "Brand New", "slug": f"new-{tenant_id.hex[-8:]}", "code": "ZZZ",
        "colour": "#AA3344", "country": "DE", "language": "de", "time_zone": "Europe/Berlin",
    }  # fmt: skip
    with pytest.raises(Forbidden), acting(stage, Scope(tenant_id=tenant_id, side="provider")):
        companies.create_tenant(**values, actor=world.operator_a.actor())
    with acting(stage, Scope(tenant_id=tenant_id, side="provider")):
        companies.create_tenant(**values, actor=admin.actor())
        assert queries.get_tenant().colour == "#aa3344"
    other = Scope(tenant_id=uuid7(), side="provider")
    with pytest.raises(Conflict), acting(stage, other):
        companies.create_tenant(**values | {"code": "ZZY"}, actor=admin.actor())


def test_staff_are_added_and_ended_by_the_provider(stage, world, sign_in_as):
    admin = world.provider_admin
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=admin.id, side="provider")
    with acting(stage, scope):
        added = staff.add_staff(
            email="late@provider.example", display_name="Late", role="operator", language="fr",
            actor=admin.actor(), now=now(),
        )  # fmt: skip
        assert added in queries.list_staff()
    leaver = make_staff(stage)
    browser = sign_in_as(leaver)
    with acting(stage, scope):
        staff.end_staff(user_id=leaver.id, actor=admin.actor(), now=now())
        with pytest.raises(Conflict):
            staff.end_staff(user_id=admin.id, actor=admin.actor(), now=now())
    assert leaver.name in browser.get("/account").text  # the account stays, the role is gone


@pytest.fixture(scope="module")
def probe(app, environment):
    """The product with one page more, so that rights are seen through the edge."""
    from flask import Blueprint, g

    from app import factory
    from tenants.core.db import db

    bp = Blueprint("probe", __name__)

    @bp.get("/c/<slug>/probe")
    @tenant_scope("request.read")
    def read(slug):
        return g.actor.role

    @bp.get("/c/<slug>/probe/people")
    @tenant_scope("people.manage")
    def people(slug):
        return g.actor.role

    made = factory.create_app()
    made.register_blueprint(bp)
    made.scopes.update({name: scope_of(made.view_functions[name])
                        for name in ("probe.read", "probe.people")})  # fmt: skip
    yield made
    with made.app_context():
        db.engine.dispose()


def browser_of(probe, stage, client, person):
    from tests.factories import make_session

    browser = client(of=probe)
    browser.set_cookie("coulisse", make_session(stage, person), domain="localhost")
    return browser


def test_removal_and_change_of_role_act_on_the_next_request(probe, stage, world, client):
    a = world.a
    user = browser_of(probe, stage, client, a.user)
    second = make_member(stage, a, key="second", role="client_admin")
    admin = browser_of(probe, stage, client, second)
    assert second.member_id is not None
    assert user.get(a.url("probe")).text == "client_user"
    assert admin.get(a.url("probe/people")).status_code == 200
    remove(stage, a, a.user, a.admin)
    assert user.get(a.url("probe")).status_code == 404
    with acting(stage, a.admin.scope()):
        members.change_member(
            member_id=second.member_id, role="client_user", approver=False, lines=LINES,
            actor=a.admin.actor(), now=now(),
        )  # fmt: skip
    assert admin.get(a.url("probe/people")).status_code == 403


def test_a_grant_opens_its_client_only_and_ends_at_once(probe, stage, world, client):
    browser = browser_of(probe, stage, client, world.operator_a)
    assert browser.get(world.a.url("probe")).status_code == 200
    foreign, missing = browser.get(world.b.url("probe")), browser.get("/c/nowhere/probe")
    assert foreign.status_code == missing.status_code == 404
    stage.run("UPDATE grants SET expires_at = now() WHERE user_id = :id", id=world.operator_a.id)
    assert browser.get(world.a.url("probe")).status_code == 404
    for nobody in (world.operator_none, world.provider_admin, world.b.admin):
        assert browser_of(probe, stage, client, nobody).get(world.a.url("probe")).status_code == 404
