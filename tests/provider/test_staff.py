"""The provider's people: invited, given a role, and leaving with one action."""

from __future__ import annotations

from typing import Any

import pytest

from app.provider.queries import find_departure
from app.provider.services import leaving
from app.provider.services.leaving import end_at_client
from tenants.core.errors import Conflict, Forbidden
from tenants.models import PROVIDER_TENANT
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests.factories import acting, make_grant, make_staff
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import now


@pytest.fixture
def admin(world: Any, sign_in_as: Any) -> Any:
    return sign_in_as(world.provider_admin)


def of(person: Any, path: str = "") -> str:
    return f"/provider/staff/{person.id}{path}"


def invited(stage: Any, **changes: Any) -> dict[str, Any]:
    number = stage.value("SELECT count(*) FROM users")
    return {"display_name": "Nora Neu", "email": f"nora-{number}@provider.example",
            "role": "operator", "language": "de", **changes}  # fmt: skip


def test_somebody_is_invited_and_sees_no_client(stage: Any, admin: Any) -> None:
    typed = invited(stage)
    page = admin.post("/provider/new-staff", data=typed)
    assert page.status_code == 303
    [row] = stage.rows("SELECT s.* FROM staff s JOIN users u ON u.id = s.user_id WHERE u.email = :e",
                       e=typed["email"])  # fmt: skip
    assert (row.role, row.active) == ("operator", True)
    shown = admin.get(page.location).text
    assert typed["email"] in shown
    assert "No client is open to this person" in shown
    assert stage.value(
        "SELECT count(*) FROM outbox WHERE tenant_id = :t AND verb = 'account.invitation'"
        " AND created_at > now() - interval '1 minute'", t=PROVIDER_TENANT,
    ) >= 1  # fmt: skip
    # The same address as it is copied from a mail.
    again = admin.post("/provider/new-staff", data={**typed, "email": f" {typed['email']}\n"})
    assert again.status_code == 409
    assert "here already" in again.text
    assert admin.post(f"/provider/staff/{row.user_id}/invite").status_code == 303


def test_a_role_changes_with_the_next_page(
    stage: Any, world: Any, admin: Any, sign_in_as: Any
) -> None:
    person = make_staff(stage, role="operator")
    browser = sign_in_as(person)
    assert browser.get("/provider/companies").status_code == 403
    assert admin.post(of(person, "/role"), data={"role": "provider_admin"}).status_code == 303
    assert browser.get("/provider/companies").status_code == 200
    assert admin.post(of(person, "/role"), data={"role": "operator"}).status_code == 303
    assert browser.get("/provider/companies").status_code == 403
    assert admin.post(of(person, "/role"), data={"role": "king"}).status_code == 422
    own = admin.post(of(world.provider_admin, "/role"), data={"role": "operator"})
    assert own.status_code == 409


@pytest.fixture
def only_administrator(stage: Any) -> Any:
    """Tests share one database: everybody else's role is put away meanwhile."""
    others = stage.rows("SELECT user_id FROM staff WHERE role = 'provider_admin' AND active")

    def keep(person: Any) -> None:
        stage.run("UPDATE staff SET active = false WHERE role = 'provider_admin' AND user_id <> :u",
                  u=person.id)  # fmt: skip

    yield keep
    for row in others:
        stage.run("UPDATE staff SET active = true WHERE user_id = :u", u=row.user_id)


def test_the_last_administrator_stays(stage: Any, world: Any, only_administrator: Any) -> None:
    last = make_staff(stage, role="provider_admin")
    only_administrator(last)
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=last.id, side="provider")
    actor = system_actor(PROVIDER_TENANT)
    from tenants.services import staff

    with pytest.raises(staff.LastAdministrator), acting(stage, scope):
        staff.end_staff(user_id=last.id, actor=actor, now=now())
    with pytest.raises(staff.LastAdministrator), acting(stage, scope):
        staff.change_staff_role(user_id=last.id, role="operator", actor=actor, now=now())
    second = make_staff(stage, role="provider_admin")
    with acting(stage, scope):
        staff.change_staff_role(user_id=second.id, role="operator", actor=actor, now=now())
    assert stage.value("SELECT active FROM staff WHERE user_id = :u", u=last.id)


@pytest.fixture
def leaver(stage: Any, world: Any) -> Any:
    """With five grants at A (one ended, one out of date), five at B, open work at A."""
    person = make_staff(stage, name="Leo")
    for company in (world.a, world.b):
        make_grant(stage, company, person)
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u AND line = 'hr'"
              " AND tenant_id = :t", u=person.id, t=world.a.id)  # fmt: skip
    stage.run("UPDATE grants SET expires_at = now() WHERE user_id = :u AND line = 'sales'"
              " AND tenant_id = :t", u=person.id, t=world.a.id)  # fmt: skip
    return person


def unended(stage: Any, person: Any) -> int:
    return int(stage.value(
        "SELECT count(*) FROM grants WHERE user_id = :u AND ended_at IS NULL", u=person.id
    ))  # fmt: skip


def test_a_leaver_loses_everything_at_once(
    stage: Any, world: Any, admin: Any, leaver: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=leaver)
    closed = make_request(stage, world.a, state="assigned", operator=leaver)
    stage.run("UPDATE requests SET state = 'closed' WHERE id = :id", id=closed.id)
    browser, second = sign_in_as(leaver), sign_in_as(leaver)
    stage.run(
        "INSERT INTO api_tokens (tenant_id, user_id, holder_name, name, scopes, token_hash,"
        " created_at, expires_at) VALUES (:t, :u, 'Leo', 'x', ARRAY['requests:read'], :h, now(),"
        " now() + interval '1 day')", t=world.a.id, u=leaver.id, h=leaver.id.hex,
    )  # fmt: skip
    preview = admin.get(of(leaver, "/leave")).text
    assert world.a.name in preview
    assert world.b.name in preview
    assert "2 open sessions" in preview
    assert unended(stage, leaver) == 9

    page = admin.post(of(leaver, "/leave"))
    assert page.status_code == 303
    for one in (browser, second):
        assert one.get("/desk").location.startswith("/sign-in")
    assert sign_in_as(leaver).get(world.a.url("requests")).status_code == 404
    assert "Ending client by client" in admin.get(page.location).text
    assert unended(stage, leaver) == 9

    for company in (world.a, world.b):
        assert run_jobs(stage, company.id, name="provider.end_access") == ["provider.end_access"]
    assert unended(stage, leaver) == 0
    assert stage.value("SELECT ended_at IS NOT NULL FROM api_tokens WHERE user_id = :u",
                       u=leaver.id)  # fmt: skip
    [row] = stage.rows("SELECT * FROM requests WHERE id = :id", id=made.id)
    assert (row.assignee_id, row.assignee_name, row.state) == (None, "", "in_progress")
    assert stage.value("SELECT assignee_id FROM requests WHERE id = :id", id=closed.id) == leaver.id
    assert stage.value(
        "SELECT count(*) FROM request_moves WHERE request_id = :id AND verb = 'hand_back'",
        id=made.id,
    ) == 1  # fmt: skip
    assert stage.value(
        "SELECT count(*) FROM audit_events WHERE object_id = :id"
        " AND name = 'service_requests.request.handed_back' AND tenant_id = :t",
        id=made.id, t=world.a.id,
    ) == 1  # fmt: skip
    shown = admin.get(of(leaver, "/departure")).text
    assert "Everything has ended" in shown
    assert "hx-get" not in shown
    past = sign_in_as(world.operator_a).get(f"{made.url}/history")
    assert "put it back into the queue" in past.text


def test_the_balance_adds_up(stage: Any, world: Any, admin: Any, leaver: Any) -> None:
    make_request(stage, world.a, state="in_progress", operator=leaver)
    admin.post(of(leaver, "/leave"))
    run_jobs(stage, world.a.id, name="provider.end_access")
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=world.provider_admin.id, side="provider")
    with acting(stage, scope):
        departure = find_departure(user_id=leaver.id)
        assert departure is not None
        a, b = sorted(leaving.closing_of(departure), key=lambda one: one.slug)
    assert (a.grants_in, a.ended, a.ended_before, a.grants_left) == (5, 4, 1, 0)
    assert (a.assignments_in, a.handed_back, a.assignments_left) == (1, 1, 0)
    assert (b.grants_in, b.ended, b.ended_before, b.grants_left) == (5, 0, 0, 5)
    assert (a.done, a.state, b.done, b.state) == (True, "succeeded", False, "queued")
    for one in (a, b):
        assert one.grants_in == one.ended + one.ended_before + one.grants_left


def test_a_second_click_and_a_second_run_change_nothing(
    stage: Any, world: Any, admin: Any, leaver: Any
) -> None:
    for _ in range(2):
        assert admin.post(of(leaver, "/leave")).status_code == 303
    assert stage.value("SELECT count(*) FROM departures WHERE user_id = :u", u=leaver.id) == 1
    run_jobs(stage, world.a.id)
    ended = stage.value("SELECT count(*) FROM audit_events WHERE tenant_id = :t"
                        " AND name = 'tenants.grant.ended'", t=world.a.id)  # fmt: skip
    stage.run("UPDATE jobs SET state = 'queued' WHERE tenant_id = :t"
              " AND name = 'provider.end_access'", t=world.a.id)  # fmt: skip
    run_jobs(stage, world.a.id)
    assert stage.value("SELECT count(*) FROM audit_events WHERE tenant_id = :t"
                       " AND name = 'tenants.grant.ended'", t=world.a.id) == ended  # fmt: skip


def test_what_a_killed_worker_left_is_taken_up(
    stage: Any, world: Any, admin: Any, leaver: Any
) -> None:
    """A's job ended, B's was killed for good: the page offers to end what is left."""
    admin.post(of(leaver, "/leave"))
    run_jobs(stage, world.a.id, name="provider.end_access")
    stage.run("UPDATE jobs SET state = 'quarantined' WHERE tenant_id = :t"
              " AND name = 'provider.end_access'", t=world.b.id)  # fmt: skip
    shown = admin.get(of(leaver)).text
    assert "Something is left" in shown
    assert admin.post(of(leaver, "/leave")).status_code == 303
    assert run_jobs(stage, world.a.id, name="provider.end_access") == []
    assert run_jobs(stage, world.b.id, name="provider.end_access") == ["provider.end_access"]
    assert unended(stage, leaver) == 0
    assert "Everything has ended" in admin.get(of(leaver)).text


def test_an_interrupted_job_leaves_a_client_as_it_was(
    stage: Any, world: Any, leaver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_request(stage, world.a, state="in_progress", operator=leaver)

    def killed(**_: Any) -> None:
        raise KeyboardInterrupt

    scope = Scope(tenant_id=world.a.id, side="provider")
    actor = system_actor(world.a.id)
    with monkeypatch.context() as patch:
        patch.setattr(leaving, "hand_back", killed)
        with pytest.raises(KeyboardInterrupt), acting(stage, scope):
            end_at_client(user_id=leaver.id, actor=actor, now=now())
    assert unended(stage, leaver) == 9
    with acting(stage, scope):
        assert end_at_client(user_id=leaver.id, actor=actor, now=now()) == (4, 1)


def test_who_left_comes_back_with_nothing(stage: Any, world: Any, admin: Any, leaver: Any) -> None:
    admin.post(of(leaver, "/leave"))
    back = invited(stage, email=leaver.email)
    early = admin.post("/provider/new-staff", data=back)
    assert early.status_code == 409
    assert "still being ended" in early.text
    for company in (world.a, world.b):
        run_jobs(stage, company.id, name="provider.end_access")
    assert admin.post("/provider/new-staff", data=back).status_code == 303
    assert unended(stage, leaver) == 0


def test_nobody_ends_themselves(stage: Any, world: Any, admin: Any) -> None:
    page = admin.post(of(world.provider_admin, "/leave"))
    assert page.status_code == 409
    assert "your own access" in page.text.lower() or "end your own" in page.text
    assert stage.value("SELECT active FROM staff WHERE user_id = :u", u=world.provider_admin.id)


def test_only_administrators_end_others(stage: Any, world: Any, leaver: Any) -> None:
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=world.supervisor.id, side="provider")
    with pytest.raises(Forbidden), acting(stage, scope):
        leaving.leave(user_id=leaver.id, actor=world.supervisor.actor(), now=now())
    with pytest.raises((Forbidden, Conflict)), acting(stage, Scope(tenant_id=world.a.id)):
        end_at_client(user_id=leaver.id, actor=world.a.user.actor(), now=now())
    assert unended(stage, leaver) == 9


def test_a_lost_second_factor_is_reset_with_ones_own_code(
    stage: Any, world: Any, admin: Any, sign_in_as: Any
) -> None:
    person = make_staff(stage)
    browser = sign_in_as(person)
    has = "SELECT totp_confirmed_at IS NOT NULL FROM users WHERE id = :u"
    assert admin.post(of(person, "/second-factor"), data={"code": "000000"}).status_code == 422
    assert stage.value(has, u=person.id)
    code = world.provider_admin.code()
    assert admin.post(of(person, "/second-factor"), data={"code": code}).status_code == 303
    assert not stage.value(has, u=person.id)
    assert browser.get("/desk").location.startswith("/sign-in")
    run_jobs(stage, PROVIDER_TENANT, name="notifications.tell")
    assert stage.value(
        "SELECT count(*) FROM outbox WHERE verb = 'notice.account.second_factor_reset'"
        " AND dedupe_key LIKE :k", k=f"%{person.id}",
    ) == 1  # fmt: skip


def test_unknown_people_are_missing(world: Any, admin: Any) -> None:
    for path in ("", "/leave", "/departure"):
        assert admin.get(of(world.a.user, path)).status_code == 404
    for path in ("/leave", "/role", "/invite", "/second-factor"):
        assert admin.post(of(world.a.user, path), data={"role": "operator"}).status_code == 404
