"""From a request's move to a real receiver: signed, once, again, and in whose hands."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from app.service_requests.queries import find_question, get_request
from app.service_requests.services import conversation
from app.webhooks import queries
from app.webhooks.catalogue import KINDS, Event
from app.webhooks.services import delivering, endpoints
from app.webhooks.services.publishing import publish, replay
from tenants import outbox
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import ask, go_on, make_request
from tests.factories.people import now
from tests.factories.stage import acting
from tests.factories.webhooks import Got, Receiver, Webhook, make_webhook, status

SEND = "outbox.deliver_webhook"


def signatures(got: Got, secret: str) -> str:
    """By the text of the Standard Webhooks specification, without a line of ours."""
    content = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.{got.body.decode()}"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, content.encode(), "sha256").digest()).decode()


def tell(stage: Any, company: Any, key: str = "fact", line: str | None = "finance") -> int:
    with acting(stage, company.scope):
        return publish([Event("request.delivered", key, {"request": 7}, line)], at=now())


def send(stage: Any, company: Any) -> list[str]:
    return run_jobs(stage, company.id, name=SEND)


def wait(stage: Any, company: Any) -> None:
    """The pause until the next try is over."""
    stage.run(
        "UPDATE jobs SET run_at = now() WHERE tenant_id = :t AND name = :n AND state = 'queued'",
        t=company.id, n=SEND,
    )  # fmt: skip


def health(stage: Any, webhook: Webhook) -> Any:
    [row] = stage.rows(
        "SELECT failures, failing_since, last_success_at, off_reason FROM webhook_endpoints"
        " WHERE id = :i", i=webhook.id,
    )  # fmt: skip
    return row


def messages(stage: Any, company: Any) -> list[tuple[Any, ...]]:
    rows = stage.rows(
        "SELECT kind, state, tries FROM webhook_messages WHERE tenant_id = :t ORDER BY id",
        t=company.id,
    )
    return [tuple(one) for one in rows]


def test_a_message_is_signed_as_the_standard_says(stage: Any, world: Any) -> None:
    with Receiver() as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        send(stage, world.a)
    [got] = receiver.got
    assert got.path == "/hook?of=ours"
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["webhook-signature"] == signatures(got, made.secret)
    assert abs(int(got.headers["webhook-timestamp"]) - now().timestamp()) < 60
    told = json.loads(got.body)
    assert (told["type"], told["data"]) == ("request.delivered", {"request": 7})
    assert messages(stage, world.a) == [("request.delivered", "delivered", 1)]
    assert health(stage, made).last_success_at is not None


def test_while_the_secret_changes_both_sign(stage: Any, world: Any) -> None:
    with Receiver() as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        with acting(stage, world.a.admin.scope()):
            row = queries.get_endpoint(endpoint_id=made.id)
            new = endpoints.rotate_secret(endpoint=row, actor=world.a.admin.actor(), now=now())
        tell(stage, world.a)
        send(stage, world.a)
        stage.run("UPDATE webhook_endpoints SET old_secret_until = now() WHERE id = :i", i=made.id)
        tell(stage, world.a, "later")
        send(stage, world.a)
    both, alone = receiver.got
    assert both.headers["webhook-signature"].split() == [
        signatures(both, new), signatures(both, made.secret),
    ]  # fmt: skip
    assert alone.headers["webhook-signature"] == signatures(alone, new)


def test_the_same_fact_is_told_once(stage: Any, world: Any) -> None:
    with Receiver() as receiver:
        make_webhook(stage, world.a, url=receiver.url)
        assert [tell(stage, world.a), tell(stage, world.a)] == [1, 0]
        send(stage, world.a)
    assert len(receiver.got) == 1


def test_a_crash_after_the_receiver_took_it_repeats_the_same_id(
    stage: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver() as receiver:
        make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        with monkeypatch.context() as broken:
            broken.setattr(outbox, "mark_done", lambda **_: 1 / 0)
            send(stage, world.a)
        assert messages(stage, world.a) == [("request.delivered", "pending", 0)]
        stage.run(
            "UPDATE jobs SET state = 'queued', run_at = now() WHERE tenant_id = :t AND name = :n",
            t=world.a.id, n=SEND,
        )  # fmt: skip
        send(stage, world.a)
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert messages(stage, world.a) == [("request.delivered", "delivered", 1)]


def test_it_is_tried_for_three_days_and_then_given_up(stage: Any, world: Any) -> None:
    with Receiver(answer=status(500, b"broken")) as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        pauses = []
        while send(stage, world.a):
            pause = stage.value(
                "SELECT next_try_at - now() FROM webhook_messages WHERE tenant_id = :t",
                t=world.a.id,
            )
            pauses.append(pause)
            wait(stage, world.a)
    assert len(receiver.got) == len(pauses) == 10
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
    assert timedelta(days=3) < sum((one for one in pauses if one), timedelta()) < timedelta(days=4)
    assert messages(stage, world.a) == [("request.delivered", "failed", 10)]
    assert health(stage, made).failures == 10
    [dead] = stage.rows(
        "SELECT o.state, j.state, j.error FROM outbox o JOIN jobs j ON j.tenant_id = o.tenant_id"
        " AND j.subject_id = o.id WHERE o.tenant_id = :t AND j.state = 'quarantined'",
        t=world.a.id,
    )
    assert tuple(dead) == (
        "dead", "quarantined", "The receiver did not take this message in 10 tries.",
    )  # fmt: skip
    kept = stage.rows(
        "SELECT status, answer FROM webhook_attempts WHERE tenant_id = :t", t=world.a.id
    )
    assert {tuple(one) for one in kept} == {(500, "broken")}


def test_what_could_not_go_out_stands_before_staff_and_runs_again(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    with Receiver(answer=status(410)) as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        send(stage, world.a)
        assert health(stage, made).off_reason == "gone"
        page = sign_in_as(world.supervisor).get("/provider/jobs/letters")
        assert "Message to a webhook" in page.text
        assert receiver.url not in page.text
        receiver.answer = None
        stage.run("UPDATE webhook_endpoints SET off_reason = '' WHERE id = :i", i=made.id)
        before = health(stage, made)
        stage.run(
            "UPDATE jobs SET state = 'queued', failures = 0 WHERE state = 'quarantined'"
            " AND tenant_id = :t", t=world.a.id,
        )  # fmt: skip
        send(stage, world.a)
    assert messages(stage, world.a) == [("request.delivered", "delivered", 2)]
    assert health(stage, made) == before
    assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]


def test_a_receiver_that_is_gone_is_left_alone_and_administrators_are_told(
    stage: Any, world: Any
) -> None:
    with Receiver(answer=status(410)) as receiver:
        make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        tell(stage, world.a, "second")
        send(stage, world.a)
        assert tell(stage, world.a, "third") == 0
        wait(stage, world.a)
        send(stage, world.a)
    assert len(receiver.got) == 1
    assert [one[1] for one in messages(stage, world.a)] == ["failed", "dropped"]
    [job] = stage.rows(
        "SELECT args FROM jobs WHERE tenant_id = :t AND name = 'notifications.tell'"
        " AND args->>'event' = 'webhook.gone'", t=world.a.id,
    )  # fmt: skip
    assert job.args["audience"] == [{"kind": "administrators"}]


def test_days_of_failures_switch_it_off_and_one_success_forgives(stage: Any, world: Any) -> None:
    with Receiver(answer=status(503)) as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        send(stage, world.a)
        stage.run(
            "UPDATE webhook_endpoints SET failing_since = now() - interval '5 days' WHERE id = :i",
            i=made.id,
        )
        receiver.answer = None
        tell(stage, world.a, "second")
        send(stage, world.a)
        assert (health(stage, made).failures, health(stage, made).failing_since) == (0, None)
        receiver.answer = status(503)
        tell(stage, world.a, "third")
        send(stage, world.a)
        assert health(stage, made).off_reason == ""
        stage.run(
            "UPDATE webhook_endpoints SET failing_since = now() - interval '5 days' WHERE id = :i",
            i=made.id,
        )
        wait(stage, world.a)
        send(stage, world.a)
    assert health(stage, made).off_reason == "failing"
    told = stage.value(
        "SELECT count(*) FROM jobs WHERE tenant_id = :t AND args->>'event' = 'webhook.failing'",
        t=world.a.id,
    )
    assert told == 1


def test_a_replay_keeps_the_id_is_signed_anew_and_says_nothing_of_health(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    with Receiver() as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        send(stage, world.a)
        with acting(stage, world.a.admin.scope()):
            row = queries.get_endpoint(endpoint_id=made.id)
            new = endpoints.rotate_secret(endpoint=row, actor=world.a.admin.actor(), now=now())
        before = health(stage, made)
        receiver.answer = status(500)
        message = stage.value("SELECT id FROM webhook_messages WHERE tenant_id = :t", t=world.a.id)
        browser = sign_in_as(world.a.admin)
        path = world.a.url(f"webhooks/{made.id}/messages/{message}/replay")
        assert [browser.post(path).status_code for _ in range(2)] == [303, 303]
        assert send(stage, world.a) == [SEND]
        assert health(stage, made) == before
        assert messages(stage, world.a) == [("request.delivered", "delivered", 2)]
        assert not stage.rows("SELECT 1 FROM jobs WHERE state = 'quarantined' AND tenant_id = :t",
                              t=world.a.id)  # fmt: skip
        assert browser.post(path).status_code == 303
        assert send(stage, world.a) == [SEND]
    first, second, _third = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert second.headers["webhook-signature"].split()[0] == signatures(second, new)
    assert second.body == first.body


def test_only_what_was_chosen_goes_out_and_only_to_the_company_itself(
    stage: Any, world: Any
) -> None:
    with Receiver() as ours, Receiver() as hr, Receiver() as others:
        make_webhook(stage, world.a, url=ours.url, kinds=["request.delivered"])
        make_webhook(stage, world.a, url=hr.url, lines=["hr"])
        make_webhook(stage, world.b, url=others.url)
        tell(stage, world.a)
        with acting(stage, world.a.scope):
            publish([Event("request.refused", "x", {}, "finance")], at=now())
        tell(stage, world.a, "company", line=None)
        send(stage, world.a)
        send(stage, world.b)
    assert (len(ours.got), len(hr.got), len(others.got)) == (2, 1, 0)


def test_a_switched_off_and_a_deleted_one_get_nothing(stage: Any, world: Any) -> None:
    with Receiver() as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        who = {"actor": world.a.admin.actor(), "now": now()}
        with acting(stage, world.a.admin.scope()):
            row = queries.get_endpoint(endpoint_id=made.id)
            endpoints.delete_endpoint(endpoint=row, **who)
        assert tell(stage, world.a, "second") == 0
        send(stage, world.a)
    assert receiver.got == []
    assert messages(stage, world.a) == [("request.delivered", "dropped", 1)]
    [row] = stage.rows("SELECT sealed_secret, sealed_old_secret FROM webhook_endpoints WHERE id = :i",
                       i=made.id)  # fmt: skip
    assert tuple(row) == ("", "")


def test_a_replay_that_met_a_closed_door_can_be_asked_for_again(stage: Any, world: Any) -> None:
    with Receiver() as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        send(stage, world.a)
        for on in (False, True):
            with acting(stage, world.a.admin.scope()):
                who: dict[str, Any] = {"actor": world.a.admin.actor(), "now": now()}
                row = queries.get_endpoint(endpoint_id=made.id)
                page = queries.list_messages(endpoint_id=row.id, actor=who["actor"])
                replay(endpoint=row, message=page.items[0], **who)
                endpoints.switch_endpoint(endpoint=row, on=on, **who)
            if not on:
                send(stage, world.a)
                stage.run("UPDATE webhook_endpoints SET off_reason = '' WHERE id = :i", i=made.id)
        send(stage, world.a)
    assert len(receiver.got) == 2
    assert messages(stage, world.a) == [("request.delivered", "delivered", 3)]


def test_a_requests_life_is_told_by_facts_and_never_by_words(stage: Any, world: Any) -> None:
    a, operator, reviewer = world.a, world.operator_a, world.supervisor
    with Receiver() as receiver:
        make_webhook(stage, a, url=receiver.url)
        made = make_request(stage, a, title=a.text("a secret subject"), state="in_progress",
                            operator=operator)  # fmt: skip
        with acting(stage, operator.scope(a)):
            actor = operator.actor(a)
            request = get_request(actor=actor, number=made.number)
            conversation.add_note(request=request, actor=actor, now=now(), body=a.text("NOTE"))
            conversation.send_message(
                request=request,
                actor=actor,
                now=now(),
                body=a.text("a message"),
                uploads=[],
            )
        question = ask(stage, made, operator)
        with acting(stage, a.user.scope()):
            actor = a.user.actor()
            request = get_request(actor=actor, number=made.number)
            asked = find_question(request_id=request.id, question_id=question)
            assert asked is not None
            conversation.answer_question(
                request=request, actor=actor, now=now(), answer=a.text("4711"), question=asked
            )
        go_on(stage, made, "delivered", operator=operator, reviewer=reviewer, at=now())
        gated = make_request(stage, a, item="payment_control", state="awaiting_approval",
                             operator=operator, reviewer=reviewer)  # fmt: skip
        assert gated.number != made.number
        while send(stage, a):
            pass
    told = [json.loads(one.body) for one in receiver.got]
    ours = [one for one in told if one["data"]["request"] == made.number]
    assert sorted(one["type"] for one in ours if one["type"] != "request.state_changed") == [
        "request.delivered", "request.question_asked", "request.raised",
    ]  # fmt: skip
    states = [one["data"]["state"] for one in ours if one["type"] == "request.state_changed"]
    assert sorted(states) == sorted(
        ["assigned", "in_progress", "waiting_client", "in_progress", "in_review", "delivered"]
    )
    assert "request.approval_asked" in {
        one["type"] for one in told if one["data"]["request"] == gated.number
    }
    allowed = {"request", "item", "line", "url", "state", "state_before", "question", "documents"}
    assert set().union(*(one["data"] for one in told)) <= allowed
    everything = b"".join(one.body for one in receiver.got)
    assert a.canary.encode() not in everything


def test_old_messages_are_forgotten_and_what_is_on_its_way_is_not(stage: Any, world: Any) -> None:
    made = make_webhook(stage, world.a, delivered=2)
    tell(stage, world.a)
    stage.run(
        "UPDATE webhook_messages SET at = now() - interval '31 days' WHERE tenant_id = :t"
        " AND id <> :m", t=world.a.id, m=made.message_id,
    )  # fmt: skip
    other = make_webhook(stage, world.b, delivered=1)
    run_jobs(stage, world.a.id, name="webhooks.prune")
    with acting(stage, world.a.scope):
        assert delivering.prune(now=now()) == 1
    assert [one[1] for one in messages(stage, world.a)] == ["delivered", "pending"]
    assert len(messages(stage, world.b)) == 1
    assert other.message_id is not None


def test_every_kind_has_words(stage: Any) -> None:
    assert all(KINDS.values())
