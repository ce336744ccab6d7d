"""Two administrators agree on a price: what each of them may, and what the database refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from billing.prices import services
from billing.prices.in_force import Proposal, in_force, turns, unit_amount
from billing.prices.models import PriceDecision, PriceOverride
from billing.prices.queries import list_proposals
from tenants.core.db import db
from tenants.core.errors import Conflict
from tests.factories import Company, Person, Stage, World, acting
from tests.factories.people import make_staff, now
from tests.factories.plans import STATEMENT_LINES
from tests.factories.prices import REASON, make_price, midnight, next_month

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def admin(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


@pytest.fixture
def other(stage: Stage) -> Person:
    return make_staff(stage, role="provider_admin", name="Second admin")


def url(company: Company, path: str = "") -> str:
    return f"/provider/companies/{company.slug}/prices{path}"


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "price": STATEMENT_LINES.lookup_key, "amount": "0.30",
        "starts_on": next_month(now()).isoformat(), "last_month": "", "reason": "volume", **changes,
    }  # fmt: skip


def decisions(stage: Stage, company: Company) -> list[tuple[str, str]]:
    rows = stage.rows("SELECT verdict, reason FROM price_decisions WHERE tenant_id = :t"
                      " ORDER BY decided_at", t=company.id)  # fmt: skip
    return [(row.verdict, row.reason) for row in rows]


def events(stage: Stage, company: Company) -> list[Any]:
    return list(stage.rows(
        "SELECT name, actor_id, facts FROM audit_events WHERE tenant_id = :t"
        " AND name LIKE 'billing.price.%' ORDER BY at, id", t=company.id,
    ))  # fmt: skip


def test_nobody_approves_their_own(
    stage: Stage, world: World, admin: FlaskClient, other: Person, sign_in_as: SignIn
) -> None:
    assert admin.post(url(world.a, "/new"), data=typed()).status_code == 303
    price = stage.value("SELECT id FROM price_overrides WHERE tenant_id = :t", t=world.a.id)
    page = admin.get(url(world.a)).text
    assert "Another administrator has to approve it." in page
    assert f"{price}/approve" not in page
    refused = admin.post(url(world.a, f"/{price}/approve"))
    assert refused.status_code == 403
    assert "Somebody else has to approve" in refused.text
    assert decisions(stage, world.a) == []

    checker = sign_in_as(other)
    assert f"{price}/approve" in checker.get(url(world.a)).text
    assert checker.post(url(world.a, f"/{price}/approve")).status_code == 303
    assert decisions(stage, world.a) == [("approved", "")]
    again = checker.post(url(world.a, f"/{price}/refuse"), data={"reason": "no"})
    assert again.status_code == 409
    told = events(stage, world.a)
    assert [(one.name, one.actor_id) for one in told] == [
        ("billing.price.proposed", world.provider_admin.id), ("billing.price.approved", other.id),
    ]  # fmt: skip
    assert json.loads(told[0].facts)["reason"] == "volume"


def test_the_database_itself_wants_two_people(stage: Stage, world: World) -> None:
    maker = world.provider_admin
    price = make_price(stage, world.a, proposed_by=maker.id)
    row = {
        "tenant_id": world.a.id, "override_id": price, "proposed_by": maker.id,
        "verdict": "approved", "decided_by": maker.id, "decided_by_name": "x", "decided_at": now(),
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="checker_is_not_maker"):
        stage.add(PriceDecision, row)
    # Nor under a maker's name that isn't the proposal's.
    with pytest.raises(IntegrityError, match="fk_price_decisions"):
        stage.add(PriceDecision, row | {"proposed_by": uuid4()})


@pytest.mark.parametrize("change", [
    "UPDATE price_overrides SET unit_amount = 1", "DELETE FROM price_overrides",
    "UPDATE price_overrides SET ends_on = '2030-01-01'", "DELETE FROM price_decisions",
    "UPDATE price_decisions SET verdict = 'approved'",
])  # fmt: skip
def test_what_was_said_stays(stage: Stage, world: World, change: str) -> None:
    make_price(stage, world.a, approved=True)
    with pytest.raises(ProgrammingError, match="permission denied"), acting(stage, world.a.scope):
        db.session.execute(text(change))


def test_refused_with_a_reason_and_taken_back_without(
    stage: Stage, world: World, admin: FlaskClient, other: Person, sign_in_as: SignIn
) -> None:
    price = make_price(stage, world.a, proposed_by=other.id)
    answer = admin.post(url(world.a, f"/{price}/refuse"), data={"reason": " "})
    assert answer.status_code == 422
    assert "Say why." in answer.text
    answer = admin.post(url(world.a, f"/{price}/refuse"), data={"reason": "Too low"})
    assert answer.status_code == 303
    own = make_price(stage, world.a, proposed_by=world.provider_admin.id)
    assert admin.post(url(world.a, f"/{own}/refuse")).status_code == 303
    assert decisions(stage, world.a) == [("refused", "Too low"), ("withdrawn", "")]
    page = admin.get(url(world.a)).text
    assert "Too low" in page
    with acting(stage, world.a.scope):
        found = list_proposals()
        assert unit_amount(found, STATEMENT_LINES, next_month(now())) == STATEMENT_LINES.unit_amount


def test_too_late_is_said(stage: Stage, world: World, other: Person) -> None:
    price = make_price(stage, world.a, proposed_by=other.id)
    first = midnight(next_month(now()))
    actor = world.provider_admin.actor(world.a)
    with acting(stage, world.provider_admin.scope(world.a)):
        for late in (first - timedelta(minutes=59), first + timedelta(days=3)):
            with pytest.raises(Conflict, match="first month has begun"):
                services.approve_price(override_id=price, actor=actor, now=late)
        services.approve_price(override_id=price, actor=actor, now=first - timedelta(hours=1))


@pytest.mark.parametrize(("changes", "words"), [
    ({"starts_on": "2026-01-01"}, "This month has begun. Choose a later one."),
    ({"starts_on": next_month(now()).replace(day=2).isoformat()}, "Choose one of the list."),
    ({"starts_on": next_month(now(), 3).isoformat(), "last_month": next_month(now()).isoformat()},
     "The last month can&#39;t lie before the first one."),
    ({"amount": "-1"}, "Give a price between 0 and 1,000,000."),
    ({"amount": "1e99"}, "Give a price between 0 and 1,000,000."),
    ({"amount": "0.12345"}, "A price has at most four decimals."),
    ({"amount": "cheap"}, "field-error"),
    ({"reason": ""}, "field-error"),
    ({"price": "vat_fr_20"}, "Choose one of the list."),
])  # fmt: skip
def test_refusals_stand_at_their_field(
    stage: Stage, world: World, admin: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    answer = admin.post(url(world.a, "/new"), data=typed(**changes))
    assert answer.status_code == 422, answer.text
    assert words in answer.text
    assert not stage.rows("SELECT 1 FROM price_overrides WHERE tenant_id = :t", t=world.a.id)


def test_one_proposal_at_a_time(world: World, admin: FlaskClient) -> None:
    assert admin.post(url(world.a, "/new"), data=typed()).status_code == 303
    answer = admin.post(url(world.a, "/new"), data=typed(amount="0.29"))
    assert answer.status_code == 409
    assert "waits for its decision" in answer.text
    assert "1 proposal waits" in admin.get(f"/provider/companies/{world.a.slug}/contract").text


def test_who_is_alone_reads_that_a_second_one_is_needed(
    stage: Stage, world: World, admin: FlaskClient
) -> None:
    stage.run("UPDATE staff SET active = false WHERE role = 'provider_admin' AND user_id <> :u",
              u=world.provider_admin.id)  # fmt: skip
    words = "A second administrator is needed"
    assert words in admin.get(url(world.a)).text
    make_staff(stage, role="provider_admin")
    assert words not in admin.get(url(world.a)).text


def test_the_client_reads_no_reason_and_no_proposal(
    stage: Stage, world: World, sign_in_as: SignIn
) -> None:
    make_price(stage, world.a, unit_amount=STATEMENT_LINES.unit_amount - 3)
    browser = sign_in_as(world.a.admin)
    for path in ("contract", "subscription"):
        page = browser.get(world.a.url(path)).text
        assert "€0.295" not in page
    make_price(stage, world.a, unit_amount=STATEMENT_LINES.unit_amount - 4, approved=True)
    page = browser.get(world.a.url("contract")).text
    assert "€0.285" in page
    assert REASON not in page
    # Whoever doesn't see the bill sees no prices.
    assert "€0.285" not in sign_in_as(world.a.user).get(world.a.url("contract")).text


MONTHS = [next_month(now(), ahead) for ahead in range(8)]
AGREED = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 7) | st.none(), st.integers(0, 99)), max_size=6
)


@given(AGREED)
def test_a_month_has_the_price_approved_last(agreed: list[tuple[int, int | None, int]]) -> None:
    """Against going through the approvals in their order and writing each over its months."""
    proposals: list[Proposal] = []
    wanted = dict.fromkeys(MONTHS, STATEMENT_LINES.unit_amount)
    for number, (start, length, amount) in enumerate(agreed):
        ends = MONTHS[start + length] if length and start + length < len(MONTHS) else None
        row = PriceOverride(
            id=uuid4(), lookup_key=STATEMENT_LINES.lookup_key, unit_amount=amount,
            starts_on=MONTHS[start], ends_on=ends,
        )  # fmt: skip
        decision = PriceDecision(
            id=uuid4(), verdict="approved", decided_at=now() + timedelta(minutes=number)
        )
        proposals.insert(0, Proposal(row, decision))
        for month in MONTHS:
            if month >= MONTHS[start] and (ends is None or month < ends):
                wanted[month] = Decimal(amount)
    found = {month: unit_amount(proposals, STATEMENT_LINES, month) for month in MONTHS}
    assert found == wanted
    # The price changes on no other day than those that are said to Stripe.
    changing = {day for before, day in pairwise(MONTHS)
                if in_force(proposals, STATEMENT_LINES, before)
                is not in_force(proposals, STATEMENT_LINES, day)}  # fmt: skip
    assert changing <= set(turns(proposals, MONTHS[0]))
