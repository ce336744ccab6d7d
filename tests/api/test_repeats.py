"""Idempotency-Key: an act that is sent twice happens once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest

from tenants import idempotency
from tests.factories import acting
from tests.factories.people import now
from tests.factories.tokens import make_token

NEW = {"item": "finance_question", "form": {"title": "A letter", "details": "Please"}}


def raise_it(program: Any, key: str, body: Any = None, path: str = "requests") -> Any:
    return program.post(
        f"/api/v1/{path}", json=body or NEW, headers={"Idempotency-Key": key} if key else {}
    )


def count(stage: Any, company: Any) -> int:
    return int(stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=company.id))


def test_the_second_gets_the_first_answer(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    first, second = raise_it(program, "k-1"), raise_it(program, "k-1")
    assert [first.status_code, second.status_code] == [201, 201]
    assert first.json == second.json
    assert first.headers["Location"] == second.headers["Location"]
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count(stage, world.a) == 1


def test_without_a_key_each_counts(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    assert [raise_it(program, "").status_code for _ in range(2)] == [201, 201]
    assert count(stage, world.a) == 2


def test_another_request_under_the_same_key_is_refused(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    raise_it(program, "k-1")
    other = {**NEW, "form": {"title": "Another", "details": "Please"}}
    for refused in (raise_it(program, "k-1", other),
                    raise_it(program, "k-1", {"body": "Hello"}, "requests/1/messages")):  # fmt: skip
        assert refused.status_code == 422
        assert refused.json["code"] == "idempotency_key_reused"
    assert count(stage, world.a) == 1


def test_keys_are_each_persons_own(stage: Any, world: Any, api_as: Any) -> None:
    people = (api_as(world.a.user), api_as(world.a.admin), api_as(world.b.user))
    assert [raise_it(one, "k-1").status_code for one in people] == [201, 201, 201]
    assert count(stage, world.a) == 2


def test_a_refused_request_frees_its_key(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    assert raise_it(program, "k-1", {**NEW, "form": {}}).status_code == 422
    assert raise_it(program, "k-1").status_code == 201
    assert stage.value("SELECT count(*) FROM idempotency_keys WHERE tenant_id = :t",
                       t=world.a.id) == 1  # fmt: skip


@pytest.mark.parametrize("key", [" ", "x" * 201, "é", "a b"])
def test_a_key_is_printable_and_short(world: Any, api_as: Any, key: str) -> None:
    refused = raise_it(api_as(world.a.user), key)
    assert refused.status_code == 400
    assert refused.json["code"] == "bad_header"


def test_many_at_once_happen_once(app: Any, stage: Any, world: Any) -> None:
    token = make_token(stage, world.a, world.a.user)
    together = Barrier(4)

    def send(_number: int) -> Any:
        together.wait(timeout=30)
        return app.test_client().post(
            "/api/v1/requests", json=NEW,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k-1"},
        )  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["number"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 3
    assert count(stage, world.a) == 1


def test_a_form_with_another_boundary_is_the_same_request(world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    bodies = [
        ((f"--{mark}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
         f"text\r\n--{mark}--\r\n"), f"multipart/form-data; boundary={mark}")
        for mark in ("one", "two")
    ]  # fmt: skip
    first, second = (
        program.post("/api/v1/uploads", data=body, content_type=kind,
                     headers={"Idempotency-Key": "k-1"})
        for body, kind in bodies
    )  # fmt: skip
    assert [first.status_code, second.status_code] == [201, 201]
    assert first.json == second.json


def test_answers_are_kept_a_week(stage: Any, world: Any, api_as: Any) -> None:
    raise_it(api_as(world.a.user), "k-1")
    for days, gone in ((6, 0), (8, 1)):
        with acting(stage, world.a.scope):
            assert idempotency.prune(now=now() + timedelta(days=days)) == gone


def test_another_file_under_the_same_key_is_refused(world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)

    def send(content: bytes) -> Any:
        return program.post("/api/v1/uploads", data={"file": (BytesIO(content), "a.txt")},
                            headers={"Idempotency-Key": "k-1"})  # fmt: skip

    first, same, other = send(b"one"), send(b"one"), send(b"two")
    assert [first.status_code, same.status_code] == [201, 201]
    assert first.json == same.json
    assert other.status_code == 422
    assert other.json["code"] == "idempotency_key_reused"


def test_a_kept_answer_is_for_who_may_still_read_it(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    assert raise_it(program, "k-1").status_code == 201
    where = {"t": world.a.id, "u": world.a.user.id}
    lines = stage.value("SELECT lines FROM members WHERE tenant_id = :t AND user_id = :u", **where)
    change = "UPDATE members SET lines = :lines WHERE tenant_id = :t AND user_id = :u"
    stage.run(change, lines=["hr"], **where)
    refused = raise_it(program, "k-1")
    assert refused.status_code == 403
    assert "A letter" not in refused.text
    stage.run(change, lines=lines, **where)
    assert raise_it(program, "k-1").headers["Idempotency-Replayed"] == "true"
