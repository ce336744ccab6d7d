"""What the contract covers: judged when a request is raised, once for a last place, by the month of
the client's zone; no work before a price is accepted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.service_requests.queries import get_request
from app.service_requests.scope import month_of, stand
from app.service_requests.services import ending, work
from app.service_requests.services.scope_guard import OfferNeeded
from tests.contracts.test_terms import terms
from tests.factories import Company, Stage, World, acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import Made, make_request

AUGUST = datetime(2026, 8, 12, 9, tzinfo=UTC)
QUOTA = {"finance_question": {"scope": "quota", "quota": 2}}


def scope_of(stage: Stage, made: Made) -> str:
    found: str = stage.value("SELECT scope FROM requests WHERE id = :i", i=made.id)
    return found


def raised(stage: Stage, company: Company, *ats: datetime) -> list[str]:
    return [scope_of(stage, make_request(stage, company, at=at)) for at in ats]


def test_without_a_contract_everything_is_in_scope(stage: Stage, world: World) -> None:
    assert raised(stage, world.a, AUGUST) == ["in_scope"]


def test_what_goes_beyond_the_quota_of_the_month_needs_an_offer(stage: Stage, world: World) -> None:
    make_contract(stage, world.a, items=QUOTA)
    month_end = datetime(2026, 8, 31, 21, 59, tzinfo=UTC)
    ats = (AUGUST, AUGUST + timedelta(days=1), month_end, month_end + timedelta(minutes=1))
    # 22:00 UTC is midnight in Paris: September's first.
    assert raised(stage, world.a, *ats) == ["in_scope", "in_scope", "quota_used_up", "in_scope"]
    assert raised(stage, world.b, AUGUST, AUGUST, AUGUST) == ["in_scope"] * 3


def test_a_cancelled_request_gives_its_place_back(stage: Stage, world: World) -> None:
    make_contract(stage, world.a, items=QUOTA)
    first = make_request(stage, world.a, at=AUGUST)
    make_request(stage, world.a, at=AUGUST)
    with acting(stage, world.a.user.scope()):
        actor = world.a.user.actor()
        ending.cancel_request(
            request=get_request(actor=actor, number=first.number), actor=actor, now=AUGUST,
            reason="not needed",
        )  # fmt: skip
    assert raised(stage, world.a, AUGUST, AUGUST) == ["in_scope", "quota_used_up"]


def test_of_two_at_once_one_gets_the_last_place(stage: Stage, world: World) -> None:
    make_contract(stage, world.a, items={"finance_question": {"scope": "quota", "quota": 3}})
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: make_request(stage, world.a, at=AUGUST), range(6)))
    found = sorted(scope_of(stage, one) for one in made)
    assert found == ["in_scope"] * 3 + ["quota_used_up"] * 3


def test_what_is_out_of_scope_can_be_neither_taken_nor_started(stage: Stage, world: World) -> None:
    make_contract(stage, world.a, items={"finance_question": {"scope": "offer"}})
    made = make_request(stage, world.a, at=AUGUST)
    actor = world.operator_a.actor(world.a)
    for verb in (work.assign_to_me, work.start_work):
        with pytest.raises(OfferNeeded), acting(stage, world.operator_a.scope(world.a)):
            verb(request=get_request(actor=actor, number=made.number), actor=actor, now=AUGUST)
    assert stage.value("SELECT state FROM requests WHERE id = :i", i=made.id) == "new"
    assert stage.value("SELECT assignee_id FROM requests WHERE id = :i", i=made.id) is None


def test_nothing_is_prepared_for_a_request_without_an_accepted_price(
    stage: Stage, world: World
) -> None:
    make_contract(stage, world.a, items={"payment_control": {"scope": "offer"}})
    for company, jobs in ((world.a, 0), (world.b, 1)):
        make_request(stage, company, item="payment_control")
        found = stage.value(
            "SELECT count(*) FROM jobs WHERE tenant_id = :t"
            " AND name = 'finance.prepare_payment_control'", t=company.id,
        )  # fmt: skip
        assert found == jobs


def test_the_judgement_is_in_the_audit_trail(stage: Stage, world: World) -> None:
    make_contract(stage, world.a, number=4, items=QUOTA)
    made = make_request(stage, world.a, at=AUGUST)
    facts = stage.value(
        "SELECT facts FROM audit_events WHERE object_id = :i"
        " AND name = 'service_requests.scope.judged'", i=made.id,
    )  # fmt: skip
    assert '"contract": 4' in str(facts)
    assert '"quota": 2' in str(facts)


@given(st.integers(0, 12), st.integers(0, 20))
def test_as_many_are_in_scope_as_the_quota_says(quota: int, wanted: int) -> None:
    found = terms(items={"hr_question": {"scope": "quota", "quota": quota}})
    used = 0
    for _ in range(wanted):
        standing = stand(found, "hr_question", used)
        assert standing.left == quota - used
        assert standing.needs_offer is (used >= quota)
        used += not standing.needs_offer
    assert used == min(quota, wanted)


FIRST = datetime(2005, 1, 1, tzinfo=UTC)
ZONES = ("Europe/Paris", "Europe/Berlin", "Pacific/Apia", "America/New_York", "UTC",
         "Australia/Lord_Howe", "Asia/Kathmandu")  # fmt: skip


@given(
    st.integers(0, 31 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    st.sampled_from(ZONES),
)
def test_every_moment_lies_in_one_month_of_its_zone(at: datetime, zone: str) -> None:
    first, following = month_of(at, zone)
    assert first <= at < following
    local = at.astimezone(ZoneInfo(zone))
    for moment in (first, following - timedelta(seconds=1)):
        there = moment.astimezone(ZoneInfo(zone))
        assert (there.year, there.month) == (local.year, local.month)
    assert month_of(following, zone)[0] == following
    assert date(local.year, local.month, 1) == first.astimezone(ZoneInfo(zone)).date()


def test_what_is_promised_before_sending_is_the_contracts_own(
    stage: Stage, world: World, sign_in_as: Any
) -> None:
    target = {"line": "finance", "item": None, "priority": "normal",
              "first_response": 60, "resolution": 330}  # fmt: skip
    make_contract(stage, world.a, targets=[target])
    browser = sign_in_as(world.a.user)
    form = browser.get(world.a.url("requests/new/finance_question")).text
    assert "Done within 5\xa0h\xa030 of business hours." in form
    assert "5\xa0h\xa030 of business hours" in browser.get(world.a.url("requests/new")).text
    theirs = sign_in_as(world.b.user).get(world.b.url("requests/new/finance_question")).text
    assert "Done within 16\xa0h of business hours." in theirs
