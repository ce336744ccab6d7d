"""What the product takes the sender of a token for: each condition of `token_context`, and what it
notes of a use."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.core.crypto import token_hash
from tenants.scoping import NOBODY
from tests.factories import make_grant
from tests.factories.people import Company, Person
from tests.factories.tokens import make_token
from tests.isolation.test_account_functions import also_in, becomes_staff, leaves

TOKEN = "SELECT * FROM token_context(:hash)"


def unused(stage: Any, company: Company, person: Person) -> str:
    """The hash of a token that nobody has sent yet."""
    hashed = token_hash(make_token(stage, company, person))
    stage.run("UPDATE api_tokens SET last_used_at = NULL WHERE token_hash = :h", h=hashed)
    return hashed


@pytest.fixture
def sent_by(stage: Any, ask: Any) -> Any:
    """The one answer to a token of this person for this company; the same token each time."""
    made: dict[tuple[Any, Any], str] = {}

    def known(person: Person, company: Company) -> Any:
        key = (person.id, company.id)
        if key not in made:
            made[key] = unused(stage, company, person)
        found = ask(NOBODY, TOKEN, hash=made[key])
        assert len(found) <= 1
        return found[0] if found else None

    return known


def marks(stage: Any, company: Company, person: Person) -> tuple[int, int]:
    """How many of a person's tokens and grants in a company were used; then none is any more."""
    found = []
    for table in ("api_tokens", "grants"):
        where = "tenant_id = :t AND user_id = :u"
        found.append(
            stage.value(
                f"SELECT count(*) FROM {table} WHERE {where} AND last_used_at IS NOT NULL",
                t=company.id, u=person.id,
            )
        )  # fmt: skip
        stage.run(f"UPDATE {table} SET last_used_at = NULL WHERE {where}",
                  t=company.id, u=person.id)  # fmt: skip
    return found[0], found[1]


def test_a_members_token_speaks_for_the_member(stage: Any, world: Any, sent_by: Any) -> None:
    a, b = world.a, world.b
    stage.run(
        "INSERT INTO members (tenant_id, user_id, display_name, email, role, approver, lines)"
        " VALUES (:t, :u, 'x', 'x', 'client_admin', true, '{hr}')", t=b.id, u=a.user.id,
    )  # fmt: skip
    found = sent_by(a.user, a)
    assert (found["user_id"], found["tenant_id"], found["tenant_slug"]) == (
        a.user.id, a.id, a.slug,
    )  # fmt: skip
    assert (found["member_role"], found["approver"], found["member_name"]) == (
        "client_user", False, a.user.name,
    )  # fmt: skip
    assert (found["staff_role"], found["grant_lines"]) == (None, None)
    assert sent_by(a.approver, a)["approver"] is True
    assert sent_by(a.user, b)["member_role"] == "client_admin"


def test_an_operators_token_speaks_for_the_grants_there(
    stage: Any, world: Any, sent_by: Any
) -> None:
    a, both = world.a, world.operator_both
    make_grant(stage, world.b, both, lines=("legal",), level="review")
    found = sent_by(both, a)
    assert (found["user_id"], found["tenant_id"]) == (both.id, a.id)
    assert (found["member_role"], found["staff_role"]) == (None, "operator")
    assert set(found["grant_lines"].values()) == {"work"}
    assert "legal" not in found["grant_lines"]
    assert sent_by(world.operator_none, a) is None


def test_an_unknown_token_is_nobody(stage: Any, world: Any, ask: Any) -> None:
    make_token(stage, world.a, world.a.user)
    assert ask(NOBODY, TOKEN, hash=token_hash("coulisse_none")) == []


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE api_tokens SET ended_at = now() WHERE user_id = :u",
        "UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE user_id = :u",
        "UPDATE users SET active = false WHERE id = :u",
        "UPDATE tenants SET state = 'closed' WHERE id = :t",
        "UPDATE tenants SET kind = 'provider' WHERE id = :t",
        "UPDATE staff SET active = false WHERE user_id = :u",
        "UPDATE members SET removed_at = now() WHERE user_id = :u",
        "UPDATE grants SET ended_at = now() WHERE user_id = :u",
        "UPDATE grants SET expires_at = now() - interval '1 second' WHERE user_id = :u",
    ],
)
def test_what_ended_is_nobody_and_leaves_no_mark(
    stage: Any, world: Any, sent_by: Any, end: str
) -> None:
    a = world.a
    people = [a.user, world.operator_a]
    if "staff" in end or "grants" in end:
        people = [world.operator_a]
    if "members" in end:
        people = [a.user]
    for person in people:
        assert sent_by(person, a), end
        assert marks(stage, a, person)[0] == 1
        values = {"u": person.id} if ":u" in end else {"t": a.id}
        stage.run(end, **values)
        assert sent_by(person, a) is None, end
        of_token, of_grants = marks(stage, a, person)
        assert of_grants == 0, end
        assert of_token == 0 or "api_tokens" not in end
        stage.run("UPDATE tenants SET state = 'active', kind = 'client' WHERE id = :t", t=a.id)


def test_a_member_who_left_is_what_else_they_are(stage: Any, world: Any, sent_by: Any) -> None:
    a, person = world.a, world.operator_a
    also_in(stage, a, person)
    found = sent_by(person, a)
    assert (found["member_role"], found["staff_role"]) == ("client_user", "operator")
    # A member's use is not the grant's.
    assert marks(stage, a, person) == (1, 0)
    leaves(stage, a, person)
    assert sent_by(person, a)["member_role"] is None
    assert marks(stage, a, person) == (1, 5)


def test_staff_who_left_are_members_only(stage: Any, world: Any, sent_by: Any) -> None:
    becomes_staff(stage, world.a.user, active=False)
    assert sent_by(world.a.user, world.a)["staff_role"] is None


def test_a_use_marks_the_token_and_its_holders_live_grants(
    stage: Any, world: Any, sent_by: Any
) -> None:
    a, b, person = world.a, world.b, world.operator_both
    also_in(stage, b, person)
    for other, company in ((world.operator_a, a), (person, b)):
        unused(stage, company, other)
    change = "UPDATE grants SET {} WHERE tenant_id = :t AND user_id = :u AND line = :line"
    stage.run(change.format("ended_at = now()"), t=a.id, u=person.id, line="hr")
    stage.run(change.format("expires_at = now()"), t=a.id, u=person.id, line="sales")
    assert sent_by(person, a)
    assert marks(stage, a, person) == (1, 3)
    assert marks(stage, a, world.operator_a) == (0, 0)
    assert marks(stage, b, person) == (0, 0)


@pytest.mark.parametrize(("ago", "renewed"), [("30 seconds", False), ("2 minutes", True)])
def test_a_use_is_noted_once_a_minute(
    stage: Any, world: Any, sent_by: Any, ago: str, renewed: bool
) -> None:
    a, person = world.a, world.operator_a
    assert sent_by(person, a)
    for table in ("api_tokens", "grants"):
        stage.run(
            f"UPDATE {table} SET last_used_at = now() - CAST(:ago AS interval)"
            " WHERE tenant_id = :t AND user_id = :u", ago=ago, t=a.id, u=person.id,
        )  # fmt: skip
    assert sent_by(person, a)
    for table in ("api_tokens", "grants"):
        fresh = stage.value(
            f"SELECT bool_and(last_used_at > now() - interval '10 seconds') FROM {table}"
            " WHERE tenant_id = :t AND user_id = :u", t=a.id, u=person.id,
        )  # fmt: skip
        assert fresh is renewed, table
