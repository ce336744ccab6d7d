"""Priority, kind, and for whom a request is raised."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from app.service_requests.models import PRIORITIES
from app.service_requests.priorities import IMPACTS, URGENCIES, priority_of
from app.service_requests.queries import get_request
from app.service_requests.services import classing
from app.service_requests.undoing.services import reversibly, undo
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tests.factories import acting, make_grant, make_member, make_staff
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import Made, make_request
from tests.factories.offers import accept, make_offer, make_outside
from tests.factories.people import now
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
    assert words in sign_in_as(world.a.user).get(f"{made.url}/history").text


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


def test_a_proposal_that_says_what_holds_changes_nothing(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a)
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    for _ in range(2):
        send(stage, user, made, "propose", impact="high", urgency="high")
        send(stage, operator, made, "priority", priority="urgent")
        assert send(stage, user, made, "propose", impact="high", urgency="high").status_code == 303
        row = _row(stage, made)
        assert (row.priority, row.proposed_priority) == ("urgent", None)


OFFER, INCLUDED = {"scope": "offer"}, {"scope": "included"}


def _change_kind(stage: Any, browser: Any, made: Made, item: str = "hr_question") -> Any:
    words = made.company.text("it is about a contract of work")
    return send(stage, browser, made, "kind", item=item, reason=words)


def test_another_kind_is_judged_anew(world: Any, stage: Any, sign_in_as: Any) -> None:
    make_contract(stage, world.a, items={"hr_question": OFFER, "finance_question": INCLUDED})
    made = make_request(stage, world.a)
    operator = sign_in_as(world.operator_a)
    assert _change_kind(stage, operator, made).status_code == 303
    assert _row(stage, made).scope == "out_of_scope"
    assert send(stage, operator, made, "assign").status_code == 409
    assert _change_kind(stage, operator, made, "finance_question").status_code == 303
    assert _row(stage, made).scope == "in_scope"
    assert send(stage, operator, made, "assign").status_code == 303


@pytest.mark.parametrize("state", ["assigned", "in_progress", "new with time"])
def test_work_that_began_becomes_nothing_that_needs_an_offer(
    world: Any, stage: Any, sign_in_as: Any, state: str
) -> None:
    make_contract(stage, world.a, items={"hr_question": OFFER})
    made = make_request(stage, world.a, state=state.split()[0], operator=world.operator_a)
    operator = sign_in_as(world.operator_a)
    if state == "new with time":
        sent = send(stage, operator, made, "time", minutes="20", activity="Read",
                    worked_on=now().date().isoformat(), billable="1")  # fmt: skip
        assert sent.status_code == 303
    refused = _change_kind(stage, operator, made)
    assert refused.status_code == 422
    assert "the work has begun already" in refused.text
    row = _row(stage, made)
    assert (row.item, row.line, row.scope) == ("finance_question", "finance", "in_scope")


def test_a_price_that_was_agreed_stays(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_outside(stage, world.a)
    make_offer(stage, made, world.operator_a)
    accept(stage, made, world.a.approver)
    assert _change_kind(stage, sign_in_as(world.operator_a), made).status_code == 303
    row = _row(stage, made)
    assert (row.item, row.scope) == ("hr_question", "agreed")


def test_a_place_of_the_other_kinds_quota_is_given_once(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    make_contract(stage, world.a, items={"hr_question": {"scope": "quota", "quota": 1}})
    made = [make_request(stage, world.a) for _ in range(2)]
    operator = sign_in_as(world.operator_a)
    for one in made:
        assert _change_kind(stage, operator, one).status_code == 303
    assert [_row(stage, one).scope for one in made] == ["in_scope", "quota_used_up"]


def test_as_many_are_urgent_as_was_agreed(world: Any, stage: Any, sign_in_as: Any) -> None:
    make_contract(stage, world.a, urgent_per_month=1)
    before = make_request(stage, world.a, at=now() - timedelta(days=62))
    first, second = make_request(stage, world.a), make_request(stage, world.a)
    operator = sign_in_as(world.operator_a)
    for made in (before, first, first):
        assert send(stage, operator, made, "priority", priority="urgent").status_code == 303
    refused = send(stage, operator, second, "priority", priority="urgent")
    assert refused.status_code == 409
    assert "are used up" in refused.text
    assert _row(stage, second).priority == "normal"
    refused = _raise(operator, world.a, impact="high", urgency="high")
    assert refused.status_code == 409
    assert "are used up" in refused.text
    # What the client wants is high until somebody confirms it; a part has no place of its own.
    assert (
        _raise(sign_in_as(world.a.user), world.a, impact="high", urgency="high").status_code == 303
    )
    send(stage, operator, first, "split", title=world.a.text("part"), details=world.a.text("do"))
    found = stage.rows("SELECT priority FROM requests WHERE tenant_id = :t AND number > :n",
                       t=world.a.id, n=second.number)  # fmt: skip
    assert [one.priority for one in found] == ["high", "high"]
    assert send(stage, operator, first, "priority", priority="low", reason="x").status_code == 303
    assert send(stage, operator, second, "priority", priority="urgent").status_code == 303


def test_of_two_at_once_one_is_the_last_urgent_one(world: Any, stage: Any) -> None:
    make_contract(stage, world.a, urgent_per_month=1)
    made = [make_request(stage, world.a) for _ in range(4)]
    ready = Barrier(len(made), timeout=20)
    person = world.operator_a

    def attempt(one: Made) -> str:
        try:
            with acting(stage, person.scope(world.a)):
                actor = person.actor(world.a)
                row = get_request(actor=actor, number=one.number)
                ready.wait()
                classing.set_priority(request=row, actor=actor, now=now(), priority="urgent")
        except Conflict as error:
            return error.code
        return "urgent"

    with ThreadPoolExecutor(len(made)) as pool:
        found = sorted(pool.map(attempt, made))
    assert found == ["urgent", *["urgent_used_up"] * 3]


def test_an_undo_takes_no_urgent_place_that_was_given(world: Any, stage: Any) -> None:
    make_contract(stage, world.a, urgent_per_month=1)
    first, second = make_request(stage, world.a), make_request(stage, world.a)
    person, batch_id = world.operator_a, uuid7()

    def prioritise(made: Made, priority: str) -> None:
        with acting(stage, person.scope(world.a)):
            actor = person.actor(world.a)
            row = get_request(actor=actor, number=made.number)
            given = {"request": row, "actor": actor, "now": now(), "priority": priority}
            act = partial(classing.set_priority, **given)
            reversibly(row, act, actor=actor, now=now(), batch_id=batch_id)

    prioritise(first, "urgent")
    batch_id = uuid7()
    prioritise(first, "low")
    undone, batch_id = batch_id, uuid7()
    prioritise(second, "urgent")
    with acting(stage, person.scope(world.a)):
        [found] = undo(batch_id=undone, actor=person.actor(world.a), now=now())
    assert "no place left" in found.obstacle
    assert [_row(stage, one).priority for one in (first, second)] == ["low", "urgent"]
