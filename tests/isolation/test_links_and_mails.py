"""Functions that serve before anyone is known: accounts, links, Stripe's customers, and whom a mail
may reach."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tenants.core.crypto import token_hash
from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.scoping import NOBODY, Scope


def test_an_account_is_made_once_and_found_again(stage: Any, world: Any, ask: Any) -> None:
    ensure = "SELECT ensure_user(:id, :email, 'Somebody', 'de') AS id"
    known = world.a.user
    [found] = ask(NOBODY, ensure, id=uuid7(), email=known.email.upper())
    assert found["id"] == known.id
    name = stage.value("SELECT display_name FROM users WHERE id = :i", i=known.id)
    assert name == known.name
    fresh = uuid7()
    [found] = ask(NOBODY, ensure, id=fresh, email=f"{fresh}@x.example")
    assert found["id"] == fresh


def test_a_link_is_for_its_person_once_and_for_a_time(stage: Any, world: Any, ask: Any) -> None:
    start = "SELECT * FROM start_user_token(:email, 'reset', :hash, CAST(:life AS interval))"
    of = "SELECT * FROM user_of_token(:hash)"
    person = world.a.user

    def made(life: str, email: str = person.email) -> str:
        hashed = token_hash(uuid4().hex)
        found = ask(NOBODY, start, email=email, hash=hashed, life=life)
        assert [row["user_id"] for row in found] == ([person.id] if email == person.email else [])
        return hashed

    good, late, nobodys = made("1 hour"), made("-1 second"), made("1 hour", "nobody@x.example")
    assert [row["user_id"] for row in ask(NOBODY, of, hash=good)] == [person.id]
    for hashed in (late, nobodys, token_hash("x")):
        assert ask(NOBODY, of, hash=hashed) == []
    count = "SELECT count(*) FROM user_tokens WHERE token_hash = :h"
    assert stage.value(count, h=nobodys) == 0
    stage.run("UPDATE user_tokens SET used_at = now() WHERE token_hash = :h", h=good)
    assert ask(NOBODY, of, hash=good) == []
    other = made("1 hour")
    stage.run("UPDATE users SET active = false WHERE id = :i", i=person.id)
    assert ask(NOBODY, of, hash=other) == []
    hashed = token_hash(uuid4().hex)
    assert ask(NOBODY, start, email=person.email, hash=hashed, life="1 hour") == []
    assert stage.value(count, h=hashed) == 0


def test_a_stripe_customer_is_one_clients(stage: Any, world: Any, ask: Any) -> None:
    for company in world.companies:
        stage.run("INSERT INTO stripe_customers (stripe_customer_id, owner_tenant) VALUES (:c, :t)",
                  c=f"cus_{company.id}", t=company.id)  # fmt: skip
    owner = "SELECT stripe_customer_owner(:c) AS id"
    for company in world.companies:
        assert [row["id"] for row in ask(NOBODY, owner, c=f"cus_{company.id}")] == [company.id]
    assert [row["id"] for row in ask(NOBODY, owner, c="cus_none")] == [None]


def test_mails_go_to_whoever_belongs_here(stage: Any, world: Any, ask: Any) -> None:
    a, b = world.a, world.b
    people = [a.user, a.admin, b.user, world.operator_a, world.operator_b, world.operator_none]
    ids = [person.id for person in people]

    def told(scope: Scope, wanted: list[UUID] = ids) -> set[UUID]:
        found = ask(scope, "SELECT * FROM mail_recipients(:ids)", ids=wanted)
        return {row["user_id"] for row in found}

    here = Scope(tenant_id=a.id, side="provider")
    assert told(here) == {a.user.id, a.admin.id, world.operator_a.id}
    assert told(here, [b.user.id]) == set()
    assert told(NOBODY) == told(Scope(tenant_id=uuid4(), side="provider")) == set()
    assert told(Scope(tenant_id=PROVIDER_TENANT, side="provider")) == set(ids)
    for tenant_id in (a.id, PROVIDER_TENANT):
        assert told(Scope(tenant_id=tenant_id, user_id=a.user.id, side="client")) == set()
    stage.run("UPDATE members SET removed_at = now() WHERE user_id = :u", u=a.admin.id)
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=world.operator_a.id)
    assert told(here) == {a.user.id}
    stage.run("UPDATE users SET active = false WHERE id = :u", u=a.user.id)
    assert told(here) == set()
