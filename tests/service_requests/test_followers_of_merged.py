"""Who followed what was merged follows what goes on."""

from __future__ import annotations

from typing import Any

import pytest

from app.service_requests.queries import get_request
from app.service_requests.services import watching
from tests.factories import acting, make_member
from tests.factories.lifecycle import Made, make_request, merge_into
from tests.factories.people import now
from tests.notifications.mails import told
from tests.service_requests.browsing import send


def _followers(stage: Any, made: Made) -> set[str]:
    return {
        row.name
        for row in stage.rows(
            "SELECT name FROM request_watchers WHERE tenant_id = :t AND request_id = :r"
            " AND left_at IS NULL", t=made.company.id, r=made.id,
        )
    }  # fmt: skip


def _watch(stage: Any, made: Made, person: Any, *, stop: bool = False) -> None:
    with acting(stage, person.scope(made.company)):
        actor = person.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        who = {"request": row, "actor": actor, "now": now(), "user_id": person.id}
        watching.watch(**who)
        if stop:
            watching.unwatch(**who)


@pytest.mark.parametrize("verb", ["merge", "duplicate"])
def test_followers_go_along_but_not_who_stopped(
    world: Any, stage: Any, sign_in_as: Any, verb: str
) -> None:
    one, into = make_request(stage, world.a), make_request(stage, world.a)
    stays = make_member(stage, world.a, key="stays")
    stopped_here = make_member(stage, world.a, key="stopped_here")
    stopped_there = make_member(stage, world.a, key="stopped_there")
    lost = make_member(stage, world.a, key="lost")
    for person in (stays, stopped_there, lost, world.operator_both):
        _watch(stage, one, person)
    _watch(stage, one, stopped_here, stop=True)
    _watch(stage, into, stopped_there, stop=True)
    stage.run("UPDATE members SET lines = '{hr}' WHERE id = :i", i=lost.member_id)
    merge_into(stage, world, one, into, verb)
    assert {stays.name, world.operator_both.name} <= _followers(stage, into)
    assert not {stopped_here.name, stopped_there.name} & _followers(stage, into)
    page = sign_in_as(stays).get(f"{into.url}/watchers").text
    assert "Stop following" in sign_in_as(stays).get(into.url).text
    assert lost.name not in page, "who lost the line sees and hears nothing"
    send(stage, sign_in_as(world.operator_a), into, "messages", body="news")
    emails = told(stage, world.a, "request.provider_wrote")
    assert stays.email in emails
    assert not {stopped_here.email, stopped_there.email, lost.email} & emails


def test_who_asked_for_what_was_merged_follows_what_goes_on(world: Any, stage: Any) -> None:
    colleague = make_member(stage, world.a, key="colleague")
    one, into = make_request(stage, world.a), make_request(stage, world.a)
    for made in (one, into):
        assert not _followers(stage, made)
    stage.run(
        "UPDATE requests SET raised_by = :u, raised_by_name = :n WHERE id = :i",
        u=colleague.id, n=colleague.name, i=one.id,
    )  # fmt: skip
    merge_into(stage, world, one, into)
    assert _followers(stage, into) == {colleague.name}
