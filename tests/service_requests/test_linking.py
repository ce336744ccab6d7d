"""Requests that belong together: merged, duplicates, split, linked; also by two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm.exc import StaleDataError

from app.service_requests.billed import recorded_minutes
from app.service_requests.queries import get_request
from app.service_requests.services import (
    conversation,
    ending,
    linking,
    timekeeping,
    work,
)
from tenants.core.errors import CoulisseError
from tests.factories import acting
from tests.factories.lifecycle import Made, ask, make_request, merge_into, row_state
from tests.factories.offers import accept, make_offer, make_outside
from tests.factories.people import now
from tests.service_requests.browsing import pdf, send


def _record(stage: Any, world: Any, made: Made, minutes: int) -> None:
    with acting(stage, world.operator_a.scope(made.company)):
        actor = world.operator_a.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        timekeeping.record_time(request=row, actor=actor, now=now(), minutes=minutes,
                         worked_on=now().date(), activity="Call")  # fmt: skip


def _minutes_billed(stage: Any, made: Made) -> int:
    return int(
        stage.value(
            "SELECT coalesce(sum(quantity), 0) FROM usage_events WHERE tenant_id = :t"
            " AND meter_key = 'operator_minutes' AND source_id = :i",
            t=made.company.id, i=made.id,
        )
    )  # fmt: skip


def _verbs(stage: Any, made: Made) -> list[str]:
    return [
        row.verb
        for row in stage.rows(
            "SELECT verb FROM request_moves WHERE tenant_id = :t AND request_id = :r ORDER BY id",
            t=made.company.id, r=made.id,
        )
    ]  # fmt: skip


def test_a_merged_request_goes_on_in_the_other(world: Any, stage: Any, sign_in_as: Any) -> None:
    first = make_request(stage, world.a, title="First")
    second = make_request(stage, world.a, title="Second", state="in_progress",
                          operator=world.operator_a)  # fmt: skip
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    words = world.a.text("see the attached letter")
    send(stage, user, first, "messages", body=words, files=pdf(name="letter.pdf"))
    send(stage, operator, first, "notes", body="NOTE-OF-THE-FIRST")
    _record(stage, world, first, 20)
    _record(stage, world, second, 10)
    done = send(stage, operator, first, "merge", number=f"#{second.number}")
    assert done.status_code == 303
    assert row_state(stage, first) == "merged"
    assert _verbs(stage, first)[-1] == "merge"
    assert _verbs(stage, second)[-1] == "absorb"
    page = operator.get(second.url).text
    for text in (words, "letter.pdf", "NOTE-OF-THE-FIRST", f"#{first.number}", "30\u00a0min"):
        assert text in page, text
    assert "NOTE-OF-THE-FIRST" not in user.get(second.url).text
    ended = user.get(first.url).text
    assert words in ended
    assert f"Goes on in request #{second.number}" in ended
    assert "<textarea" not in ended
    send(stage, operator, second, "deliverables", file=pdf())
    send(stage, operator, second, "submit")
    send(stage, sign_in_as(world.supervisor), second, "pass")
    assert row_state(stage, second) == "delivered"
    assert _minutes_billed(stage, second) == 30
    assert _minutes_billed(stage, first) == 0


def test_the_earlier_start_of_the_two_counts(world: Any, stage: Any) -> None:
    before = now() - timedelta(days=7)
    old, young = make_request(stage, world.a, at=before), make_request(stage, world.a)
    due = {made.number: _due(stage, made) for made in (old, young)}
    assert due[old.number] < due[young.number]
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        linking.merge(
            request=get_request(actor=actor, number=old.number), actor=actor, now=now(),
            into=get_request(actor=actor, number=young.number),
        )  # fmt: skip
    assert _due(stage, young) == due[old.number]


def _due(stage: Any, made: Made) -> Any:
    return stage.value(
        "SELECT due_at FROM requests WHERE tenant_id = :t AND id = :i",
        t=made.company.id, i=made.id,
    )  # fmt: skip


def test_what_was_merged_before_goes_along(world: Any, stage: Any) -> None:
    one, two, three = (make_request(stage, world.a) for _ in range(3))
    _record(stage, world, one, 7)
    for which, into in ((one, two), (two, three)):
        with acting(stage, world.operator_a.scope(world.a)):
            actor = world.operator_a.actor(world.a)
            linking.merge(
                request=get_request(actor=actor, number=which.number), actor=actor, now=now(),
                into=get_request(actor=actor, number=into.number),
            )  # fmt: skip
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        assert recorded_minutes(get_request(actor=actor, number=three.number)) == 7


def test_a_duplicate_of_a_delivered_request_is_billed_with_it(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    done = make_request(stage, world.a, state="closed", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    again = make_request(stage, world.a)
    _record(stage, world, again, 5)
    operator = sign_in_as(world.operator_a)
    sent = send(stage, operator, again, "duplicate", number=str(done.number))
    assert sent.status_code == 303
    assert row_state(stage, again) == "duplicate"
    assert row_state(stage, done) == "closed"
    assert _minutes_billed(stage, done) == 50
    assert f"The same as request #{done.number}" in sign_in_as(world.a.user).get(again.url).text


@pytest.mark.parametrize("verb", ["merge", "duplicate", "link"])
def test_the_other_request_is_one_of_this_client_that_one_sees(
    world: Any, stage: Any, sign_in_as: Any, verb: str
) -> None:
    for _ in range(3):
        foreign = make_request(stage, world.b)
    made = make_request(stage, world.a)
    operator = sign_in_as(world.operator_both)
    for number in (foreign.number, 999_999, made.number, "twelve", ""):
        refused = send(stage, operator, made, verb, number=str(number))
        assert refused.status_code == 422, number
        assert 'aria-invalid="true"' in refused.text
        assert f'value="{number}"' in refused.text or number == ""
    assert row_state(stage, made) == "new"


def test_readers_of_another_line_get_nothing_by_merging(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    hr = make_request(stage, world.a, item="hr_question")
    finance = make_request(stage, world.a)
    refused = send(stage, sign_in_as(world.operator_a), hr, "merge", number=str(finance.number))
    assert refused.status_code == 422
    assert "another service line" in refused.text


def test_ended_requests_take_nothing_in(world: Any, stage: Any, sign_in_as: Any) -> None:
    ended = make_request(stage, world.a)
    with acting(stage, world.a.user.scope()):
        actor = world.a.user.actor()
        ending.cancel_request(request=get_request(actor=actor, number=ended.number), actor=actor,
                              now=now(), reason="no")  # fmt: skip
    made = make_request(stage, world.a)
    operator = sign_in_as(world.operator_a)
    for verb in ("merge", "duplicate"):
        refused = send(stage, operator, made, verb, number=str(ended.number))
        assert refused.status_code == 422
        assert "That request is ended" in refused.text


def test_linking_and_back(world: Any, stage: Any, sign_in_as: Any) -> None:
    one, two = make_request(stage, world.a), make_request(stage, world.a, item="hr_question")
    operator = sign_in_as(world.operator_a)
    assert send(stage, operator, one, "link", number=str(two.number)).status_code == 303
    assert f"#{two.number}" in operator.get(one.url).text
    assert f"#{one.number}" in operator.get(two.url).text
    assert send(stage, operator, two, "link", number=str(one.number)).status_code == 409
    # Who doesn't hold the other's line reads nothing of it.
    assert two.url not in sign_in_as(world.a.people["finance_only"]).get(one.url).text
    assert send(stage, operator, two, "unlink", number=str(one.number)).status_code == 303
    assert "Linked requests" not in operator.get(one.url).text
    assert send(stage, operator, two, "unlink", number=str(one.number)).status_code == 404


def _at_once(stage: Any, works: list[Any]) -> list[Any]:
    """Each in a transaction of its own, begun before any of them writes."""
    ready = Barrier(len(works), timeout=20)

    def run(scope: Any, work_: Any) -> Any:
        try:
            with acting(stage, scope):
                prepared = work_()
                ready.wait()
                prepared()
        except (CoulisseError, StaleDataError) as error:
            return error
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(lambda one: run(*one), works))


def _crosswise(world: Any, person: Any, one: Made, two: Made) -> Any:
    def prepare() -> Any:
        actor = person.actor(world.a)
        first = get_request(actor=actor, number=one.number)
        second = get_request(actor=actor, number=two.number)
        return lambda: linking.merge(request=first, into=second, actor=actor, now=now())

    return person.scope(world.a), prepare


def test_two_who_merge_crosswise(world: Any, stage: Any) -> None:
    one, two = make_request(stage, world.a), make_request(stage, world.a)
    found = _at_once(stage, [
        _crosswise(world, world.operator_a, one, two),
        _crosswise(world, world.operator_both, two, one),
    ])  # fmt: skip
    assert [one is None for one in found].count(True) == 1, found
    assert sorted([row_state(stage, one), row_state(stage, two)]) == ["merged", "new"]


def test_two_who_take_the_same_request(world: Any, stage: Any) -> None:
    made = make_request(stage, world.a)

    def taking(person: Any) -> Any:
        def prepare() -> Any:
            actor = person.actor(world.a)
            row = get_request(actor=actor, number=made.number)
            return lambda: work.assign_to_me(request=row, actor=actor, now=now())

        return person.scope(world.a), prepare

    found = _at_once(stage, [taking(world.operator_a), taking(world.operator_both)])
    assert [one is None for one in found].count(True) == 1, found
    assert _verbs(stage, made).count("assign") == 1


def test_closing_twice_at_once(world: Any, stage: Any) -> None:
    made = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip

    def closing(person: Any) -> Any:
        def prepare() -> Any:
            actor = person.actor()
            row = get_request(actor=actor, number=made.number)
            return lambda: ending.close_request(request=row, actor=actor, now=now())

        return person.scope(), prepare

    found = _at_once(stage, [closing(world.a.user), closing(world.a.admin)])
    assert [one is None for one in found].count(True) == 1, found
    assert _verbs(stage, made).count("close") == 1


def test_a_merge_while_the_other_writes(world: Any, stage: Any) -> None:
    """What was written on the request that ends is never lost: it is there, or refused."""
    one, two = make_request(stage, world.a), make_request(stage, world.a)
    user = world.a.user

    def writing() -> Any:
        row = get_request(actor=user.actor(), number=one.number)
        return lambda: conversation.send_message(
            request=row, actor=user.actor(), now=now(), body=world.a.text("wait"), uploads=[]
        )

    found = _at_once(
        stage, [_crosswise(world, world.operator_a, one, two), (user.scope(), writing)]
    )
    assert None in found
    kept = stage.value("SELECT count(*) FROM client_messages WHERE tenant_id = :t", t=world.a.id)
    assert kept == (1 if found[1] is None else 0)


@pytest.mark.parametrize("verb", ["merge", "duplicate"])
def test_what_was_billed_already_goes_nowhere_else(
    world: Any, stage: Any, sign_in_as: Any, verb: str
) -> None:
    """Its minutes stand on it, and on an invoice perhaps."""
    done, into = (
        make_request(stage, world.a, state="delivered", operator=world.operator_a,
                     reviewer=world.supervisor)
        for _ in range(2)
    )  # fmt: skip
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    assert send(stage, user, done, "reopen", reason="not right").status_code == 303
    assert send(stage, operator, done, "assign").status_code == 303
    refused = send(stage, operator, done, verb, number=str(into.number))
    assert refused.status_code == 422
    assert "was delivered and billed before" in refused.text
    assert row_state(stage, done) == "assigned"
    assert (_minutes_billed(stage, done), _minutes_billed(stage, into)) == (45, 45)


@pytest.mark.parametrize("verb", ["merge", "duplicate"])
def test_an_agreed_price_is_not_lost_by_merging(
    world: Any, stage: Any, sign_in_as: Any, verb: str
) -> None:
    into = make_request(stage, world.a)
    made = make_outside(stage, world.a)
    make_offer(stage, made, world.operator_a)
    assert accept(stage, made, world.a.approver)
    refused = send(stage, sign_in_as(world.operator_a), made, verb, number=str(into.number))
    assert refused.status_code == 422
    assert "A price was agreed" in refused.text
    assert row_state(stage, made) == "assigned"


def test_the_contract_is_not_gone_around_by_merging(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    into = make_request(stage, world.a)
    made = make_outside(stage, world.a)
    other = make_request(stage, world.a)
    operator = sign_in_as(world.operator_a)
    refused = send(stage, operator, made, "merge", number=str(into.number))
    assert refused.status_code == 422
    assert "The contract doesn&#39;t cover this request." in refused.text
    assert row_state(stage, made) == "new"
    # One price for both, and nothing to do for what was only asked twice.
    merge_into(stage, world, made, other)
    merge_into(stage, world, other, into, "duplicate")
    assert (row_state(stage, made), row_state(stage, other)) == ("merged", "duplicate")


@pytest.mark.parametrize("verb", ["merge", "duplicate"])
def test_nothing_is_open_on_what_ends_in_another(
    world: Any, stage: Any, sign_in_as: Any, verb: str
) -> None:
    """While the client is asked something, or work has begun, it doesn't."""
    into = make_request(stage, world.a)
    asked = make_request(stage, world.a)
    ask(stage, asked, world.operator_a)
    begun = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    operator = sign_in_as(world.operator_a)
    for made, state in ((asked, "waiting_client"), (begun, "in_progress")):
        refused = send(stage, operator, made, verb, number=str(into.number))
        assert refused.status_code == 409
        assert "nobody works on yet" in refused.text
        assert row_state(stage, made) == state
    assert "Which account?" in sign_in_as(world.a.user).get(asked.url).text


def test_a_merge_while_the_client_is_asked(world: Any, stage: Any) -> None:
    """Of two operators at once one asks or merges: an ended request never waits for an answer."""
    one, two = make_request(stage, world.a), make_request(stage, world.a)
    person = world.operator_both

    def asking() -> Any:
        actor = person.actor(world.a)
        row = get_request(actor=actor, number=one.number)
        return lambda: conversation.ask_question(
            request=row, actor=actor, now=now(), body=world.a.text("Which one?")
        )

    found = _at_once(
        stage, [_crosswise(world, world.operator_a, one, two), (person.scope(world.a), asking)]
    )
    assert [each is None for each in found].count(True) == 1, found
    open_ = stage.value("SELECT count(*) FROM questions WHERE tenant_id = :t", t=world.a.id)
    assert (row_state(stage, one), open_) in (("merged", 0), ("waiting_client", 1))
