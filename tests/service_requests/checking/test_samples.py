"""Who is checked is drawn at the hand-over, once, and nobody can draw again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from app.service_requests.checking.drawing import RAISED_FOR
from app.service_requests.checking.models import ReviewStanding
from app.service_requests.checking.services import draws as draws_of
from app.service_requests.models import Review
from app.service_requests.queries import get_request
from tenants.core.db import db
from tenants.core.ids import uuid7
from tests.factories import acting
from tests.factories.lifecycle import row_state
from tests.factories.people import now
from tests.service_requests.browsing import HTMX, send
from tests.service_requests.checking.kit import (
    ALWAYS,
    NEVER,
    SAMPLED,
    draws,
    left,
    rate,
    ready,
    returned,
)


def test_what_is_drawn_goes_to_a_colleague_first(world, stage, sign_in_as):
    rate(stage, world.supervisor, 100)
    made = ready(stage, world.a, world.operator_a)
    answer = send(stage, sign_in_as(world.operator_a), made, "deliver", headers=HTMX)
    assert "Drawn for the quality check" in answer.headers["HX-Trigger"]
    assert row_state(stage, made) == "in_review"
    [drawn] = draws(stage, made)
    assert (drawn.rate, drawn.because, drawn.drawn, drawn.submission) == (100, "item", True, 1)
    assert drawn.operator_id == world.operator_a.id
    assert send(stage, sign_in_as(world.supervisor), made, "pass").status_code == 303
    assert row_state(stage, made) == "delivered"


def test_what_is_not_drawn_goes_out(world, stage, sign_in_as):
    rate(stage, world.supervisor, 100)
    rate(stage, world.supervisor, 0, of=world.operator_a.id)
    made = ready(stage, world.a, world.operator_a)
    assert send(stage, sign_in_as(world.operator_a), made, "deliver").status_code == 303
    assert row_state(stage, made) == "delivered"
    [drawn] = draws(stage, made)
    assert (drawn.rate, drawn.because, drawn.drawn) == (0, "operator", False)
    page = sign_in_as(world.operator_a).get(f"{made.url}/evidence").text
    assert "0\u00a0% of this operator" in page or "0 % of this operator" in page


def test_what_the_catalogue_checks_always_is_not_handed_over(world, stage, sign_in_as):
    rate(stage, world.supervisor, 0, item=ALWAYS)
    made = ready(stage, world.a, world.operator_a, ALWAYS)
    operator = sign_in_as(world.operator_a)
    assert f'action="{made.url}/deliver"' not in operator.get(made.url).text
    assert send(stage, operator, made, "deliver").status_code == 409
    assert send(stage, operator, made, "submit").status_code == 303
    [drawn] = draws(stage, made)
    assert (drawn.rate, drawn.because, drawn.drawn) == (100, "always", True)


def test_kinds_of_which_nothing_is_checked_go_out(world, stage, sign_in_as):
    made = ready(stage, world.a, world.operator_a, NEVER)
    assert send(stage, sign_in_as(world.operator_a), made, "deliver").status_code == 303
    assert row_state(stage, made) == "delivered"
    assert draws(stage, made)[0].because == "kind"


def test_taking_it_back_draws_nothing_new(world, stage, sign_in_as):
    """A voluntary check that was taken back, and rates that changed meanwhile."""
    rate(stage, world.supervisor, 100)
    made = ready(stage, world.a, world.operator_a)
    operator = sign_in_as(world.operator_a)
    page = send(stage, operator, made, "submit", headers=HTMX).text
    batch = page.split('name="batch" value="')[1].split('"')[0]
    undone = operator.post(
        world.a.url("requests/undo"), data={"batch": batch, "client": world.a.slug}
    )
    assert undone.status_code in (204, 303)
    assert row_state(stage, made) == "in_progress"
    stage.run("UPDATE review_rates SET rate = 0")
    first = draws(stage, made)
    assert send(stage, operator, made, "deliver").status_code == 303
    assert row_state(stage, made) == "in_review"
    assert draws(stage, made) == first


def test_an_error_raises_the_rate_everywhere_until_five_are_clean(world, stage, sign_in_as):
    rate(stage, world.supervisor, 1)
    operator, supervisor = world.operator_both, sign_in_as(world.supervisor)
    browser = sign_in_as(operator)
    made = ready(stage, world.a, operator)
    assert send(stage, browser, made, "submit").status_code == 303
    assert returned(stage, supervisor, made).status_code == 303
    assert left(stage, operator) == 5
    # Another client: the person is the same.
    for expected in (4, 3, 2, 1, 0):
        other = ready(stage, world.b, operator)
        assert send(stage, browser, other, "deliver").status_code == 303
        [drawn] = draws(stage, other)
        assert (drawn.because, drawn.drawn) == ("raised", True)
        assert drawn.raised_by is not None
        assert send(stage, supervisor, other, "pass").status_code == 303
        assert left(stage, operator) == expected
    again = ready(stage, world.b, operator)
    assert send(stage, browser, again, "deliver").status_code == 303
    assert draws(stage, again)[0].because == "item"
    assert left(stage, world.operator_a) == 0


def test_the_corrected_request_itself_is_no_clean_one(world, stage, sign_in_as):
    made = ready(stage, world.a, world.operator_a)
    browser, supervisor = sign_in_as(world.operator_a), sign_in_as(world.supervisor)
    assert send(stage, browser, made, "submit").status_code == 303
    assert returned(stage, supervisor, made).status_code == 303
    finding = stage.value("SELECT id FROM review_findings WHERE request_id = :r", r=made.id)
    assert send(stage, browser, made, f"findings/{finding}/fixed").status_code == 303
    assert f'action="{made.url}/deliver"' not in browser.get(made.url).text
    assert send(stage, browser, made, "deliver").status_code == 303
    assert row_state(stage, made) == "in_review"
    assert [one.because for one in draws(stage, made)][1:] == ["returned"]
    assert send(stage, supervisor, made, "pass", confirmed=finding).status_code == 303
    assert row_state(stage, made) == "delivered"
    assert left(stage, world.operator_a) == 5


def test_the_database_lets_nobody_ease_their_own_rate(world, stage):
    stage.run(
        "INSERT INTO review_standings VALUES (:u, :i, 5, now(), :t, :t)",
        u=world.operator_a.id, i=SAMPLED, t=world.a.id,
    )  # fmt: skip
    eased = (
        update(ReviewStanding)
        .where(ReviewStanding.user_id == world.operator_a.id)
        .values(checks_left=0)
        .returning(ReviewStanding.user_id)
    )
    with acting(stage, world.operator_a.scope(world.a)):
        assert not db.session.execute(eased).all()
    assert left(stage, world.operator_a) == 5
    with acting(stage, world.a.user.scope()):
        assert not db.session.execute(eased).all()
    with pytest.raises(DBAPIError), acting(stage, world.operator_a.scope(world.a)):
        db.session.execute(
            insert(ReviewStanding).values(
                user_id=world.operator_a.id, item="x", checks_left=0, since="2026-01-01",
                client_id=world.a.id, review_id=world.a.id,
            )
        )  # fmt: skip


def test_the_client_learns_nothing_of_draws_and_findings(world, stage, sign_in_as):
    rate(stage, world.supervisor, 100)
    made = ready(stage, world.a, world.operator_a)
    assert send(stage, sign_in_as(world.operator_a), made, "deliver").status_code == 303
    words = world.a.text("FINDING-WORDS")
    assert returned(stage, sign_in_as(world.supervisor), made, words).status_code == 303
    for person in (world.a.user, world.a.admin, world.a.approver):
        browser = sign_in_as(person)
        for page in ("", "/history", "/evidence"):
            text = browser.get(f"{made.url}{page}").text
            assert "FINDING-WORDS" not in text
            assert "Slip" not in text
            assert "Findings" not in text
            assert "Drawn for" not in text


def test_the_chain_of_evidence_says_what_the_slip_was(world, stage, sign_in_as):
    """For the provider: checked because of it, not checked because of it, checked without it."""
    operator, supervisor = sign_in_as(world.operator_a), sign_in_as(world.supervisor)
    rate(stage, world.supervisor, 40)
    said = set()
    for _ in range(60):
        made = ready(stage, world.a, world.operator_a)
        assert send(stage, operator, made, "deliver").status_code == 303
        [drawn] = draws(stage, made)
        assert drawn.drawn == (drawn.slip < 4000)
        assert row_state(stage, made) == ("in_review" if drawn.drawn else "delivered")
        page = supervisor.get(f"{made.url}/evidence").text
        assert "40 % of this kind of work" in page
        assert (
            "checked." if drawn.drawn else "not checked, since only the slips up to 4,000"
        ) in page
        said.add(drawn.drawn)
        if len(said) == 2:
            break
    assert said == {True, False}
    rate(stage, world.supervisor, 0, of=world.operator_a.id)
    asked = ready(stage, world.a, world.operator_a)
    assert send(stage, operator, asked, "submit").status_code == 303
    assert "asked for this check" in supervisor.get(asked.url).text
    assert send(stage, supervisor, asked, "pass").status_code == 303
    assert "asked for the check" in supervisor.get(f"{asked.url}/evidence").text


def test_another_kind_of_work_keeps_the_slip_but_has_its_own_rate(world, stage, sign_in_as):
    """Handed over as what nobody checks, taken back, made another kind: checked as that."""
    rate(stage, world.supervisor, 100)
    made = ready(stage, world.a, world.operator_a, NEVER)
    operator = sign_in_as(world.operator_a)
    page = send(stage, operator, made, "submit", headers=HTMX).text
    batch = page.split('name="batch" value="')[1].split('"')[0]
    operator.post(world.a.url("requests/undo"), data={"batch": batch, "client": world.a.slug})
    stage.run("UPDATE requests SET item = :i, line = 'sales' WHERE id = :r", i=SAMPLED, r=made.id)
    assert send(stage, operator, made, "deliver").status_code == 303
    assert row_state(stage, made) == "in_review"
    assert len(draws(stage, made)) == 1


@given(outcomes=st.lists(st.sampled_from(["passed", "returned"]), max_size=14))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_rate_is_raised_as_long_as_five_in_a_row_are_not_clean(world, stage, outcomes):
    made = ready(stage, world.a, world.operator_a)
    stage.run("DELETE FROM review_standings WHERE user_id = :u", u=world.operator_a.id)
    expected = 0
    for outcome in outcomes:
        expected = RAISED_FOR if outcome == "returned" else max(0, expected - 1)
        with acting(stage, world.supervisor.scope(world.a)):
            actor = world.supervisor.actor(world.a, level="review")
            review = Review(id=uuid7(), preparer_id=world.operator_a.id, outcome=outcome)
            draws_of.learn(get_request(actor=actor, number=made.number), review, now=now())
        assert left(stage, world.operator_a) == expected
    since = [*reversed(outcomes), "passed"].index("returned") if "returned" in outcomes else 99
    assert (expected > 0) == (since < RAISED_FOR)
