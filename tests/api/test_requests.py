"""Requests by JSON: from the catalogue to the file, and what is refused on the way."""

import base64
import hashlib
import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import ask, make_request, row_state
from tests.factories.people import now
from tests.finance.test_payment_control import uploads
from workers.schedule import TASKS

NEW = {"item": "finance_question", "form": {"title": "A letter", "details": "Please"}}
RAW = {"content_type": "application/octet-stream"}


def send_ahead(program: Any, name: str, content: bytes) -> str:
    sent = program.post(f"/api/v1/uploads?name={name}", data=content, **RAW)
    assert sent.status_code == 201, sent.text
    assert sent.json["sha256"] == hashlib.sha256(content).hexdigest()
    return str(sent.json["id"])


def test_a_payment_control_from_files_to_matches(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    item = next(one for one in program.get("/api/v1/catalogue").json["items"]
                if one["code"] == "payment_control")  # fmt: skip
    assert set(item["form_schema"]["properties"]) == {"period", "details"}
    assert [slot["name"] for slot in item["files"] if slot["required"]] == [
        "open_items",
        "statement",
    ]
    files = {one.slot: send_ahead(program, one.name, one.content) for one in uploads()}
    made = program.post("/api/v1/requests", json={
        "item": "payment_control", "form": {"period": "2026-10"}, "files": files,
    })  # fmt: skip
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == f'"{made.json["version"]}"'
    run_jobs(stage, world.a.id)
    there = made.headers["Location"]
    assert program.get(there).json["form"]["period"] == "2026-10"
    control = program.get(f"{there}/payment-control").json
    assert control["state"] == "ready"
    assert control["lines"]["all"] == control["lines_in"] > 0
    assert control["statements"][0]["difference"]["amount"] == "0.00"

    operator = api_as(world.operator_a, world.a)
    proposed = operator.get(f"{there}/payment-control/lines?view=proposed").json["items"]
    [match, *_] = proposed[0]["matches"]
    assert match["explanation"]
    seen = program.get(f"{there}/payment-control/lines?view=proposed").json["items"]
    assert [line["matches"] for line in seen] == [[] for _ in seen]
    path = f"{there}/payment-control/matches/{match['id']}"
    assert operator.post(f"{path}/confirm").json["code"] == "wrong_state"
    number = made.json["number"]
    stage.run("UPDATE requests SET state = 'in_progress' WHERE tenant_id = :t AND number = :n",
              t=world.a.id, n=number)  # fmt: skip
    assert program.post(f"{path}/confirm").status_code == 403
    line = operator.post(f"{path}/confirm")
    assert line.status_code == 200
    assert [one["state"] for one in line.json["matches"]] == ["confirmed"]
    assert operator.post(f"{path}/undo").json["matches"] == []
    by_hand = operator.post(
        f"{there}/payment-control/lines/{line.json['id']}/match", json={"item_id": match["item_id"]}
    )
    assert by_hand.json["matches"][0]["rule"] == "by_hand"
    left = operator.get(f"{there}/payment-control/lines?view=unmatched").json["items"][0]
    opened = operator.post(
        f"{there}/payment-control/lines/{left['id']}/leave-open", json={"note": "fee"}
    )
    assert opened.json["state"] == "left_open"
    assert operator.get(f"{there}/payment-control/items?state=paid").json["items"]


def test_files_go_in_and_come_out_whole(world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    number = program.post("/api/v1/requests", json=NEW).json["number"]
    content = bytes(range(256))
    added = program.post(f"/api/v1/requests/{number}/files",
                         data={"file": (BytesIO(content), "../ü\u202e.bin")})  # fmt: skip
    assert added.status_code == 201, added.text
    assert added.json["name"] == "ü.bin"
    [listed] = program.get(f"/api/v1/requests/{number}/files").json["items"]
    assert listed == added.json
    page = program.get(f"/api/v1/requests/{number}/files/{listed['id']}")
    assert page.data == content
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert page.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert page.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [("application/json", b"{}", 415, "unsupported_media_type"),
     ("text/csv", b"a;b", 415, "unsupported_media_type"),
     ("application/octet-stream", b"", 422, "invalid"),
     ("application/octet-stream", b"x" * (20 * 1024 * 1024 + 1), 413, "too_large"),
     ("application/octet-stream", b"x" * (25 * 1024 * 1024 + 1), 413, "too_large"),
     ("multipart/form-data; boundary=x", b"--x--\r\n", 422, "invalid"),
     ("multipart/form-data", b"nothing of the kind", 422, "invalid")],
)  # fmt: skip
def test_uploads_that_are_none(
    world: Any, api_as: Any, kind: str, body: bytes, status: int, code: str
) -> None:
    page = api_as(world.a.user).post("/api/v1/uploads", data=body, content_type=kind)
    assert (page.status_code, page.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"", 400, "bad_json"), (b"{", 400, "bad_json"), (b"\xff", 400, "bad_json"),
     (b'{"item": NaN}', 400, "bad_json"), (b"[" * 100_000, 400, "bad_json"),
     (b"[]", 422, "invalid"), (b'"x"', 422, "invalid"), (b"null", 422, "invalid"),
     (b'{"item": "\\u0000"}', 422, "invalid"), (b'{"\\ud800": 1}', 422, "invalid"),
     (b" " * (2 * 1024 * 1024 + 1), 413, "too_large")],
)  # fmt: skip
def test_bodies_that_can_not_be_read(
    world: Any, api_as: Any, body: bytes, status: int, code: str
) -> None:
    page = api_as(world.a.user).post("/api/v1/requests", data=body, content_type="application/json")
    assert (page.status_code, page.json["code"]) == (status, code)


STRANGE = {"tenant_id": "00000000-0000-7000-8000-000000000001", "state": "closed", "version": 9,
           "raised_by": "somebody", "role": "client_admin", "client": "other"}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_nothing_is_assigned_that_is_not_offered(
    stage: Any, world: Any, api_as: Any, name: str
) -> None:
    program = api_as(world.a.user)
    extra = {name: STRANGE[name]}
    for body, place in (({**NEW, **extra}, name),
                        ({**NEW, "form": {**NEW["form"], **extra}}, f"form.{name}")):  # type: ignore[dict-item]  # fmt: skip
        refused = program.post("/api/v1/requests", json=body)
        assert refused.status_code == 422
        assert place in refused.json["errors"]
        assert f"/{place.replace('.', '/')}" in [one["pointer"] for one in refused.json["pointers"]]
    assert program.get("/api/v1/requests?tenant_id=x").status_code == 422
    assert not stage.rows("SELECT id FROM requests WHERE tenant_id = :t", t=world.a.id)


def test_a_page_keeps_its_place_while_rows_arrive(world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    for _ in range(7):
        program.post("/api/v1/requests", json=NEW)
    seen: list[int] = []
    there: str | None = "/api/v1/requests?limit=3&state=open"
    while there is not None:
        page = program.get(there).json
        seen += [one["number"] for one in page["items"]]
        there = page["next"]
        program.post("/api/v1/requests", json=NEW)
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=1.5", "limit=+1", "limit=1&limit=2",
                                   "cursor=x", "state=lost", "updated_since=yesterday", "q=%00",
                                   "page=2"])  # fmt: skip
def test_queries_that_mean_nothing(world: Any, api_as: Any, query: str) -> None:
    page = api_as(world.a.user).get(f"/api/v1/requests?{query}")
    assert page.status_code == 422
    assert page.json["detail"]


def test_lists_are_narrowed(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    program.post("/api/v1/requests", json=NEW)
    program.post("/api/v1/requests", json={**NEW, "item": "hr_question"})

    def count(query: str) -> int:
        return len(program.get(f"/api/v1/requests?{query}").json["items"])

    past, later = (f"{now() + timedelta(hours=h):%Y-%m-%dT%H:%M:%SZ}" for h in (-1, 1))
    assert [count(q) for q in ("line=hr", "item=hr_question", "q=letter", "q=2", "state=ended")] == [
        1, 1, 2, 1, 0,
    ]  # fmt: skip
    assert (count(f"updated_since={past}"), count(f"updated_since={later}")) == (2, 0)
    assert len(api_as(world.a.people["finance_only"]).get("/api/v1/requests").json["items"]) == 1


def test_messages_questions_and_the_end(stage: Any, world: Any, api_as: Any) -> None:
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    program = api_as(world.a.user)
    there = f"/api/v1/requests/{made.number}"
    [question] = program.get(f"{there}/questions").json["items"]
    assert question["state"] == "open"
    answered = program.post(f"{there}/questions/{question['id']}/answer", json={"answer": "0403"})
    assert answered.json["state"] == "answered"
    again = program.post(f"{there}/questions/{question['id']}/answer", json={"answer": "0403"})
    assert (again.status_code, again.json["code"]) == (409, "question_closed")
    assert row_state(stage, made) == "in_progress"
    version = program.get(there).headers["ETag"]
    sent = program.post(
        f"{there}/messages", json={"body": " Hello "}, headers={"If-Match": version}
    )
    assert (sent.status_code, sent.json["body"]) == (201, "Hello")
    assert sent.headers["ETag"] != version
    stale = program.post(f"{there}/messages", json={"body": "x"}, headers={"If-Match": version})
    assert (stale.status_code, stale.json["code"]) == (412, "version_mismatch")
    odd = program.post(f"{there}/messages", json={"body": "x"}, headers={"If-Match": "seven"})
    assert (odd.status_code, odd.json["code"]) == (400, "bad_header")
    ask(stage, made, world.operator_a)
    assert program.post(f"{there}/close").json["code"] == "wrong_state"
    assert [one["body"] for one in program.get(f"{there}/messages").json["items"]] == ["Hello"]
    delivered = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                             reviewer=world.supervisor)  # fmt: skip
    assert program.post(f"/api/v1/requests/{delivered.number}/close").json["state"] == "closed"
    fresh = program.post("/api/v1/requests", json=NEW).json["number"]
    done = program.post(f"/api/v1/requests/{fresh}/cancel", json={"reason": "found"})
    assert done.json["state"] == "cancelled"


def test_nobody_approves_by_program(app: Any, world: Any, api_as: Any) -> None:
    assert not [rule for rule in app.url_map.iter_rules()
                if rule.rule.startswith("/api/") and "approve" in rule.rule]  # fmt: skip
    rights = api_as(world.a.approver).get("/api/v1/me").json["rights"]
    assert "request.approve" not in rights


def test_usage_and_invoices_lead_to_each_other(stage: Any, world: Any, api_as: Any) -> None:
    from tests.factories.invoices import make_invoice

    number = make_invoice(stage, world.a)
    program = api_as(world.a.admin)
    [listed] = program.get("/api/v1/invoices").json["items"]
    assert listed["total"] == {"amount": "95.00", "currency": "EUR"}
    [line] = program.get(f"/api/v1/invoices/{number}").json["lines"]
    assert line["quantity"] == "100"
    made = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor, at=now() - timedelta(days=1))  # fmt: skip
    [record] = program.get(line["usage"]).json["items"]
    assert (record["quantity"], record["request"]) == (45, made.number)
    month = f"{now() - timedelta(days=1):%Y-%m}"
    found = program.get(f"/api/v1/usage?meter=operator_minutes&month={month}").json["items"]
    assert found == [record]
    assert api_as(world.a.user).get("/api/v1/usage").status_code == 403


def test_files_that_nobody_used_go(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    kept, gone = (send_ahead(program, f"{name}.txt", name.encode()) for name in ("kept", "gone"))
    number = program.post("/api/v1/requests", json={**NEW, "files": {"document": kept}}).json[
        "number"
    ]
    stage.run("UPDATE uploads SET created_at = created_at - interval '25 hours'"
              " WHERE tenant_id = :t", t=world.a.id)  # fmt: skip
    late = program.post("/api/v1/requests", json={**NEW, "files": {"document": gone}})
    assert late.status_code == 422
    [task] = [one for one in TASKS if one.name == "prune-api"]
    stage.run(
        "INSERT INTO jobs (tenant_id, name, queue, args) VALUES (:t, :job, :queue, '{}')",
        t=world.a.id, job=task.job, queue=task.queue,
    )  # fmt: skip
    assert task.job in run_jobs(stage, world.a.id)
    names = {row.name for row in stage.rows("SELECT name FROM files WHERE tenant_id = :t",
                                            t=world.a.id)}  # fmt: skip
    assert names == {"kept.txt"}
    [listed] = program.get(f"/api/v1/requests/{number}/files").json["items"]
    page = program.get(f"/api/v1/requests/{number}/files/{listed['id']}")
    assert page.data == b"kept"
    assert json.loads(program.get(f"/api/v1/requests/{number}").text)["number"] == number
