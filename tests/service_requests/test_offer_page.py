"""Offers on the request's page, what the catalogue says before sending, and the contract's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import Person, Stage, World
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import Made, make_request, row_state
from tests.factories.offers import accept, make_offer, make_outside
from tests.factories.people import now

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def made(stage: Stage, world: World) -> Made:
    return make_outside(stage, world.a)


def form(made: Made, page: str, **given: Any) -> dict[str, Any]:
    version = re.search(r'name="version" value="(\d+)"', page)
    offered = re.search(r'name="offered" value="([0-9a-f]{64})"', page)
    values = {"client": made.company.slug, "version": version[1] if version else ""}
    if offered:
        values["offered"] = offered[1]
    return values | given


def offer_form(made: Made, page: str, **given: Any) -> dict[str, Any]:
    body = made.company.text("a day of work")
    values = {"price": "1 250,50", "body": body, "valid_until": "2099-01-01", **given}
    return form(made, page, **values)


def test_from_the_offer_to_the_acceptance_on_the_pages(
    stage: Stage, world: World, made: Made, sign_in_as: SignIn
) -> None:
    operator, approver = sign_in_as(world.operator_a), sign_in_as(world.a.approver)
    page = operator.get(made.url).text
    assert "The contract doesn" in page
    assert f"{made.url}/assign" not in page
    until = str(now().date())
    answer = operator.post(f"{made.url}/offers", data=offer_form(made, page, valid_until=until))
    assert answer.status_code == 303, answer.text
    assert row_state(stage, made) == "quote_needed"

    user_page = sign_in_as(world.a.user).get(made.url).text
    assert "1,250.50" in user_page
    assert "/accept" not in user_page

    page = approver.get(made.url).text
    [url] = set(re.findall(rf'action="({made.url}/offers/[0-9a-f-]+/accept)"', page))
    wrong = approver.post(url, data=form(made, page, code="000000"))
    assert wrong.status_code >= 400
    assert row_state(stage, made) == "quote_needed"
    answer = approver.post(url, data=form(made, page, code=world.a.approver.code()))
    assert answer.status_code == 303, answer.text
    assert row_state(stage, made) == "assigned"
    assert "Agreed price" in approver.get(made.url).text
    contract = sign_in_as(world.a.admin).get(world.a.url("contract")).text
    assert f"#{made.number}" in contract
    assert "1,250.50" in contract


def test_declining_asks_for_a_reason(
    stage: Stage, world: World, made: Made, sign_in_as: SignIn
) -> None:
    make_offer(stage, made, world.operator_a)
    approver = sign_in_as(world.a.approver)
    page = approver.get(made.url).text
    [url] = set(re.findall(rf'action="({made.url}/offers/[0-9a-f-]+/decline)"', page))
    assert approver.post(url, data=form(made, page)).status_code == 422
    assert approver.post(url, data=form(made, page, reason="too much")).status_code == 303
    assert row_state(stage, made) == "cancelled"


@pytest.mark.parametrize(
    "wrong", [{"price": "much"}, {"price": "0"}, {"body": " "}, {"valid_until": "2001-01-01"}],
    ids=str,
)  # fmt: skip
def test_an_offer_that_makes_no_sense_keeps_what_was_typed(
    stage: Stage, world: World, made: Made, sign_in_as: SignIn, wrong: dict[str, str]
) -> None:
    operator = sign_in_as(world.operator_a)
    page = operator.get(made.url).text
    given = {"valid_until": str(now().date()), **wrong}
    answer = operator.post(f"{made.url}/offers", data=offer_form(made, page, **given))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    if "body" not in wrong:
        assert made.company.text("a day of work") in answer.text


def test_an_offer_from_an_old_page_is_stopped(
    stage: Stage, world: World, made: Made, sign_in_as: SignIn
) -> None:
    operator = sign_in_as(world.operator_a)
    page = operator.get(made.url).text
    make_offer(stage, made, world.operator_a)
    given = offer_form(made, page, valid_until=str(now().date()))
    assert operator.post(f"{made.url}/offers", data=given).status_code == 409


def test_a_reviewer_takes_it_as_covered(
    stage: Stage, world: World, made: Made, sign_in_as: SignIn
) -> None:
    assert "/cover" not in sign_in_as(world.operator_a).get(made.url).text
    supervisor = sign_in_as(world.supervisor)
    page = supervisor.get(made.url).text
    answer = supervisor.post(f"{made.url}/cover", data=form(made, page, reason="a favour"))
    assert answer.status_code == 303
    assert stage.value("SELECT scope FROM requests WHERE id = :i", i=made.id) == "in_scope"


def test_the_catalogue_and_the_form_say_what_is_covered(
    stage: Stage, world: World, sign_in_as: SignIn
) -> None:
    make_contract(
        stage, world.a,
        items={"finance_question": {"scope": "quota", "quota": 3}, "hr_question": {"scope": "offer"}},
    )  # fmt: skip
    make_request(stage, world.a)
    browser = sign_in_as(world.a.user)
    page = browser.get(world.a.url("requests/new")).text
    assert "2 of 3 left this month" in page
    assert "needs an offer" in page
    assert "2 of 3 left" in browser.get(world.a.url("requests/new/finance_question")).text
    assert "Needs an offer first" in browser.get(world.a.url("requests/new/hr_question")).text
    plain = browser.get(world.a.url("requests/new/sales_question")).text
    assert "Needs an offer" not in plain
    contract = browser.get(world.a.url("contract")).text
    assert "1 of 3 used this month" in contract
    used = browser.get(world.a.url("contract/used/finance_question")).text
    assert world.a.url("requests/1") in used


def test_a_company_without_a_contract_reads_the_usual_terms(
    world: World, sign_in_as: SignIn
) -> None:
    page = sign_in_as(world.b.user).get(world.b.url("contract")).text
    assert "No contract is recorded yet" in page
    assert "09:00-12:30" in page


def test_amounts_are_for_those_who_see_the_bill(
    stage: Stage, world: World, sign_in_as: SignIn
) -> None:
    made = make_outside(
        stage, world.a, limits={"finance": 77_700},
        credits={"cap": 2000, "rates": {"urgent": 500}, "bases": {"finance": 66_600}},
    )  # fmt: skip
    make_offer(stage, made, world.operator_a, price=55_500)
    accept(stage, made, world.a.approver)
    for person, sees in ((world.a.admin, True), (world.operator_a, True), (world.a.user, False)):
        page = sign_in_as(person).get(world.a.url("contract")).text
        for amount in ("777.00", "666.00", "555.00"):
            assert (amount in page) is sees


def test_another_lines_quota_is_not_shown(stage: Stage, world: World, sign_in_as: SignIn) -> None:
    browser = sign_in_as(world.a.people["finance_only"])
    assert browser.get(world.a.url("contract/used/finance_question")).status_code == 200
    assert browser.get(world.a.url("contract/used/hr_question")).status_code == 404
    assert "HR task" not in browser.get(world.a.url("contract")).text
