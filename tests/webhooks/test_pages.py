"""What administrators do on the pages, and programs by the API."""

import re
from typing import Any

import pytest

from tests.factories.jobs import run_jobs
from tests.factories.webhooks import NOWHERE, Receiver, make_webhook

API = "/api/v1/webhooks"
GOOD = {"url": "https://hooks.client.example/in", "kinds": ["request.delivered"],
        "lines": ["finance"]}  # fmt: skip
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def secret_on(page: Any) -> str:
    [found] = re.findall(r'id="new-secret">(whsec_[^<]+)<', page.text)
    return str(found)


def test_a_secret_is_shown_once_and_lies_sealed(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.a.admin)
    page = browser.post(world.a.url("webhooks/new"), data=GOOD)
    secret = secret_on(page)
    assert page.headers["Cache-Control"] == "no-store"
    [row] = stage.rows("SELECT * FROM webhook_endpoints WHERE tenant_id = :t", t=world.a.id)
    assert secret.removeprefix("whsec_") not in str(tuple(row))
    told = stage.rows("SELECT facts FROM audit_events WHERE tenant_id = :t", t=world.a.id)
    assert secret not in str(told)
    for path in ("webhooks", f"webhooks/{row.id}", f"webhooks/{row.id}/edit"):
        assert secret not in browser.get(world.a.url(path)).text
    assert secret_on(browser.post(world.a.url(f"webhooks/{row.id}/secret"))) != secret


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "http://hooks.client.example/in"}, "has to begin with https://"),
        ({"url": "https://10.0.0.1/"}, "is not on the public internet"),
        ({"url": ""}, ""),
        ({"kinds": []}, "Choose at least one thing to be told of."),
        ({"lines": []}, "Choose at least one service line."),
        ({"lines": ["legal"]}, ""),
    ],
)
def test_a_form_says_at_the_field_what_is_wrong(
    stage: Any, world: Any, sign_in_as: Any, change: dict[str, Any], words: str
) -> None:
    stage.run("UPDATE users SET language = 'en' WHERE id = :u", u=world.a.admin.id)
    page = sign_in_as(world.a.admin).post(world.a.url("webhooks/new"), data={**GOOD, **change})
    assert page.status_code == 422
    assert 'class="field-error"' in page.text
    assert not stage.value("SELECT count(*) FROM webhook_endpoints WHERE tenant_id = :t",
                           t=world.a.id)  # fmt: skip
    assert words in page.text


def test_a_test_goes_out_and_its_answer_is_seen(stage: Any, world: Any, sign_in_as: Any) -> None:
    with Receiver() as receiver:
        made = make_webhook(stage, world.a, url=receiver.url)
        browser = sign_in_as(world.a.admin)
        sent = browser.post(world.a.url(f"webhooks/{made.id}/test"))
        assert sent.status_code == 303
        run_jobs(stage, world.a.id, name="outbox.deliver_webhook")
        page = browser.get(sent.location)
    assert receiver.got[0].body.startswith(b'{"data":{},"timestamp":')
    assert "204" in page.text
    assert stage.value("SELECT last_success_at FROM webhook_endpoints WHERE id = :i",
                       i=made.id) is None  # fmt: skip


def test_switched_off_nothing_is_sent_and_it_says_so(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    made = make_webhook(stage, world.a, delivered=1)
    browser = sign_in_as(world.a.admin)
    path = world.a.url(f"webhooks/{made.id}")
    assert browser.post(f"{path}/switch").status_code == 303
    assert browser.post(f"{path}/test").status_code == 409
    assert browser.post(f"{path}/messages/{made.message_id}/replay").status_code == 409
    assert browser.post(f"{path}/switch", data={"on": "1"}).status_code == 303
    assert browser.post(f"{path}/test").status_code == 303
    for _ in range(2):
        assert browser.post(f"{path}/delete").status_code == 303
    assert browser.get(world.a.url("webhooks")).text.count("ERP") == 0
    assert browser.post(f"{path}/switch", data={"on": "1"}).status_code == 409
    assert browser.post(f"{path}/edit", data=GOOD).status_code == 409
    assert "ERP" in browser.get(path).text


def test_members_and_staff_have_no_business_there(stage: Any, world: Any, sign_in_as: Any) -> None:
    made = make_webhook(stage, world.a, delivered=1)
    for person in (world.a.user, world.a.approver, world.operator_a, world.supervisor):
        browser = sign_in_as(person)
        assert browser.get(world.a.url("webhooks")).status_code == 403
        assert browser.get(world.a.url(f"webhooks/{made.id}")).status_code == 403
    assert sign_in_as(world.b.admin).get(world.a.url("webhooks")).status_code == 404
    foreign = sign_in_as(world.b.admin).get(world.b.url(f"webhooks/{made.id}"))
    assert foreign.status_code == 404


def test_an_administrator_of_one_line_neither_reads_nor_takes_away_the_others(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    made = make_webhook(stage, world.a, delivered=1)
    stage.run("UPDATE members SET lines = '{hr}' WHERE user_id = :u", u=world.a.admin.id)
    browser = sign_in_as(world.a.admin)
    path = world.a.url(f"webhooks/{made.id}")
    assert browser.get(f"{path}/messages/{made.message_id}").status_code == 404
    assert f"messages/{made.message_id}" not in browser.get(path).text
    assert browser.post(f"{path}/edit", data={**GOOD, "lines": ["hr"]}).status_code == 303
    kept = stage.value("SELECT lines FROM webhook_endpoints WHERE id = :i", i=made.id)
    assert kept == ["finance", "hr"]


def test_programs_set_up_read_and_replay(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.admin, scopes=["webhooks:read", "webhooks:write"])
    made = program.post(API, json={**GOOD, "description": "ERP", "secret": SECRET})
    assert made.status_code == 201
    assert SECRET.removeprefix("whsec_") not in made.text
    place = made.headers["Location"]
    assert program.get(place).json == made.json
    assert program.get(API).json["items"] == [made.json]
    changed = program.post(place, json={**GOOD, "url": NOWHERE, "lines": ["hr"]})
    assert (changed.json["url"], changed.json["lines"]) == (NOWHERE, ["hr"])
    assert program.post(f"{place}/secret", json={"secret": SECRET}).json["old_secret_until"]
    sent = program.post(f"{place}/test")
    assert (sent.status_code, sent.json["state"]) == (201, "pending")
    message = f"{place}/messages/{sent.json['id']}"
    assert program.post(f"{message}/replay").json["code"] == "conflict"
    run_jobs(stage, world.a.id, name="outbox.deliver_webhook")
    found = program.get(message).json
    assert (found["state"], found["attempts"][0]["trouble"]) == ("failed", "closed")
    assert program.post(f"{message}/replay").status_code == 202
    listed = program.get(f"{place}/messages").json["items"]
    assert [one["webhook_id"] for one in listed] == [found["webhook_id"]]
    assert program.post(f"{place}/switch", json={"on": False}).json["state"] == "person"
    assert program.post(f"{place}/delete").json["state"] == "deleted"
    assert program.get(API).json["items"] == []


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "plain", "whsec_" + "A" * 92])
def test_weak_secrets_are_refused(world: Any, api_as: Any, secret: str) -> None:
    program = api_as(world.a.admin, scopes=["webhooks:write"])
    refused = program.post(API, json={**GOOD, "secret": secret})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["secret"])


def test_no_secret_lies_in_what_is_kept_for_repeats(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.admin, scopes=["webhooks:write"])
    headers = {"Idempotency-Key": "one"}
    first, again = (
        program.post(API, json={**GOOD, "secret": SECRET}, headers=headers) for _ in range(2)
    )
    assert first.json == again.json
    kept = stage.rows("SELECT * FROM idempotency_keys WHERE tenant_id = :t", t=world.a.id)
    assert len(kept) == 1
    assert SECRET.removeprefix("whsec_") not in str(kept)


def test_a_company_has_at_most_ten(stage: Any, world: Any, api_as: Any) -> None:
    for _ in range(10):
        make_webhook(stage, world.a)
    program = api_as(world.a.admin, scopes=["webhooks:write"])
    refused = program.post(API, json={**GOOD, "secret": SECRET})
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_webhooks")
