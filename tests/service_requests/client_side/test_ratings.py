"""How it went, said by a signed link: by who was asked, once in 14 days, and by nobody else."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from app.service_requests.queries import get_request, get_request_by_id
from app.service_requests.ratings import links
from app.service_requests.ratings.models import Rating
from app.service_requests.services import ending, rating, work
from tenants.core.db import db
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import Made, go_on, make_request
from tests.factories.people import make_member, now


@pytest.fixture
def close(world, stage):
    def make():
        made = make_request(stage, world.a, state="closed", operator=world.operator_a,
                            reviewer=world.supervisor, title="Secret title")  # fmt: skip
        run_jobs(stage, world.a.id, name="ratings.invite")
        return made

    return make


def link_of(stage, company):
    [row] = stage.rows(
        "SELECT request_id, user_id, expires_at FROM rating_invitations WHERE tenant_id = :t",
        t=company.id,
    )  # fmt: skip
    claim = links.Claim(company.id, row.request_id, row.user_id, row.expires_at)
    with stage.app.app_context():
        return claim, f"/rate/{links.token_of(claim)}"


def ratings(stage, company):
    return stage.rows("SELECT * FROM ratings WHERE tenant_id = :t", t=company.id)


def test_the_mail_leads_to_one_rating_without_signing_in(world, stage, client, close, sign_in_as):
    made = close()
    _, link = link_of(stage, world.a)
    [args] = stage.rows(
        "SELECT args FROM jobs WHERE tenant_id = :t AND args->>'event' = 'request.rate'",
        t=world.a.id,
    )  # fmt: skip
    assert args.args["link"] == link
    anonymous = client()
    page = anonymous.get(link)
    assert page.status_code == 200
    assert "Secret title" not in page.text
    assert anonymous.get(made.url).status_code == 303, "it opens nothing else"
    assert anonymous.post(link, data={"score": "9"}).status_code == 422
    assert anonymous.post(link, data={}).status_code == 422
    said = anonymous.post(link, data={"score": "5", "speed": "4", "quality": "", "comment": "Fine"})
    assert said.status_code == 200
    assert "Thank you" in said.text
    [row] = ratings(stage, world.a)
    assert (row.score, row.speed, row.quality, row.comment) == (5, 4, None, "Fine")
    assert row.user_id == world.a.user.id
    for person in (world.a.user, world.operator_a):
        assert "5 of 5" in sign_in_as(person).get(made.url).text
    assert not stage.rows("SELECT id FROM supervisor_tasks WHERE tenant_id = :t", t=world.a.id)


def test_it_is_changed_for_seven_days(world, stage, client, close):
    close()
    _, link = link_of(stage, world.a)
    browser = client()
    for score in ("4", "3"):
        assert browser.post(link, data={"score": score}).status_code == 200
    [row] = ratings(stage, world.a)
    assert row.score == 3
    aged(stage, world.a, 8)
    assert browser.post(link, data={"score": "5"}).status_code == 409
    assert ratings(stage, world.a)[0].score == 3


def test_foreign_changed_and_old_links_answer_alike(world, stage, client, close):
    close()
    claim, link = link_of(stage, world.a)
    body, _, mac = link.removeprefix("/rate/").partition(".")
    raw = bytearray(base64.urlsafe_b64decode(body))
    other = bytearray(raw)
    other[40] ^= 1
    changed = base64.urlsafe_b64encode(bytes(other)).decode()
    with stage.app.app_context():
        old = links.token_of(links.Claim(claim.tenant_id, claim.request_id, claim.user_id,
                                         now() - timedelta(seconds=1)))  # fmt: skip
        uninvited = links.token_of(links.Claim(claim.tenant_id, claim.request_id,
                                               world.a.approver.id, claim.expires_at))  # fmt: skip
        foreign = links.token_of(links.Claim(world.b.id, claim.request_id, claim.user_id,
                                             claim.expires_at))  # fmt: skip
    answers = set()
    for token in (
        f"{changed}.{mac}",
        f"{body}.{mac[:-1]}{int(mac[-1], 16) ^ 1:x}",
        body,
        "x",
        "é.é",
        old,
        uninvited,
        foreign,
    ):
        for answer in (
            client().get(f"/rate/{token}"),
            client().post(f"/rate/{token}", data={"score": "5"}),
        ):
            assert answer.status_code == 404, token
            answers.add("This link doesn't work any more" in answer.text.replace("&#39;", "'"))
    assert answers == {True}
    stage.run("UPDATE members SET removed_at = now() WHERE id = :i", i=world.a.user.member_id)
    assert client().get(link).status_code == 404
    assert not ratings(stage, world.a)


def test_nobody_is_asked_twice_in_14_days(world, stage, close):
    close()
    close()
    [row] = stage.rows("SELECT * FROM rating_invitations WHERE tenant_id = :t", t=world.a.id)
    stage.run("UPDATE rating_invitations SET at = now() - interval '15 days' WHERE tenant_id = :t",
              t=world.a.id)  # fmt: skip
    close()
    count = stage.value(
        "SELECT count(*) FROM rating_invitations WHERE tenant_id = :t", t=world.a.id
    )
    assert count == 2
    assert row


@pytest.mark.parametrize(("score", "opens"), [("1", True), ("2", True), ("3", False)])
def test_a_low_score_is_a_supervisors(world, stage, client, close, sign_in_as, score, opens):
    made = close()
    _, link = link_of(stage, world.a)
    client().post(link, data={"score": score})
    client().post(link, data={"score": score})
    run_jobs(stage, world.a.id, name="ratings.react")
    tasks = stage.rows("SELECT * FROM supervisor_tasks WHERE tenant_id = :t", t=world.a.id)
    assert len(tasks) == int(opens)
    page = sign_in_as(world.supervisor).get("/desk/supervision").text
    assert (made.url in page) == opens
    if opens:
        assert timedelta() < tasks[0].due_at - now() < timedelta(days=6)
        assert "not satisfied" not in sign_in_as(world.a.user).get(made.url).text


def test_the_database_takes_no_rating_from_the_provider(world, stage, client, close):
    made = close()
    _, link = link_of(stage, world.a)
    client().post(link, data={"score": "1"})
    with acting(stage, world.operator_a.scope(world.a)):
        changed = update(Rating).values(score=5).returning(Rating.id)
        assert not db.session.execute(changed).all()
    with pytest.raises(DBAPIError), acting(stage, world.operator_a.scope(world.a)):
        db.session.execute(
            insert(Rating).values(
                tenant_id=world.a.id, request_id=made.id, user_id=world.operator_a.id,
                user_name="Operator", score=5, rated_at=now(), changed_at=now(),
            )
        )  # fmt: skip
    assert ratings(stage, world.a)[0].score == 1


def test_on_the_clients_home_until_it_is_said(world, stage, client, close, sign_in_as):
    close()
    _, link = link_of(stage, world.a)
    home = world.a.url()
    assert link in sign_in_as(world.a.user).get(home).text
    other = make_member(stage, world.a, key="other")
    assert link not in sign_in_as(other).get(home).text
    client().post(link, data={"score": "4"})
    assert link not in sign_in_as(world.a.user).get(home).text


def test_for_whom_it_was_raised_is_asked(world, stage, sign_in_as):
    raised = sign_in_as(world.operator_a).post(
        world.a.url("requests/new/finance_question"),
        data={"client": world.a.slug, "title": world.a.text("Pens"), "details": "blue",
              "requester": str(world.a.approver.id)},
    )  # fmt: skip
    assert raised.status_code == 303
    [row] = stage.rows("SELECT id, number FROM requests WHERE tenant_id = :t", t=world.a.id)
    made = Made(row.id, row.number, world.a)
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor, at=now())
    late = now() + timedelta(days=20)
    with acting(stage, world.a.scope):
        assert ending.close_silent(actor=system_actor(world.a.id), now=late) == 1
    run_jobs(stage, world.a.id, name="ratings.invite")
    claim, _ = link_of(stage, world.a)
    assert claim.user_id == world.a.approver.id


def closed_again(world, stage, made):
    """After an objection, by the same person."""
    with acting(stage, world.a.user.scope()):
        actor = world.a.user.actor()
        row = get_request(actor=actor, number=made.number)
        ending.reopen(request=row, actor=actor, now=now(), reason="not yet")
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        who = {"actor": actor, "now": now()}
        row = get_request(actor=actor, number=made.number)
        work.assign_to_me(request=row, **who)
    go_on(stage, made, "closed", operator=world.operator_a, reviewer=world.supervisor, at=now())
    assert run_jobs(stage, world.a.id, name="ratings.invite") == ["ratings.invite"]


def aged(stage, company, days):
    stage.run(
        "UPDATE rating_invitations SET at = at - make_interval(days => :d),"
        " expires_at = expires_at - make_interval(days => :d) WHERE tenant_id = :t",
        d=days, t=company.id,
    )  # fmt: skip
    stage.run("UPDATE ratings SET rated_at = rated_at - make_interval(days => :d)"
              " WHERE tenant_id = :t", d=days, t=company.id)  # fmt: skip


def test_closed_a_second_time_it_is_asked_again(world, stage, client, close, sign_in_as):
    made = close()
    _, link = link_of(stage, world.a)
    assert client().post(link, data={"score": "1", "comment": "Late"}).status_code == 200
    run_jobs(stage, world.a.id, name="ratings.react")
    closed_again(world, stage, made)
    home = world.a.url()
    assert link not in sign_in_as(world.a.user).get(home).text, "not twice in 14 days"
    aged(stage, world.a, 20)
    _, old = link_of(stage, world.a)
    assert client().post(old, data={"score": "3"}).status_code == 409

    closed_again(world, stage, made)
    _, renewed = link_of(stage, world.a)
    assert renewed != old
    assert renewed in sign_in_as(world.a.user).get(home).text
    links_told = stage.rows(
        "SELECT args->>'link' AS link FROM jobs WHERE tenant_id = :t"
        " AND args->>'event' = 'request.rate' ORDER BY created_at", t=world.a.id,
    )  # fmt: skip
    assert [row.link for row in links_told] == [link, renewed]
    assert "Late" in client().get(renewed).text, "their earlier word stands until they change it"
    for score in ("2", "1"):
        assert client().post(renewed, data={"score": score}).status_code == 200
    [row] = ratings(stage, world.a)
    assert row.score == 1
    assert renewed not in sign_in_as(world.a.user).get(home).text
    run_jobs(stage, world.a.id, name="ratings.react")
    tasks = stage.rows("SELECT * FROM supervisor_tasks WHERE tenant_id = :t", t=world.a.id)
    assert len(tasks) == 2, "one for each time that it went badly"
    aged(stage, world.a, 8)
    assert client().post(renewed, data={"score": "5"}).status_code == 409


def test_two_requests_closed_at_once_ask_once(world, stage):
    first, second = (
        make_request(stage, world.a, state="closed", operator=world.operator_a,
                     reviewer=world.supervisor) for _ in range(2)
    )  # fmt: skip

    def invite(made):
        return rating.invite(
            request=get_request_by_id(request_id=made.id), user_id=world.a.user.id,
            actor=system_actor(world.a.id), now=now(),
        )  # fmt: skip

    def other():
        with acting(stage, world.a.scope):
            return invite(second)

    with ThreadPoolExecutor(1) as pool:
        with acting(stage, world.a.scope):
            assert invite(first)
            meanwhile = pool.submit(other)
            wait([meanwhile], timeout=1)
        assert meanwhile.result(timeout=20) is False
    [row] = stage.rows("SELECT * FROM rating_invitations WHERE tenant_id = :t", t=world.a.id)
    assert row.request_id == first.id
