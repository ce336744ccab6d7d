"""What a company's administrator learns of its people's accounts, and whose second factor an
administrator may reset: each condition of the two functions."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.core.crypto import token_hash
from tenants.models import PROVIDER_TENANT
from tenants.scoping import NOBODY, Scope
from tests.factories import make_session
from tests.factories.people import Company, Person

FACTS = "SELECT * FROM member_facts(:ids)"
RESET = "SELECT * FROM reset_second_factor(:id)"


def also_in(stage: Any, company: Company, person: Person) -> None:
    stage.run(
        "INSERT INTO members (tenant_id, user_id, display_name, email, role, lines)"
        " VALUES (:t, :u, 'x', 'x', 'client_user', '{finance}')", t=company.id, u=person.id,
    )  # fmt: skip


def becomes_staff(stage: Any, person: Person, *, active: bool = True) -> None:
    stage.run(
        "INSERT INTO staff (user_id, display_name, role, active) VALUES (:u, 'x', 'operator', :a)",
        u=person.id, a=active,
    )  # fmt: skip


@pytest.fixture
def facts(world: Any, ask: Any) -> Any:
    def asked(scope: Scope | None = None, *people: Person) -> dict[Any, Any]:
        wanted = [one.id for one in people or world.everyone]
        rows = ask(scope or world.a.admin.scope(), FACTS, ids=wanted)
        assert len(rows) == len({row["user_id"] for row in rows})
        return {row["user_id"]: row for row in rows}

    return asked


def test_facts_are_of_the_companys_own_people(stage: Any, world: Any, facts: Any) -> None:
    a, b = world.a, world.b
    assert set(facts()) == {one.id for one in a.people.values()}
    assert set(facts(None, a.user, b.user)) == {a.user.id}
    also_in(stage, b, a.user)
    assert set(facts()) == {one.id for one in a.people.values()}
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u AND tenant_id = :t",
              u=a.user.id, t=a.id)  # fmt: skip
    assert a.user.id not in facts()


def test_facts_are_for_the_companys_administrator(stage: Any, world: Any, facts: Any) -> None:
    a, b = world.a, world.b
    for scope in (
        NOBODY, a.user.scope(), Scope(tenant_id=a.id, side="client"),
        Scope(tenant_id=a.id, user_id=a.admin.id, side="provider"),
        Scope(tenant_id=a.id, user_id=a.admin.id, side="administration"),
        Scope(tenant_id=a.id, user_id=b.admin.id, side="client"),
        Scope(tenant_id=b.id, user_id=a.admin.id, side="client"),
        Scope(user_id=a.admin.id, side="client"),
    ):  # fmt: skip
        assert facts(scope) == {}
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=a.admin.id)
    assert facts() == {}


def test_facts_say_nothing_of_a_life_elsewhere(stage: Any, world: Any, facts: Any) -> None:
    a, user = world.a, world.a.user
    make_session(stage, world.b.user)
    assert facts()[user.id]["last_sign_in_at"] is None
    assert facts()[user.id]["only_here"] is True
    make_session(stage, user)
    assert facts()[user.id]["last_sign_in_at"] is not None
    becomes_staff(stage, user, active=False)
    also_in(stage, world.b, a.approver)
    assert facts()[user.id]["only_here"] is True
    stage.run("UPDATE staff SET active = true WHERE user_id = :u", u=user.id)
    assert (facts()[user.id]["only_here"], facts()[user.id]["last_sign_in_at"]) == (False, None)
    assert facts()[a.approver.id]["only_here"] is False
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u AND tenant_id = :t",
              u=a.approver.id, t=world.b.id)  # fmt: skip
    assert facts()[a.approver.id]["only_here"] is True


def test_facts_know_the_open_invitation(stage: Any, world: Any, facts: Any) -> None:
    user = world.a.user

    def until() -> Any:
        return facts()[user.id]["invited_until"]

    for person, purpose in ((world.a.approver, "invitation"), (user, "reset")):
        stage.run(
            "INSERT INTO user_tokens (token_hash, user_id, purpose, expires_at)"
            " VALUES (:h, :u, :p, now() + interval '1 day')",
            h=f"{person.id}{purpose}", u=person.id, p=purpose,
        )  # fmt: skip
    assert until() is None
    stage.run("UPDATE user_tokens SET purpose = 'invitation' WHERE user_id = :u", u=user.id)
    assert until() is not None
    stage.run("UPDATE user_tokens SET used_at = now() WHERE user_id = :u", u=user.id)
    assert until() is None
    assert facts()[user.id]["can_sign_in"] is True
    assert facts()[user.id]["has_second_factor"] is False
    assert facts()[world.a.approver.id]["has_second_factor"] is True
    stage.run("UPDATE users SET password_hash = NULL WHERE id = :u", u=user.id)
    assert facts()[user.id]["can_sign_in"] is False


@pytest.fixture
def reset(stage: Any, ask: Any) -> Any:
    """Whether it was done; the factor stands or falls with the answer."""

    def tried(scope: Scope, person: Person) -> bool:
        done = bool(ask(scope, RESET, id=person.id))
        left = stage.value("SELECT totp_sealed IS NOT NULL FROM users WHERE id = :u", u=person.id)
        assert left is not done or person.totp_secret is None
        return done

    return tried


def test_a_companys_administrator_resets_its_own_people(stage: Any, world: Any, reset: Any) -> None:
    a, b = world.a, world.b
    mine = a.admin.scope()
    for scope in (
        NOBODY, a.user.scope(), b.admin.scope(), Scope(tenant_id=a.id, side="client"),
        Scope(tenant_id=a.id, user_id=b.admin.id, side="client"),
        Scope(tenant_id=b.id, user_id=a.admin.id, side="client"),
        Scope(tenant_id=a.id, user_id=a.admin.id, side="provider"),
        Scope(tenant_id=a.id, user_id=a.admin.id, side="administration"),
    ):  # fmt: skip
        assert not reset(scope, a.approver)
    for person in (a.admin, b.approver, world.operator_a, a.user):
        assert not reset(mine, person)
    stage.run("UPDATE users SET active = false WHERE id = :u", u=a.approver.id)
    assert not reset(mine, a.approver)
    stage.run("UPDATE users SET active = true WHERE id = :u", u=a.approver.id)
    also_in(stage, b, a.approver)
    assert not reset(mine, a.approver)
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=a.approver.id)
    assert not reset(mine, a.approver)
    stage.run("UPDATE members SET removed_at = NULL WHERE user_id = :u AND tenant_id = :t",
              u=a.approver.id, t=a.id)  # fmt: skip
    becomes_staff(stage, a.approver)
    assert not reset(mine, a.approver)
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=a.approver.id)
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=a.admin.id)
    assert not reset(mine, a.approver)
    stage.run("UPDATE members SET removed_at = NULL WHERE user_id = :u", u=a.admin.id)
    assert reset(mine, a.approver)


def test_a_reset_ends_what_belongs_to_the_factor_and_to_this_person(
    stage: Any, world: Any, reset: Any
) -> None:
    a = world.a
    for person in (a.approver, a.admin):
        stage.run("INSERT INTO recovery_codes (user_id, code_hash) VALUES (:u, 'x')", u=person.id)
        make_session(stage, person)
    earlier = token_hash(make_session(stage, a.approver))
    stage.run(
        "UPDATE sign_in_sessions SET ended_at = '2020-01-01' WHERE token_hash = :h", h=earlier
    )
    assert reset(a.admin.scope(), a.approver)
    for person, left in ((a.approver, 0), (a.admin, 1)):
        for table, open_ in (("recovery_codes", ""), ("sign_in_sessions", "AND ended_at IS NULL")):
            found = stage.value(
                f"SELECT count(*) FROM {table} WHERE user_id = :u {open_}", u=person.id
            )
            assert found == left, (person.name, table)
    assert stage.value(
        "SELECT ended_at < '2020-01-02' FROM sign_in_sessions WHERE token_hash = :h", h=earlier
    )
    assert stage.value("SELECT totp_sealed IS NOT NULL FROM users WHERE id = :u", u=a.admin.id)


def test_the_providers_administrator_resets_anybody_from_where_they_administer(
    stage: Any, world: Any, reset: Any
) -> None:
    a, by = world.a, world.provider_admin
    house = Scope(tenant_id=PROVIDER_TENANT, user_id=by.id, side="provider")
    for scope in (
        Scope(tenant_id=a.id, user_id=by.id, side="provider"),
        Scope(tenant_id=PROVIDER_TENANT, user_id=by.id, side="client"),
        Scope(tenant_id=PROVIDER_TENANT, side="provider"),
        Scope(tenant_id=PROVIDER_TENANT, user_id=world.supervisor.id, side="provider"),
        Scope(tenant_id=a.id, user_id=world.supervisor.id, side="administration"),
    ):
        assert not reset(scope, world.operator_a)
    assert not reset(house, by)
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=by.id)
    assert not reset(house, world.operator_a)
    stage.run("UPDATE staff SET active = true WHERE user_id = :u", u=by.id)
    also_in(stage, world.b, a.approver)
    assert reset(house, world.operator_a)
    assert reset(house, a.approver)
    there = Scope(tenant_id=a.id, user_id=by.id, side="administration")
    for person in (world.b.admin, world.supervisor):
        assert not reset(there, person)
    assert not reset(Scope(tenant_id=a.id, user_id=world.supervisor.id, side="administration"),
                     a.admin)  # fmt: skip
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=by.id)
    assert not reset(there, a.admin)
    stage.run("UPDATE staff SET active = true WHERE user_id = :u", u=by.id)
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=a.admin.id)
    assert not reset(there, a.admin)
    stage.run("UPDATE members SET removed_at = NULL WHERE user_id = :u", u=a.admin.id)
    assert reset(there, a.admin)


def test_facts_are_for_the_providers_administrator_at_this_client(
    stage: Any, world: Any, facts: Any
) -> None:
    a, by = world.a, world.provider_admin
    there = Scope(tenant_id=a.id, user_id=by.id, side="administration")
    assert set(facts(there)) == {one.id for one in a.people.values()}
    for scope in (
        Scope(tenant_id=a.id, user_id=by.id, side="provider"),
        Scope(tenant_id=a.id, user_id=world.supervisor.id, side="administration"),
        Scope(tenant_id=PROVIDER_TENANT, user_id=by.id, side="provider"),
        Scope(user_id=by.id, side="administration"),
    ):
        assert facts(scope) == {}
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=by.id)
    assert facts(there) == {}


@pytest.fixture
def ended(stage: Any, ask: Any) -> Any:
    """How many links of this person ended; the links themselves say the same."""

    def tried(scope: Scope, person: Person) -> int:
        open_ = "SELECT count(*) FROM user_tokens WHERE user_id = :u AND used_at IS NULL"
        before = stage.value(open_, u=person.id)
        [row] = ask(scope, "SELECT end_invitations(:id) AS n", id=person.id)
        assert before - stage.value(open_, u=person.id) == row["n"]
        return int(row["n"])

    return tried


def invited(stage: Any, person: Person, name: str = "x", purpose: str = "invitation") -> None:
    stage.run(
        "INSERT INTO user_tokens (token_hash, user_id, purpose, expires_at)"
        " VALUES (:h, :u, :p, now() + interval '1 day')",
        h=f"{name}{person.id}", u=person.id, p=purpose,
    )  # fmt: skip


def leaves(stage: Any, company: Company, person: Person) -> None:
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u AND tenant_id = :t",
              u=person.id, t=company.id)  # fmt: skip


def test_invitations_end_for_who_is_nowhere_any_more(stage: Any, world: Any, ended: Any) -> None:
    a, b, user = world.a, world.b, world.a.user
    for one in (user, a.approver):
        invited(stage, one)
    invited(stage, user, "second")
    invited(stage, user, "reset", "reset")
    mine, by = a.admin.scope(), world.provider_admin
    assert ended(mine, user) == 0
    leaves(stage, a, user)
    for scope in (
        NOBODY, a.approver.scope(), b.admin.scope(), Scope(tenant_id=a.id, side="client"),
        Scope(tenant_id=a.id, user_id=a.admin.id, side="provider"),
        Scope(tenant_id=a.id, user_id=by.id, side="provider"),
        Scope(tenant_id=b.id, user_id=by.id, side="administration"),
        Scope(tenant_id=PROVIDER_TENANT, user_id=by.id, side="provider"),
        Scope(tenant_id=a.id, user_id=b.admin.id, side="client"),
        Scope(tenant_id=a.id, user_id=world.supervisor.id, side="administration"),
    ):  # fmt: skip
        assert ended(scope, user) == 0
    leaves(stage, a, a.admin)
    assert ended(mine, user) == 0
    stage.run("UPDATE members SET removed_at = NULL WHERE user_id = :u", u=a.admin.id)
    also_in(stage, b, user)
    assert ended(mine, user) == 0
    leaves(stage, b, user)
    becomes_staff(stage, user)
    assert ended(mine, user) == 0
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=user.id)
    assert ended(mine, user) == 2
    assert ended(mine, user) == 0
    leaves(stage, a, a.approver)
    administration = Scope(tenant_id=a.id, user_id=by.id, side="administration")
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=by.id)
    assert ended(administration, a.approver) == 0
    stage.run("UPDATE staff SET active = true WHERE user_id = :u", u=by.id)
    assert ended(administration, a.approver) == 1


def test_invitations_of_staff_end_with_their_work(stage: Any, world: Any, ended: Any) -> None:
    person, by = world.operator_none, world.provider_admin
    invited(stage, person)
    house = Scope(tenant_id=PROVIDER_TENANT, user_id=by.id, side="provider")
    assert ended(house, person) == 0
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=person.id)
    for scope in (
        Scope(tenant_id=PROVIDER_TENANT, user_id=world.supervisor.id, side="provider"),
        Scope(tenant_id=world.a.id, user_id=by.id, side="administration"),
        Scope(tenant_id=PROVIDER_TENANT, user_id=by.id, side="client"),
    ):
        assert ended(scope, person) == 0
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=by.id)
    assert ended(house, person) == 0
    stage.run("UPDATE staff SET active = true WHERE user_id = :u", u=by.id)
    assert ended(house, person) == 1
