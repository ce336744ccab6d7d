"""Where work waits: planned days, others, ourselves; and in whose hands it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.service_requests.models import NEVER
from app.service_requests.queries import get_request
from app.service_requests.services import assigning, holding, tending, work
from tenants.core.errors import Invalid
from tenants.permissions import system_actor
from tests.factories import acting, make_grant, make_staff
from tests.factories.lifecycle import Made, make_request, row_state
from tests.factories.people import now
from tests.service_requests.browsing import HTMX, send


def _row(stage: Any, made: Made) -> Any:
    return stage.rows(
        "SELECT * FROM requests WHERE tenant_id = :t AND id = :i", t=made.company.id, i=made.id
    )[0]


def _tend(stage: Any, made: Made, at: datetime) -> None:
    with acting(stage, made.company.scope):
        tending.tend(actor=system_actor(made.company.id), now=at)


def test_a_planned_request_comes_back_on_its_day(world: Any, stage: Any) -> None:
    made = make_request(stage, world.a)
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        holding.plan(request=row, actor=actor, now=monday,
                     planned_for=(monday + timedelta(days=2)).date())  # fmt: skip
    assert _row(stage, made).assignee_id == world.operator_a.id
    # Just before midnight of Paris, which is an hour before the one of UTC.
    _tend(stage, made, datetime(2026, 11, 24, 22, 59, tzinfo=UTC))
    assert row_state(stage, made) == "planned"
    _tend(stage, made, datetime(2026, 11, 24, 23, 1, tzinfo=UTC))
    _tend(stage, made, datetime(2026, 11, 29, tzinfo=UTC))
    assert row_state(stage, made) == "assigned"
    assert _row(stage, made).planned_for is None


def test_today_and_the_past_are_no_plan(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a)
    operator = sign_in_as(world.operator_a)
    for day in ("2020-01-01", now().date().isoformat()):
        refused = send(stage, operator, made, "plan", planned_for=day, headers=HTMX)
        assert refused.status_code == 422
        assert "Choose a day after today." in refused.text
        assert f'value="{day}"' in refused.text, "what was typed is kept"
    assert row_state(stage, made) == "new"
    later = (now() + timedelta(days=4)).date()
    assert send(stage, operator, made, "plan", planned_for=later.isoformat()).status_code == 303
    assert "Planned for" in sign_in_as(world.a.user).get(made.url).text
    again = (now() + timedelta(days=6)).date()
    assert send(stage, operator, made, "plan", planned_for=again.isoformat()).status_code == 303
    assert _row(stage, made).planned_for == again


def test_waiting_for_others_names_them_to_the_client(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    operator, user = sign_in_as(world.operator_a), sign_in_as(world.a.user)
    assert send(stage, operator, made, "wait", waiting_for="", reason="x").status_code == 422
    whom, why = world.a.text("the tax office"), world.a.text("a certificate")
    assert send(stage, operator, made, "wait", waiting_for=whom, reason=why).status_code == 303
    page = user.get(made.url).text
    assert f"Waiting for: {whom}" in page
    assert why in page
    assert send(stage, operator, made, "resume").status_code == 303
    assert row_state(stage, made) == "in_progress"
    assert _row(stage, made).waiting_for == ""


def test_our_own_reasons_stay_ours(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    operator = sign_in_as(world.operator_a)
    waits = {"waiting_for": "The bank", "reason": world.a.text("a form")}
    assert send(stage, operator, made, "wait", **waits).status_code == 303
    assert send(stage, operator, made, "hold", reason="").status_code == 422
    assert send(stage, operator, made, "hold", reason="HOLD-REASON").status_code == 303
    assert "HOLD-REASON" in operator.get(made.url).text
    for person in world.a.people.values():
        browser = sign_in_as(person)
        for path in (made.url, f"{made.url}/evidence", world.a.url("requests")):
            page = browser.get(path).text
            assert "HOLD-REASON" not in page
            assert "on hold" not in page.lower(), path
    assert "In progress" in sign_in_as(world.a.user).get(made.url).text


def test_work_is_given_only_to_whoever_may_do_it(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a)
    reader = make_staff(stage, name="Rita")
    make_grant(stage, world.a, reader, level="read")
    other_line = make_staff(stage, name="Hugo")
    make_grant(stage, world.a, other_line, lines=("hr",))
    ended = make_staff(stage, name="Emil")
    make_grant(stage, world.a, ended, expires_at=now() - timedelta(days=1))
    operator = sign_in_as(world.operator_a)
    form = operator.get(f"{made.url}?act=assign_to").text
    assert str(world.operator_both.id) in form
    for person in (reader, other_line, ended, world.operator_b, world.operator_none, world.a.user):
        assert str(person.id) not in form
        refused = send(stage, operator, made, "assign-to", assignee=str(person.id))
        assert refused.status_code == 422, person.name
        assert "no live grant" in refused.text
    assert row_state(stage, made) == "new"
    given = send(stage, operator, made, "assign-to", assignee=str(world.operator_both.id))
    assert given.status_code == 303
    row = _row(stage, made)
    assert (row.state, row.assignee_id) == ("assigned", world.operator_both.id)
    assert send(stage, operator, made, "unassign").status_code == 303
    assert _row(stage, made).assignee_id is None
    assert row_state(stage, made) == "assigned"


def test_what_does_not_run_is_last_in_the_queue(world: Any, stage: Any) -> None:
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    assert _row(stage, made).breach_at >= NEVER or _row(stage, made).breach_at.year >= 9000


def test_somebody_without_a_grant_is_refused_by_the_service(world: Any, stage: Any) -> None:
    made = make_request(stage, world.a)
    actor = world.operator_a.actor(world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        row = get_request(actor=actor, number=made.number)
        with pytest.raises(Invalid):
            assigning.assign_to(request=row, actor=actor, now=now(), user_id=world.operator_b.id)
        work.assign_to_me(request=row, actor=actor, now=now())
    assert _row(stage, made).assignee_id == world.operator_a.id
