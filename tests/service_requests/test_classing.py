"""Priority, kind, and for whom a request is raised."""

from __future__ import annotations

from typing import Any

import pytest

from app.service_requests.models import PRIORITIES
from app.service_requests.priorities import IMPACTS, URGENCIES, priority_of
from tests.factories import make_grant, make_member, make_staff
from tests.factories.lifecycle import Made, make_request
from tests.notifications.mails import addresses, told
from tests.service_requests.browsing import send


def _row(stage: Any, made: Made) -> Any:
    return stage.rows(
        "SELECT * FROM requests WHERE tenant_id = :t AND number = :n",
        t=made.company.id, n=made.number,
    )[0]  # fmt: skip


def _first(stage: Any, company: Any) -> Made:
    found = stage.value("SELECT id FROM requests WHERE tenant_id = :t", t=company.id)
    return Made(found, 1, company)


def test_priority_rises_with_impact_and_urgency() -> None:
    order = {name: place for place, name in enumerate(reversed(PRIORITIES))}
    grid = [[order[priority_of(i, u)] for u in URGENCIES] for i in IMPACTS]
    assert grid == [[0, 0, 1], [0, 1, 2], [1, 2, 3]]


def _raise(browser: Any, company: Any, **fields: str) -> Any:
    form = {"client": company.slug, "title": company.text("Pens"),
            "details": company.text("blue ones"), **fields}  # fmt: skip
    return browser.post(company.url("requests/new/finance_question"), data=form)


def test_urgent_needs_the_providers_word(world: Any, stage: Any, sign_in_as: Any) -> None:
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    assert _raise(user, world.a, impact="high", urgency="high").status_code == 303
    made = _first(stage, world.a)
    row = _row(stage, made)
    assert (row.priority, row.proposed_priority) == ("high", "urgent")
    assert "The client proposes: Urgent" in operator.get(made.url).text
    assert "You proposed: Urgent" in user.get(made.url).text
    refused = send(stage, operator, made, "priority", priority="normal", reason="")
    assert refused.status_code == 422
    assert "tell them why" in refused.text
    assert send(stage, operator, made, "priority", priority="urgent").status_code == 303
    row = _row(stage, made)
    assert (row.priority, row.proposed_priority) == ("urgent", None)
    for person in (world.a.user, world.a.approver):
        assert send(stage, sign_in_as(person), made, "priority", priority="low").status_code == 403


def test_the_client_proposes_later_too(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    user = sign_in_as(world.a.user)
    assert send(stage, user, made, "propose", impact="much", urgency="high").status_code == 422
    assert send(stage, user, made, "propose", impact="low", urgency="low").status_code == 303
    row = _row(stage, made)
    assert (row.priority, row.proposed_priority) == ("low", None)
    assert send(stage, sign_in_as(world.operator_a), made, "propose").status_code == 403


def test_another_line_has_other_readers(world: Any, stage: Any, sign_in_as: Any) -> None:
    finance_only = make_staff(stage, name="Frida")
    make_grant(stage, world.a, finance_only, lines=("finance",))
    made = make_request(stage, world.a, state="assigned", operator=finance_only)
    stage.run("UPDATE requests SET assignee_id = :p WHERE tenant_id = :t", p=finance_only.id,
              t=world.a.id)  # fmt: skip
    operator = sign_in_as(world.operator_a)
    form = operator.get(f"{made.url}?act=kind").text
    assert "hr_question" in form
    assert "payment_control" not in form
    own = sign_in_as(finance_only)
    assert send(stage, own, made, "kind", item="hr_question", reason="x").status_code == 403
    words = world.a.text("it is about a contract of work")
    same = send(stage, operator, made, "kind", item="finance_question", reason=words)
    assert same.status_code == 422
    done = send(stage, operator, made, "kind", item="hr_question", reason=words)
    assert done.status_code == 303
    row = _row(stage, made)
    assert (row.line, row.item, row.assignee_id) == ("hr", "hr_question", None)
    assert own.get(made.url).status_code == 404
    assert sign_in_as(world.a.people["finance_only"]).get(made.url).status_code == 404
    assert words in sign_in_as(world.a.user).get(made.url).text


def test_items_with_files_of_their_own_keep_their_kind(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a, item="payment_control")
    refused = send(stage, sign_in_as(world.operator_a), made, "kind", item="finance_question",
                   reason="x")  # fmt: skip
    assert refused.status_code == 409
    assert _row(stage, made).item == "payment_control"


def test_raised_for_a_person_of_the_client(world: Any, stage: Any, sign_in_as: Any) -> None:
    operator = sign_in_as(world.operator_a)
    hr_only = make_member(stage, world.a, key="hr_only", lines=("hr",))
    page = operator.get(world.a.url("requests/new/finance_question")).text
    assert world.a.user.name in page
    assert str(hr_only.id) not in page
    for person in (hr_only, world.b.user, world.operator_a):
        refused = _raise(operator, world.a, requester=str(person.id))
        assert refused.status_code == 422, person.name
        assert "does not take part" in refused.text
    assert _raise(operator, world.a, requester=str(world.a.approver.id)).status_code == 303
    made = _first(stage, world.a)
    assert told(stage, world.a, "request.raised_for_you") == addresses(world.a.approver)
    for person in (world.operator_a, world.a.user):
        assert f"on behalf of {world.a.approver.name}" in sign_in_as(person).get(made.url).text


def test_a_client_raises_for_nobody_else(world: Any, stage: Any, sign_in_as: Any) -> None:
    user = sign_in_as(world.a.user)
    assert "On behalf of" not in user.get(world.a.url("requests/new/finance_question")).text
    assert _raise(user, world.a, requester=str(world.a.approver.id)).status_code == 303
    assert _row(stage, _first(stage, world.a)).requester_id is None


@pytest.mark.parametrize("act", ["plan", "wait", "reject", "merge", "split", "priority", "nothing"])
def test_an_act_opens_in_the_page_where_it_is_allowed(
    world: Any, stage: Any, sign_in_as: Any, act: str
) -> None:
    made = make_request(stage, world.a, state="assigned", operator=world.operator_a)
    opened = 'id="act-title"'
    supervisor = sign_in_as(world.supervisor).get(f"{made.url}?act={act}")
    assert supervisor.status_code == 200
    assert (opened in supervisor.text) == (act != "nothing")
    assert opened not in sign_in_as(world.a.user).get(f"{made.url}?act={act}").text
