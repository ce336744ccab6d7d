"""Two administrators agree on more than the plan has, and one says what may stand open."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from billing.limits.queries import seats
from billing.models import BillingAccount
from tests.factories import Company, Person, Stage, World, acting
from tests.factories.limits import make_override
from tests.factories.people import make_staff, now

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def admin(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


@pytest.fixture
def other(stage: Stage, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(make_staff(stage, role="provider_admin", name="Second admin"))


@pytest.fixture
def account(stage: Stage, world: World) -> Company:
    stage.add(
        BillingAccount,
        {"tenant_id": world.a.id, "plan_key": "essential", "currency": "EUR", "country": "FR",
         "billing_name": world.a.text("name"), "billing_email": "x@y.example",
         "requested_at": now()},
    )  # fmt: skip
    return world.a


def url(company: Company, path: str = "") -> str:
    return f"/provider/companies/{company.slug}/limits{path}"


def typed(**changes: Any) -> dict[str, Any]:
    until = (now() + timedelta(days=30)).date().isoformat()
    return {"feature": "seats", "value": "9", "until": until, "reason": "harvest", **changes}


def rows(stage: Stage, company: Company) -> list[tuple[Any, ...]]:
    found = stage.rows(
        "SELECT feature, value, verdict FROM entitlement_overrides WHERE tenant_id = :t"
        " ORDER BY asked_at",
        t=company.id,
    )
    return [tuple(row) for row in found]


def most(stage: Stage, world: World, company: Company) -> int | None:
    with acting(stage, world.provider_admin.scope(company)):
        return seats(now=now()).most


def test_it_counts_once_somebody_else_approved_it(
    stage: Stage, world: World, account: Company, admin: FlaskClient, other: FlaskClient
) -> None:
    assert admin.post(url(account, "/new"), data=typed()).status_code == 303
    waits = stage.value("SELECT id FROM entitlement_overrides WHERE tenant_id = :t", t=account.id)
    assert "Another administrator has to approve it." in admin.get(url(account)).text
    own = admin.post(url(account, f"/{waits}/approve"))
    assert own.status_code == 403
    assert "Somebody else has to approve" in own.text
    assert most(stage, world, account) == 5
    assert other.post(url(account, f"/{waits}/approve")).status_code == 303
    assert most(stage, world, account) == 9
    assert "agreed until" in other.get(url(account)).text
    for again in ("approve", "refuse"):
        assert other.post(url(account, f"/{waits}/{again}")).status_code == 409
    said = stage.rows(
        "SELECT name FROM audit_events WHERE tenant_id = :t AND name LIKE 'billing.limit.%'"
        " ORDER BY at, id",
        t=account.id,
    )
    assert [row.name for row in said] == ["billing.limit.asked", "billing.limit.approved"]


def test_one_waits_at_a_time_and_is_refused_or_taken_back(
    stage: Stage, account: Company, admin: FlaskClient, other: FlaskClient
) -> None:
    for verdict, who in (("withdrawn", admin), ("refused", other)):
        assert admin.post(url(account, "/new"), data=typed()).status_code == 303
        second = admin.post(url(account, "/new"), data=typed(value="12"))
        assert second.status_code == 409
        assert "waits for its decision" in second.text
        waits = stage.value(
            "SELECT id FROM entitlement_overrides WHERE tenant_id = :t AND verdict IS NULL",
            t=account.id,
        )
        assert who.post(url(account, f"/{waits}/refuse")).status_code == 303
        assert rows(stage, account)[-1][2] == verdict


@pytest.mark.parametrize(
    "change",
    [{"value": "0"}, {"value": "many"}, {"until": "2020-01-01"}, {"until": "2090-01-01"},
     {"feature": "meters"}, {"reason": ""}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(
    stage: Stage, account: Company, admin: FlaskClient, change: dict[str, str]
) -> None:
    assert admin.post(url(account, "/new"), data=typed(**change)).status_code == 422
    assert rows(stage, account) == []


def test_one_that_is_over_can_not_be_approved(
    stage: Stage, account: Company, admin: FlaskClient
) -> None:
    over = make_override(stage, account)
    stage.run(
        "UPDATE entitlement_overrides SET asked_at = now() - interval '9 days',"
        " expires_at = now() - interval '1 day' WHERE id = :i",
        i=over,
    )
    assert admin.post(url(account, f"/{over}/approve")).status_code == 409


def test_the_database_refuses_who_asked_as_who_approves(stage: Stage, account: Company) -> None:
    own = make_override(stage, account)
    with pytest.raises(IntegrityError, match="checker_is_not_maker"):
        stage.run(
            "UPDATE entitlement_overrides SET verdict = 'approved', decided_by = asked_by,"
            " decided_at = now() WHERE id = :i",
            i=own,
        )


def test_foreign_and_missing_are_the_same(
    stage: Stage, world: World, account: Company, admin: FlaskClient, other: FlaskClient
) -> None:
    theirs = make_override(stage, world.b)
    for one in (theirs, uuid4()):
        assert other.post(url(account, f"/{one}/approve")).status_code == 404
    assert rows(stage, world.b)[0][2] is None


def test_what_may_stand_open_is_changed_with_a_trace(
    stage: Stage, account: Company, admin: FlaskClient
) -> None:
    page = url(account, "/exposure")
    assert admin.post(page, data={"limit": "1200.50"}).status_code == 303
    found = "SELECT credit_exposure_limit FROM billing_accounts WHERE tenant_id = :t"
    assert stage.value(found, t=account.id) == 120_050
    assert admin.post(page, data={"limit": "-1"}).status_code == 422
    assert admin.post(page, data={"limit": ""}).status_code == 303
    assert stage.value(found, t=account.id) is None
    said = stage.rows(
        "SELECT facts FROM audit_events WHERE tenant_id = :t"
        " AND name = 'billing.exposure_limit.changed' ORDER BY at, id",
        t=account.id,
    )
    facts = [json.loads(row.facts) for row in said]
    assert [(one["before"], one["after"]) for one in facts] == [
        (None, 120_050), (120_050, None),
    ]  # fmt: skip


def test_without_an_account_there_is_nothing_to_change(world: World, admin: FlaskClient) -> None:
    assert "There is no account yet" in admin.get(url(world.b)).text
    assert admin.post(url(world.b, "/exposure"), data={"limit": "5"}).status_code == 404


def test_only_administrators_of_the_provider_reach_it(
    world: World, account: Company, sign_in_as: SignIn
) -> None:
    for person in (world.operator_a, world.supervisor, world.a.admin):
        assert sign_in_as(person).get(url(account)).status_code in (403, 404)
