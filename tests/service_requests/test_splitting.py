"""A second piece of work gets a request of its own, with what belongs to it."""

from __future__ import annotations

from typing import Any

from tests.factories.lifecycle import Made, make_request, row_state
from tests.service_requests.browsing import pdf, send


def test_split_takes_what_was_chosen_along(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    chosen, left = world.a.text("and order new pens"), world.a.text("stays here")
    send(stage, user, made, "messages", body=chosen, files=pdf(name="pens.pdf"))
    send(stage, user, made, "messages", body=left)
    form = operator.get(f"{made.url}?act=split").text
    assert "and order new pens" in form
    assert "Answered questions" not in form, "an open one stays"
    message = stage.value(
        "SELECT id FROM client_messages WHERE tenant_id = :t AND body = :b",
        t=world.a.id, b=chosen,
    )  # fmt: skip
    foreign = make_request(stage, world.b)
    send(stage, sign_in_as(world.b.user), foreign, "messages", body=world.b.text("theirs"))
    theirs = stage.value("SELECT id FROM client_messages WHERE tenant_id = :t", t=world.b.id)
    title = world.a.text("New pens")
    empty = send(stage, operator, made, "split", title=title, details=" ", messages=[str(message)])
    assert empty.status_code == 422
    assert f'value="{message}" checked' in empty.text, "what was chosen is kept"
    done = send(stage, operator, made, "split", title=title, details=world.a.text("Order them"),
                messages=[str(message), str(theirs)])  # fmt: skip
    assert done.status_code == 303
    new = Made(made.id, made.number + 1, world.a)
    for browser in (user, operator):
        page = browser.get(new.url).text
        assert chosen in page
        assert "pens.pdf" in page
        assert left not in page
        assert "theirs" not in page
        assert "Split from" in page
    assert chosen in user.get(made.url).text
    assert "Split off" in user.get(made.url).text
    assert row_state(stage, made) == "waiting_client"


def test_what_was_split_off_has_the_clock_of_its_priority(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a)
    operator = sign_in_as(world.operator_a)
    send(stage, operator, made, "priority", priority="urgent")
    send(stage, operator, made, "split", title=world.a.text("part"), details=world.a.text("do"))
    due, again = (
        stage.rows("SELECT id, priority, due_at FROM requests WHERE tenant_id = :t AND number = :n",
                   t=world.a.id, n=made.number + 1)[0],
        make_request(stage, world.a),
    )  # fmt: skip
    assert due.priority == "urgent"
    assert due.due_at < stage.value(
        "SELECT due_at FROM requests WHERE tenant_id = :t AND id = :i", t=world.a.id, i=again.id
    )


def test_split_takes_along_what_was_said_in_merged_requests(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made, into = make_request(stage, world.a), make_request(stage, world.a)
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    words = world.a.text("and order new pens")
    send(stage, user, made, "messages", body=words, files=pdf(name="pens.pdf"))
    send(stage, operator, made, "merge", number=str(into.number))
    message = stage.value("SELECT id FROM client_messages WHERE tenant_id = :t", t=world.a.id)
    assert str(message) in operator.get(f"{into.url}?act=split").text
    done = send(stage, operator, into, "split", title=world.a.text("Pens"),
                details=world.a.text("Order them"), messages=[str(message)])  # fmt: skip
    assert done.status_code == 303
    page = user.get(Made(made.id, into.number + 1, world.a).url).text
    assert words in page
    assert "pens.pdf" in page
