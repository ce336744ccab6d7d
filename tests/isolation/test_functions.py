"""The functions that see more than their caller: who calls them, what their names mean, and each
of their conditions: ended, expired, removed, closed, foreign."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from tenants.core.crypto import token_hash
from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.scoping import NOBODY, Scope
from tests.factories import make_session
from tests.factories.people import Company, Person
from tests.structure import catalogue


def functions(connection: Connection) -> list[tuple[str, str]]:
    """Name and a call of each with nothing in it."""
    found = catalogue.rows(
        connection,
        "SELECT p.proname, p.proargtypes::regtype[]::text[] AS types FROM pg_proc p"
        " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace",
    )
    return [
        (row.proname, f"SELECT * FROM {row.proname}({', '.join(f'NULL::{t}' for t in row.types)})")
        for row in found
    ]


def error_of(connection: Connection, statement: str) -> str:
    nested = connection.begin_nested()
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return str(error)
    finally:
        nested.rollback()
    return ""


def test_only_the_application_calls_them(superuser: Engine) -> None:
    with superuser.connect() as connection:
        calls = functions(connection)
        assert calls
        for role in ("coulisse_dispatcher", "coulisse_desk"):
            connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
            for name, call in calls:
                assert "permission denied for function" in error_of(connection, call), (role, name)


def test_a_callers_own_tables_are_not_taken_for_ours(superuser: Engine) -> None:
    """Temporary tables of our tables' names come first wherever a path isn't pinned; the functions'
    owners couldn't even read these."""
    with superuser.connect() as connection:
        calls, tables = functions(connection), catalogue.tables(connection)
        for table in tables:
            connection.exec_driver_sql(
                f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING INDEXES)"
            )
        connection.exec_driver_sql("SET LOCAL ROLE coulisse_app")
        for name, call in calls:
            assert "permission denied" not in error_of(connection, call), name
        connection.rollback()


SESSION = "SELECT * FROM session_context(:hash, :slug, :opens)"


@pytest.fixture
def known_as(stage: Any, ask: Any) -> Any:
    """What the product takes somebody for who comes to a client's page."""

    def known(
        person: Person, company: Company | None, hashed: str = "", *, opens: bool = True
    ) -> Any:
        hashed = hashed or token_hash(make_session(stage, person))
        found = ask(
            NOBODY, SESSION, hash=hashed, opens=opens, slug=company.slug if company else None
        )
        assert len(found) <= 1
        return found[0] if found else None

    return known


def test_a_person_is_who_they_are(world: Any, known_as: Any) -> None:
    a, b = world.a, world.b
    user = known_as(a.user, a)
    assert (user["user_id"], user["tenant_id"], user["member_role"]) == (
        a.user.id, a.id, "client_user",
    )  # fmt: skip
    assert (user["grant_lines"], user["staff_role"], user["approver"]) == (None, None, False)
    assert known_as(a.approver, a)["approver"] is True
    operator = known_as(world.operator_a, a)
    assert (operator["member_role"], operator["staff_role"]) == (None, "operator")
    assert set(operator["grant_lines"].values()) == {"work"}
    assert known_as(a.user, None)["tenant_id"] is None
    for person in (a.user, world.operator_a, world.operator_none):
        elsewhere = known_as(person, b)
        assert (elsewhere["member_role"], elsewhere["grant_lines"]) == (None, None)


def test_a_session_is_known_by_its_own_hash(stage: Any, world: Any, known_as: Any) -> None:
    make_session(stage, world.operator_a)
    known_as(world.a.user, world.a)
    assert known_as(world.a.user, world.a, token_hash("none")) is None
    assert _used(stage, world.a, world.operator_a) == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [("ended_at", "now()"), ("last_seen_at", "now() - interval '12 hours 1 minute'"),
     ("created_at", "now() - interval '14 days 1 minute'")],
)  # fmt: skip
def test_a_session_that_ended_is_nobody_and_stays_so(
    stage: Any, world: Any, known_as: Any, column: str, value: str
) -> None:
    for person in (world.a.user, world.operator_a):
        hashed = token_hash(make_session(stage, person))
        assert known_as(person, world.a, hashed)
        for change in ("last_seen_at = now() - interval '1 hour'", f"{column} = {value}"):
            stage.run(f"UPDATE sign_in_sessions SET {change} WHERE token_hash = :h", h=hashed)
        stage.run("UPDATE grants SET last_used_at = NULL WHERE tenant_id = :t", t=world.a.id)
        before = stage.rows("SELECT * FROM sign_in_sessions WHERE token_hash = :h", h=hashed)
        assert known_as(person, world.a, hashed) is None
        assert known_as(person, world.a, hashed) is None
        after = stage.rows("SELECT * FROM sign_in_sessions WHERE token_hash = :h", h=hashed)
        assert before == after
        assert _used(stage, world.a, person) == 0


def _used(stage: Any, company: Company, person: Person) -> int:
    return int(
        stage.value(
            "SELECT count(*) FROM grants WHERE tenant_id = :t AND user_id = :u"
            " AND last_used_at IS NOT NULL",
            t=company.id, u=person.id,
        )
    )  # fmt: skip


def test_last_seen_is_written_of_this_session_and_once_a_minute(
    stage: Any, world: Any, known_as: Any
) -> None:
    mine, other = (token_hash(make_session(stage, world.a.user)) for _ in range(2))

    def seen(hashed: str) -> Any:
        return stage.value(
            "SELECT last_seen_at FROM sign_in_sessions WHERE token_hash = :h", h=hashed
        )

    for age, written in (("2 minutes", True), ("30 seconds", False)):
        stage.run(
            "UPDATE sign_in_sessions SET last_seen_at = now() - CAST(:age AS interval)"
            " WHERE token_hash IN (:a, :b)", age=age, a=mine, b=other,
        )  # fmt: skip
        before = seen(mine), seen(other)
        known_as(world.a.user, world.a, mine)
        assert (seen(mine) != before[0]) is written, age
        assert seen(other) == before[1]


def test_a_closed_account_is_nobody(stage: Any, world: Any, known_as: Any) -> None:
    stage.run("UPDATE users SET active = false WHERE id = :i", i=world.a.user.id)
    assert known_as(world.a.user, world.a) is None


def test_who_left_the_provider_holds_nothing(stage: Any, world: Any, known_as: Any) -> None:
    stage.run("UPDATE staff SET active = false WHERE user_id = :i", i=world.operator_a.id)
    found = known_as(world.operator_a, world.a)
    assert (found["staff_role"], found["grant_lines"]) == (None, None)
    assert _used(stage, world.a, world.operator_a) == 0


def test_who_was_removed_from_a_client_is_no_member(stage: Any, world: Any, known_as: Any) -> None:
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :i", i=world.a.admin.id)
    found = known_as(world.a.admin, world.a)
    assert (found["member_role"], found["needs_second_factor"]) == (None, False)


@pytest.mark.parametrize("change", ["ended_at = now()", "expires_at = now() - interval '1 second'"])
def test_a_grant_that_ended_or_expired_opens_nothing(
    stage: Any, world: Any, known_as: Any, change: str
) -> None:
    operator = world.operator_a
    stage.run(f"UPDATE grants SET {change} WHERE user_id = :i AND line = 'hr'", i=operator.id)
    assert set(known_as(operator, world.a)["grant_lines"]) == {
        "administration", "finance", "sales", "logistics",
    }  # fmt: skip
    assert _used(stage, world.a, operator) == 4
    stage.run(f"UPDATE grants SET {change}, last_used_at = NULL WHERE user_id = :i", i=operator.id)
    assert known_as(operator, world.a)["grant_lines"] is None
    assert _used(stage, world.a, operator) == 0


@pytest.mark.parametrize("change", ["state = 'closed'", "kind = 'provider'"])
def test_a_closed_client_is_missing(stage: Any, world: Any, known_as: Any, change: str) -> None:
    stage.run(f"UPDATE tenants SET {change} WHERE id = :i", i=world.a.id)
    for person in (world.a.user, world.operator_a):
        assert known_as(person, world.a)["tenant_id"] is None
    assert _used(stage, world.a, world.operator_a) == 0


def test_a_grant_was_used_by_who_holds_it_and_confirmed(
    stage: Any, world: Any, known_as: Any
) -> None:
    half = token_hash(make_session(stage, world.operator_a, second_factor=False))
    known_as(world.operator_a, world.a, half)
    assert _used(stage, world.a, world.operator_a) == 0
    known_as(world.operator_a, world.a, opens=False)
    assert _used(stage, world.a, world.operator_a) == 0
    known_as(world.operator_a, world.a)
    assert _used(stage, world.a, world.operator_a) == 5
    known_as(world.a.user, world.a)
    known_as(world.operator_both, None)
    for company, person in (
        (world.a, world.operator_both), (world.b, world.operator_both), (world.a, world.supervisor),
    ):  # fmt: skip
        assert _used(stage, company, person) == 0
    moment = "SELECT max(last_used_at) FROM grants WHERE user_id = :i"
    first = stage.value(moment, i=world.operator_a.id)
    known_as(world.operator_a, world.a)
    assert stage.value(moment, i=world.operator_a.id) == first
    stage.run("UPDATE grants SET last_used_at = now() - interval '2 minutes' WHERE user_id = :i",
              i=world.operator_a.id)  # fmt: skip
    known_as(world.operator_a, world.a)
    assert stage.value(moment, i=world.operator_a.id) > first


def test_a_member_who_is_staff_too_uses_no_grant(stage: Any, world: Any, known_as: Any) -> None:
    _joins(stage, world.a, world.operator_a, "client_user")
    assert known_as(world.operator_a, world.a)["member_role"] == "client_user"
    assert _used(stage, world.a, world.operator_a) == 0
    _joins(stage, world.b, world.operator_both, "client_user")
    known_as(world.operator_both, world.a)
    assert _used(stage, world.a, world.operator_both) == 5
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=world.operator_a.id)
    known_as(world.operator_a, world.a)
    assert _used(stage, world.a, world.operator_a) == 5


def _joins(stage: Any, company: Company, person: Person, role: str) -> None:
    stage.run(
        "INSERT INTO members (tenant_id, id, user_id, display_name, email, role, lines)"
        " VALUES (:t, :id, :u, 'x', 'x', :role, '{finance}')",
        t=company.id, id=uuid7(), u=person.id, role=role,
    )  # fmt: skip


def needs(stage: Any, ask: Any, known_as: Any, person: Person) -> tuple[bool, bool]:
    [by_mail] = ask(NOBODY, LOOKUP, email=person.email)
    return known_as(person, None)["needs_second_factor"], by_mail["needs_second_factor"]


LOOKUP = "SELECT * FROM sign_in_lookup(:email)"


def test_who_needs_a_second_factor(stage: Any, world: Any, ask: Any, known_as: Any) -> None:
    a = world.a
    for person in (a.admin, a.approver, world.operator_a, world.provider_admin):
        assert needs(stage, ask, known_as, person) == (True, True)
    assert needs(stage, ask, known_as, a.user) == (False, False)
    stage.run("UPDATE members SET removed_at = now() WHERE tenant_id = :t", t=a.id)
    stage.run("UPDATE staff SET active = false WHERE user_id = :i", i=world.operator_a.id)
    for person in (a.admin, a.approver, world.operator_a):
        assert needs(stage, ask, known_as, person) == (False, False)


def test_signing_in_finds_one_live_account(stage: Any, world: Any, ask: Any) -> None:
    [found] = ask(NOBODY, LOOKUP, email=world.a.user.email)
    assert (found["user_id"], found["has_second_factor"]) == (world.a.user.id, False)
    assert ask(NOBODY, LOOKUP, email="nobody@x.example") == []
    stage.run("UPDATE users SET active = false WHERE id = :i", i=world.a.user.id)
    assert ask(NOBODY, LOOKUP, email=world.a.user.email) == []


def test_my_workspaces_are_mine_and_live(stage: Any, world: Any, ask: Any) -> None:
    def mine(person: Person) -> dict[str, tuple[str | None, int]]:
        scope = Scope(tenant_id=PROVIDER_TENANT, user_id=person.id)
        return {
            row["slug"]: (row["member_role"], len(row["grant_lines"] or {}))
            for row in ask(scope, "SELECT * FROM my_workspaces()")
        }

    a, b, operator = world.a, world.b, world.operator_both
    assert mine(a.user) == {a.slug: ("client_user", 0)}
    assert mine(operator) == {a.slug: (None, 5), b.slug: (None, 5)}
    assert mine(world.operator_none) == {}
    for change in ("ended_at = now()", "expires_at = now() - interval '1 second'"):
        stage.run("UPDATE grants SET ended_at = NULL, expires_at = now() + interval '1 day'"
                  " WHERE user_id = :u", u=operator.id)  # fmt: skip
        stage.run(f"UPDATE grants SET {change} WHERE tenant_id = :t AND user_id = :u",
                  t=b.id, u=operator.id)  # fmt: skip
        assert mine(operator) == {a.slug: (None, 5)}
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=operator.id)
    assert mine(operator) == {}
    for change in ("kind = 'provider'", "state = 'closed'"):
        stage.run("UPDATE tenants SET kind = 'client', state = 'active' WHERE id = :t", t=a.id)
        assert mine(a.admin) == {a.slug: ("client_admin", 0)}
        stage.run(f"UPDATE tenants SET {change} WHERE id = :t", t=a.id)
        assert mine(a.admin) == {}
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=b.user.id)
    assert mine(b.user) == {}
    assert ask(NOBODY, "SELECT * FROM my_workspaces()") == []
