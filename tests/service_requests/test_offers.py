"""A price for what the contract doesn't cover, from the offer to the decision."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.calendars.holidays import default_calendar
from app.service_requests.offers.queries import list_amendments
from app.service_requests.queries import get_request
from app.service_requests.services import offers, work
from tenants.core.errors import Conflict, CoulisseError, Forbidden, Invalid, NotFound
from tests.factories import Person, Stage, World, acting, make_member
from tests.factories.lifecycle import Made, make_request, row_state
from tests.factories.offers import accept, decline, make_offer, make_outside
from tests.factories.people import now

AT = datetime(2026, 8, 12, 9, tzinfo=UTC)


def row(stage: Stage, made: Made) -> Any:
    return stage.rows("SELECT * FROM requests WHERE id = :i", i=made.id)[0]


def states(stage: Stage, made: Made) -> list[str]:
    found = stage.rows(
        "SELECT state FROM request_offers WHERE request_id = :i ORDER BY number", i=made.id
    )
    return [one.state for one in found]


@pytest.fixture
def made(stage: Stage, world: World) -> Made:
    return make_outside(stage, world.a, at=AT)


def test_the_clients_approver_accepts_and_the_work_begins(
    stage: Stage, world: World, made: Made
) -> None:
    make_offer(stage, made, world.operator_a, at=AT)
    assert row_state(stage, made) == "quote_needed"
    assert accept(stage, made, world.a.approver, at=AT)
    found = row(stage, made)
    assert (found.state, found.scope) == ("assigned", "agreed")
    assert found.assignee_id == world.operator_a.id
    actor = world.operator_a.actor(world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        work.start_work(request=get_request(actor=actor, number=made.number), actor=actor, now=AT)
        [amendment] = list_amendments(lines=["finance"])
        assert (amendment.price, amendment.number) == (50_000, made.number)
        assert list_amendments(lines=["hr"]) == []


def test_an_accepted_offer_with_a_later_start_is_planned(
    stage: Stage, world: World, made: Made
) -> None:
    make_offer(stage, made, world.operator_a, at=AT, start_on=date(2026, 8, 20))
    accept(stage, made, world.a.approver, at=AT)
    found = row(stage, made)
    assert (found.state, found.planned_for) == ("planned", date(2026, 8, 20))
    # Two days of work from that Thursday on, not from the acceptance.
    due = default_calendar("FR", "Europe/Paris").closing(date(2026, 8, 21))
    assert stage.value("SELECT due_at FROM requests WHERE id = :r", r=made.id) == due


def test_declined_with_a_reason_it_ends(stage: Stage, world: World, made: Made) -> None:
    make_offer(stage, made, world.operator_a, at=AT)
    decline(stage, made, world.a.approver, at=AT)
    assert (row_state(stage, made), states(stage, made)) == ("cancelled", ["declined"])
    with pytest.raises(Conflict):
        accept(stage, made, world.a.approver, at=AT)


def test_a_newer_offer_takes_the_place_of_the_older(stage: Stage, world: World, made: Made) -> None:
    older = make_offer(stage, made, world.operator_a, at=AT, price=50_000)
    make_offer(stage, made, world.operator_a, at=AT, price=40_000)
    assert states(stage, made) == ["superseded", "open"]
    with pytest.raises(offers.OfferGone):
        accept(stage, made, world.a.approver, at=AT, offer_id=older)
    assert row_state(stage, made) == "quote_needed"
    accept(stage, made, world.a.approver, at=AT)
    assert states(stage, made) == ["superseded", "accepted"]


def test_an_acceptance_is_for_exactly_what_was_shown(
    stage: Stage, world: World, made: Made
) -> None:
    make_offer(stage, made, world.operator_a, at=AT)
    with pytest.raises(offers.OfferGone):
        accept(stage, made, world.a.approver, at=AT, sha256="0" * 64)
    assert states(stage, made) == ["open"]


def test_an_expired_offer_can_not_be_accepted(stage: Stage, world: World, made: Made) -> None:
    make_offer(stage, made, world.operator_a, at=AT, valid_until=date(2026, 8, 14))
    late = datetime(2026, 8, 14, 22, tzinfo=UTC)  # midnight in Paris
    with pytest.raises(offers.OfferExpired):
        accept(stage, made, world.a.approver, at=late)
    assert accept(stage, made, world.a.approver, at=late - timedelta(minutes=1))


def test_above_the_limit_two_different_people_accept(stage: Stage, world: World) -> None:
    made = make_outside(stage, world.a, at=AT, limits={"finance": 50_000})
    second = make_member(stage, world.a, key="second", approver=True)
    make_offer(stage, made, world.operator_a, at=AT, price=50_001)
    assert not accept(stage, made, world.a.approver, at=AT)
    assert row_state(stage, made) == "quote_needed"
    with pytest.raises(offers.AcceptedAlready):
        accept(stage, made, world.a.approver, at=AT)
    assert accept(stage, made, second, at=AT)
    assert row_state(stage, made) == "assigned"


def test_at_the_limit_one_is_enough(stage: Stage, world: World) -> None:
    made = make_outside(stage, world.a, at=AT, limits={"finance": 50_000})
    make_offer(stage, made, world.operator_a, at=AT, price=50_000)
    assert accept(stage, made, world.a.approver, at=AT)


def test_two_who_accept_at_once_agree_once(stage: Stage, world: World) -> None:
    made = make_outside(stage, world.a, at=AT, limits={"finance": 100})
    people = [make_member(stage, world.a, key=f"a{i}", approver=True) for i in range(3)]
    make_offer(stage, made, world.operator_a, at=AT)

    def attempt(person: Person) -> bool | str:
        try:
            return accept(stage, made, person, at=AT)
        except CoulisseError as error:
            return error.code
        except Exception as error:  # noqa: BLE001 - a version that moved on is an answer too
            return type(error).__name__

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(attempt, people))
    assert answers.count(True) <= 1
    given = stage.value("SELECT count(*) FROM offer_decisions WHERE request_id = :i", i=made.id)
    assert given == sum(answer in (True, False) for answer in answers)
    moves = stage.value(
        "SELECT count(*) FROM request_moves WHERE request_id = :i AND verb = 'accept_quote'",
        i=made.id,
    )
    assert moves == answers.count(True)


@pytest.mark.parametrize("person", ["user", "admin", "finance_only"])
def test_only_approvers_decide(stage: Stage, world: World, made: Made, person: str) -> None:
    make_offer(stage, made, world.operator_a, at=AT)
    with pytest.raises(Forbidden):
        accept(stage, made, world.a.people[person], at=AT)
    with pytest.raises(Forbidden):
        decline(stage, made, world.a.people[person], at=AT)


def test_accepting_needs_a_fresh_code(stage: Stage, world: World, made: Made) -> None:
    make_offer(stage, made, world.operator_a, at=AT)
    approver = world.a.approver
    stale = replace(approver.actor(), second_factor_at=now() - timedelta(hours=1))
    with pytest.raises(Forbidden):
        accept(stage, made, approver, at=AT, actor=stale)
    assert states(stage, made) == ["open"]


def test_the_provider_accepts_nothing_and_the_client_offers_nothing(
    stage: Stage, world: World, made: Made
) -> None:
    with pytest.raises(Forbidden):
        make_offer(stage, made, world.a.approver, at=AT)
    make_offer(stage, made, world.operator_a, at=AT)
    reviewer = world.operator_a.actor(world.a, level="review")
    with pytest.raises(Forbidden):
        accept(stage, made, world.operator_a, at=AT, actor=reviewer)


def test_what_the_contract_covers_needs_no_offer(stage: Stage, world: World) -> None:
    made = make_request(stage, world.a, at=AT)
    with pytest.raises(offers.NoOfferNeeded):
        make_offer(stage, made, world.operator_a, at=AT)


def test_after_an_acceptance_there_is_no_other_offer(
    stage: Stage, world: World, made: Made
) -> None:
    make_offer(stage, made, world.operator_a, at=AT)
    accept(stage, made, world.a.approver, at=AT)
    with pytest.raises(offers.NoOfferNeeded):
        make_offer(stage, made, world.operator_a, at=AT)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"price": 0}, "price"),
    ({"price": -5}, "price"),
    ({"price": 100_000_000}, "price"),
    ({"valid_until": date(2026, 8, 11)}, "valid_until"),
    ({"valid_until": date(2027, 8, 13)}, "valid_until"),
    ({"start_on": date(2026, 8, 11)}, "start_on"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=str)
def test_an_offer_that_makes_no_sense_is_refused_at_its_field(
    stage: Stage, world: World, made: Made, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make_offer(stage, made, world.operator_a, at=AT, **wrong)
    assert list(refused.value.field_errors) == [field]
    assert row_state(stage, made) == "new"


def test_an_offer_of_another_request_is_not_found(stage: Stage, world: World, made: Made) -> None:
    other = make_request(stage, world.a, item="finance_question", at=AT)
    offer_id = make_offer(stage, other, world.operator_a, at=AT)
    make_offer(stage, made, world.operator_a, at=AT)
    with pytest.raises(NotFound):
        accept(stage, made, world.a.approver, at=AT, offer_id=offer_id)


def cover(stage: Stage, made: Made, person: Person, level: str) -> None:
    actor = person.actor(made.company, level=level)
    with acting(stage, person.scope(made.company)):
        offers.take_as_covered(
            request=get_request(actor=actor, number=made.number), actor=actor, now=AT,
            reason="a favour",
        )  # fmt: skip


@pytest.mark.parametrize("offered", [False, True])
def test_a_reviewer_takes_it_as_covered(
    stage: Stage, world: World, made: Made, offered: bool
) -> None:
    if offered:
        make_offer(stage, made, world.operator_a, at=AT)
    with pytest.raises(Forbidden):
        cover(stage, made, world.operator_a, "work")
    cover(stage, made, world.supervisor, "review")
    found = row(stage, made)
    assert (found.scope, found.state) == ("in_scope", "assigned" if offered else "new")
    assert states(stage, made) == ["withdrawn"] * offered
    with pytest.raises(offers.NoOfferNeeded):
        cover(stage, made, world.supervisor, "review")


def test_prepared_work_begins_when_the_price_is_accepted(stage: Stage, world: World) -> None:
    make_outside(stage, world.a, at=AT)
    stage.run("DELETE FROM contract_versions WHERE tenant_id = :t", t=world.a.id)
    from tests.factories.contracts import make_contract

    make_contract(stage, world.a, items={"payment_control": {"scope": "offer"}})
    made = make_request(stage, world.a, item="payment_control", at=AT)
    jobs: Callable[[], int] = lambda: stage.value(
        "SELECT count(*) FROM jobs WHERE tenant_id = :t"
        " AND name = 'finance.prepare_payment_control'", t=world.a.id,
    )  # fmt: skip
    make_offer(stage, made, world.operator_a, at=AT)
    assert jobs() == 0
    accept(stage, made, world.a.approver, at=AT)
    assert jobs() == 1
