"""What the provider's administrators reach without a grant: people and figures of a client, by
their own endpoints; and nobody else reaches those."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tenants.core.db import db
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tests.factories import acting, make_staff
from tests.factories.credits import make_contest, make_credit
from tests.isolation import examples
from tests.isolation.test_walk import administrative, without

KINDS = ("provider", "company", "new_company")
FUNCTIONS = {
    "company_figures": "SELECT count(*) FROM company_figures(ARRAY[CAST(:t AS uuid)])",
    "staff_facts": "SELECT count(*) FROM staff_facts()",
    "staff_reach": "SELECT count(*) FROM staff_reach(CAST(:u AS uuid))",
    "listed_credits": "SELECT count(*) FROM listed_credits('', '')",
    "listed_contests": "SELECT count(*) FROM listed_contests('', '')",
    "departure_states": "SELECT count(*) FROM departure_states(CAST(:d AS uuid))",
    "end_staff_sessions": "SELECT end_staff_sessions(CAST(:u AS uuid))",
    "start_departure": "SELECT start_departure(CAST(:u AS uuid), uuidv7(), ARRAY[CAST(:t AS uuid)], '')",
}  # fmt: skip


def test_only_provider_administrators_administer(
    app: Any, world: Any, cases: Any, sign_in_as: Any
) -> None:
    """Everybody else is refused alike, whether the client exists or not."""
    wrong = []
    for person in (
        *world.a.people.values(),
        world.operator_a,
        world.operator_none,
        world.supervisor,
    ):
        browser = sign_in_as(person)
        for rule, method in examples.tenant_rules(app, *KINDS):
            for slug in (world.a.slug, "no-such-client"):
                path = examples.build(app, rule, {**cases[0].values, "slug": slug})
                page = browser.open(path, method=method)
                if page.status_code != 403:
                    wrong.append((person.name, method, path, page.status_code))
    assert not wrong


@pytest.mark.looks
def test_administrators_see_no_content(app: Any, world: Any, cases: Any, sign_in_as: Any) -> None:
    """Every page of theirs shows names of people and companies, and no other word of a client."""
    browser, wrong = sign_in_as(world.provider_admin), []
    allowed = administrative([world.a, world.b])
    for rule, method in examples.tenant_rules(app, *KINDS):
        if method != "GET":
            continue
        path = examples.build(app, rule, cases[0].values)
        page = browser.get(path)
        body = without(page.get_data().decode(), allowed)
        if page.status_code != 200 or world.a.canary in body or world.b.canary in body:
            wrong.append((path, page.status_code))
    assert not wrong


@pytest.mark.looks
def test_unknown_and_foreign_are_missing(app: Any, world: Any, cases: Any, sign_in_as: Any) -> None:
    browser, wrong = sign_in_as(world.provider_admin), []
    a, b = cases
    for rule, method in examples.tenant_rules(app, "company"):
        nowhere = examples.build(app, rule, {**a.values, "slug": "no-such-client"})
        paths = [nowhere, examples.build(app, rule, {**a.values, "slug": "provider"})]
        paths += [
            examples.build(app, rule, {**a.values, name: value})
            for name in rule.arguments - {"slug"}
            for value in (b.values[name], examples.missing(name))
            # What every company has alike is nobody else's.
            if name not in examples.SHARED or value != a.values[name]
        ]
        for path in paths:
            page = browser.open(path, method=method, data={"level": "work"})
            if page.status_code != 404:
                wrong.append((method, path, page.status_code))
    assert not wrong


@pytest.mark.looks
def test_without_a_grant_no_client_page_opens(
    app: Any, world: Any, cases: Any, sign_in_as: Any
) -> None:
    browser = sign_in_as(world.provider_admin)
    pages = [
        (path, browser.open(path, method=method).status_code)
        for rule, method in examples.tenant_rules(app)
        for path in [examples.build(app, rule, cases[0].values)]
    ]
    assert [page for page in pages if page[1] != 404] == []


def counted(stage: Any, scope: Scope, statement: str, **values: Any) -> int:
    with acting(stage, scope):
        return int(db.session.execute(text(statement), values).scalar_one())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_answer_provider_administrators_only(stage: Any, world: Any, name: str) -> None:
    """In the provider's own scope, by an administrator who works there still."""
    former = make_staff(stage, role="provider_admin")
    left = make_staff(stage)
    for person in (former, left):
        stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=person.id)
    stage.run(
        "INSERT INTO sign_in_sessions (token_hash, user_id) VALUES (:h, :u)",
        h=left.id.hex,
        u=left.id,
    )
    stage.run("INSERT INTO grants (tenant_id, user_id, display_name, line, level, reason, expires_at)"
              " VALUES (:t, :u, 'x', 'finance', 'work', 'x', now() + interval '1 day')",
              t=world.a.id, u=left.id)  # fmt: skip
    departure = left.id
    stage.run(
        "INSERT INTO jobs (tenant_id, name, queue, args, idempotency_key)"
        " VALUES (:t, 'x.y', 'default', '{}', :k)", t=world.a.id, k=f"departure:{departure}",
    )  # fmt: skip
    make_credit(stage, world.a)
    make_contest(stage, world.a)
    values = {"t": world.a.id, "u": left.id, "d": departure}
    known = {k: v for k, v in values.items() if f":{k}" in FUNCTIONS[name]}
    admin = world.provider_admin.id
    others = [
        Scope(tenant_id=PROVIDER_TENANT, user_id=admin), Scope(tenant_id=PROVIDER_TENANT),
        Scope(tenant_id=PROVIDER_TENANT, side="provider"),
        Scope(tenant_id=world.a.id, user_id=admin, side="provider"),
        Scope(tenant_id=world.a.id, user_id=admin, side="administration"),
        Scope(user_id=admin, side="provider"),
        *(Scope(tenant_id=PROVIDER_TENANT, user_id=one.id, side="provider")
          for one in (world.supervisor, world.operator_a, former, world.a.admin)),
    ]  # fmt: skip
    assert [counted(stage, scope, FUNCTIONS[name], **known) for scope in others] == [0] * len(
        others
    )
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=admin, side="provider")
    assert counted(stage, scope, FUNCTIONS[name], **known) > 0


@pytest.mark.parametrize("name", ["end_staff_sessions", "start_departure"])
def test_nobody_is_ended_who_works_here(stage: Any, world: Any, name: str) -> None:
    values = {"t": world.a.id, "u": world.operator_a.id}
    stage.run("INSERT INTO sign_in_sessions (token_hash, user_id) VALUES (:h, :u)",
              h=world.operator_a.id.hex, u=world.operator_a.id)  # fmt: skip
    known = {k: v for k, v in values.items() if f":{k}" in FUNCTIONS[name]}
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=world.provider_admin.id, side="provider")
    assert counted(stage, scope, FUNCTIONS[name], **known) == 0


def test_companies_are_listed_in_the_providers_scope_only(stage: Any, world: Any) -> None:
    listed = "SELECT count(*) FROM tenants WHERE id = :t"
    own = Scope(tenant_id=PROVIDER_TENANT, user_id=world.provider_admin.id, side="provider")
    assert counted(stage, own, listed, t=world.a.id) == 1
    for scope in (
        Scope(tenant_id=PROVIDER_TENANT, user_id=world.a.user.id), Scope(side="provider"),
        Scope(tenant_id=world.b.id, side="provider"),
        Scope(tenant_id=world.b.id, side="administration"),
    ):  # fmt: skip
        assert counted(stage, scope, listed, t=world.a.id) == 0
