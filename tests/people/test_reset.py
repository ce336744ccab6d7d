"""A lost second factor: who may take it away, and what then is over."""

import pytest

from tenants.core.errors import Conflict, Forbidden
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tenants.services.second_factor import reset_second_factor
from tests.auth.test_links import mail_to
from tests.factories import PASSWORD, acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.people.test_people_page import joined


def reset(office, person, code=None):
    code = office.company.admin.code() if code is None else code
    return office.send(f"/{person.member_id}/second-factor", code=code)


def has_factor(stage, person):
    return stage.value("SELECT totp_sealed IS NOT NULL FROM users WHERE id = :id", id=person.id)


def by_service(stage, person, by, scope):
    with acting(stage, scope):
        reset_second_factor(
            user_id=person.id, actor=by.actor(), now=now(), real_now=now()
        )  # fmt: skip


def test_a_reset_ends_factor_codes_and_sessions_and_is_told(
    stage, world, office, sign_in_as, client
):
    approver = world.a.approver
    stage.run("INSERT INTO recovery_codes (user_id, code_hash) VALUES (:u, 'x')", u=approver.id)
    stage.run("UPDATE users SET language = 'fr' WHERE id = :u", u=approver.id)
    theirs = sign_in_as(approver)
    assert "Reset the second factor" in office.page(f"/{approver.member_id}")
    assert reset(office, approver).status_code == 303
    assert not has_factor(stage, approver)
    assert stage.rows("SELECT FROM recovery_codes WHERE user_id = :u", u=approver.id) == []
    assert theirs.get("/account").status_code == 303
    run_jobs(stage, world.a.id, name="notifications.tell")
    [mail] = mail_to(stage, approver.email)
    assert 'lang="fr"' in mail["html"]
    assert stage.rows(
        "SELECT FROM audit_events WHERE tenant_id = :t AND actor_id = :a AND object_id = :u"
        " AND name = 'tenants.second_factor.reset'",
        t=world.a.id, a=world.a.admin.id, u=approver.id,
    )  # fmt: skip
    # The password alone leads to setting up a new one, and nowhere else.
    again = client().post("/sign-in", data={"email": approver.email, "password": PASSWORD})
    assert again.location.startswith("/sign-in/enrol")


def test_it_needs_a_fresh_code_of_ones_own(stage, world, office):
    approver = world.a.approver
    for code in ("", "000000", approver.code()):
        assert reset(office, approver, code).status_code == 422
    assert has_factor(stage, approver)
    code = world.a.admin.code()
    assert reset(office, approver, code).status_code == 303
    assert reset(office, world.a.people["finance_only"], code).status_code == 422


def test_somebody_who_is_in_another_company_too_is_the_providers_affair(stage, world, office):
    approver = world.a.approver
    joined(stage, world.b, approver)
    assert "provider's administrator" in office.page(f"/{approver.member_id}")
    assert reset(office, approver).status_code == 409
    assert has_factor(stage, approver)
    # Once they left the other company, it is this one's again.
    stage.run(
        "UPDATE members SET removed_at = now() WHERE tenant_id = :t AND user_id = :u",
        t=world.b.id, u=approver.id,
    )  # fmt: skip
    later = world.a.admin.code(at=now().timestamp() + 30)
    assert reset(office, approver, later).status_code == 303


def test_staff_who_are_members_are_the_providers_affair(stage, world, office):
    stage.run(
        "INSERT INTO staff (user_id, display_name, role) VALUES (:u, 'S', 'operator')",
        u=world.a.approver.id,
    )
    assert reset(office, world.a.approver).status_code == 409
    assert has_factor(stage, world.a.approver)


def test_nobody_resets_their_own_or_a_strangers(stage, world, office):
    assert reset(office, world.a.admin).status_code == 409
    assert has_factor(stage, world.a.admin)
    later = world.a.admin.code(at=now().timestamp() + 30)
    assert reset(office, world.b.approver, later).status_code == 404
    with pytest.raises(Conflict):
        by_service(stage, world.b.approver, world.a.admin, world.a.admin.scope())
    assert has_factor(stage, world.b.approver)


def test_the_database_refuses_whoever_is_no_administrator(stage, world):
    """Even a service called with a forged actor changes nothing."""
    a = world.a
    for scope in (
        a.user.scope(),
        Scope(tenant_id=a.id, side="client"),
        Scope(tenant_id=a.id, user_id=world.b.admin.id, side="client"),
        Scope(tenant_id=a.id, user_id=a.admin.id, side="provider"),
        Scope(tenant_id=PROVIDER_TENANT, user_id=a.admin.id, side="provider"),
        Scope(tenant_id=PROVIDER_TENANT, user_id=world.operator_a.id, side="provider"),
    ):
        with pytest.raises(Conflict):
            by_service(stage, a.approver, a.admin, scope)
    assert has_factor(stage, a.approver)
    with pytest.raises(Forbidden):
        by_service(stage, a.approver, a.user, a.user.scope())


def test_the_providers_administrator_resets_anyone(stage, world):
    by = world.provider_admin
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=by.id, side="provider")
    joined(stage, world.b, world.a.approver)
    for person in (world.operator_a, world.a.approver, world.supervisor):
        by_service(stage, person, by, scope)
        assert not has_factor(stage, person)
    with pytest.raises(Conflict):
        by_service(stage, by, by, scope)


def test_a_wrong_code_of_ones_own_is_written_down(stage, world, office):
    before = stage.value(REFUSED, u=world.a.admin.id)
    assert reset(office, world.a.approver, "000000").status_code == 422
    assert stage.value(REFUSED, u=world.a.admin.id) == before + 1


REFUSED = (
    "SELECT count(*) FROM audit_events WHERE object_id = :u"
    " AND name = 'account.second_factor.refused'"
)
