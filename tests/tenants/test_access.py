"""What each state of a subscription leaves open: pages, desk, API, mail and recurring work."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.factory import Coulisse
from tenants.access import ACCESS_STATES, refusal, refusal_of_new_work
from tests.factories import Company, Person, Stage, World

SignIn = Callable[[Person], FlaskClient]
READ_ONLY = ("suspended", "paused", "cancelled")
QUESTION = {"title": "Holidays", "details": "How many are left?"}


def set_access(stage: Stage, company: Company, state: str, *, new_work: bool = True) -> None:
    stage.run(
        "UPDATE tenants SET access_state = :s, new_work = :n WHERE id = :t",
        s=state, n=new_work, t=company.id,
    )  # fmt: skip


def requests_of(stage: Stage, company: Company) -> int:
    found: int = stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=company.id)
    return found


def ask(browser: FlaskClient, company: Company) -> int:
    given = QUESTION | {"client": company.slug}
    said = browser.post(company.url("requests/new/finance_question"), data=given)
    return said.status_code


@pytest.mark.parametrize("state", ["active", "trialing", "grace"])
def test_who_works_with_us_may_do_everything(
    stage: Stage, world: World, sign_in_as: SignIn, state: str
) -> None:
    set_access(stage, world.a, state)
    assert ask(sign_in_as(world.a.user), world.a) == 303
    assert requests_of(stage, world.a) == 1


@pytest.mark.parametrize("state", READ_ONLY)
def test_what_is_read_only_can_be_read_and_paid(
    stage: Stage, world: World, sign_in_as: SignIn, state: str
) -> None:
    set_access(stage, world.a, state)
    user, admin = sign_in_as(world.a.user), sign_in_as(world.a.admin)
    assert ask(user, world.a) == 403
    assert requests_of(stage, world.a) == 0
    page = user.get(world.a.url("requests"))
    assert page.status_code == 200
    assert 'class="standing"' in page.text
    assert admin.get(world.a.url("subscription")).status_code == 200
    # what it asks for is wrong, but it is asked
    assert admin.post(world.a.url("subscription/checkout")).status_code == 422
    assert ask(sign_in_as(world.b.user), world.b) == 303


@pytest.mark.parametrize("state", READ_ONLY)
def test_operators_change_nothing_there_either(
    stage: Stage, world: World, sign_in_as: SignIn, state: str
) -> None:
    set_access(stage, world.a, state)
    operator = sign_in_as(world.operator_a)
    assert ask(operator, world.a) == 403
    assert operator.get(world.a.url("requests")).status_code == 200


def test_a_closed_company_shows_its_subscription_alone(
    stage: Stage, world: World, sign_in_as: SignIn
) -> None:
    set_access(stage, world.a, "closed")
    admin = sign_in_as(world.a.admin)
    said = admin.get(world.a.url("requests"))
    assert said.status_code == 403
    assert "closed" in said.text
    assert admin.get(world.a.url("subscription")).status_code == 200
    assert admin.get(world.a.url("subscription/plans")).status_code == 200


@pytest.mark.parametrize(("state", "new_work"), [("pending", True), ("grace", False)])
def test_new_work_waits_while_the_rest_goes_on(
    stage: Stage, world: World, sign_in_as: SignIn, state: str, new_work: bool
) -> None:
    assert ask(sign_in_as(world.a.user), world.a) == 303
    number = stage.value("SELECT number FROM requests WHERE tenant_id = :t", t=world.a.id)
    set_access(stage, world.a, state, new_work=new_work)
    user = sign_in_as(world.a.user)
    assert ask(user, world.a) == 403
    assert requests_of(stage, world.a) == 1
    said = user.post(
        world.a.url(f"requests/{number}/messages"), data={"body": "One more thing.", "version": "1"}
    )
    assert said.status_code != 403


def test_programs_read_the_reason(
    stage: Stage, world: World, api_as: Callable[..., FlaskClient]
) -> None:
    set_access(stage, world.a, "suspended")
    api = api_as(world.a.user)
    said = api.post(
        "/api/v1/requests", json={"item": "finance_question", "form": QUESTION},
        headers={"Idempotency-Key": "one"},
    )  # fmt: skip
    assert (said.status_code, said.get_json()["code"]) == (403, "access_suspended")
    assert api.get("/api/v1/requests").status_code == 200


def test_every_state_has_an_answer_to_each_question() -> None:
    for state in ACCESS_STATES:
        reads, writes = refusal(state, writes=False), refusal(state, writes=True)
        assert (reads is None) or (writes is not None)
        assert (writes is None) or (refusal_of_new_work(state, new_work=True) is not None)
        assert refusal_of_new_work(state, new_work=False) is not None


def test_what_a_suspended_company_may_do_is_listed_here(app: Coulisse) -> None:
    always = {name for name, scope in app.scopes.items() if scope.always}
    assert always == {
        "subscription.overview", "subscription.usage", "subscription.usage_page",
        "subscription.usage_file", "subscription.plans", "subscription.invoices",
        "subscription.invoices_file", "subscription.invoice", "subscription.credits",
        "subscription.contests", "subscription.contest", "subscription.raise_contest",
        "subscription.billing_details", "subscription.save_billing_details", "subscription.portal",
        "subscription.begin_checkout", "subscription.checkout", "subscription.look_again",
        "subscription.change", "subscription.ask_change", "subscription.confirm_change",
        "subscription.withdraw_change", "subscription.end", "subscription.end_subscription",
        "subscription.keep_subscription", "subscription.pay_open",
        "subscription.resume_subscription", "subscription.write_file_again", "directory.export",
    }  # fmt: skip
