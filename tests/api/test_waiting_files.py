"""Files sent ahead: used once, and gone after a day, whatever comes between."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

from app.service_requests.services import waiting_files
from tests.api.test_requests import NEW, send_ahead
from tests.factories import acting
from tests.factories.tokens import make_token
from workers.jobs.api import prune


def bytes_of(company: Any, content: bytes) -> Path:
    name = sha256(content).hexdigest()
    root = os.environ["FILES_URL"].removeprefix("file://")
    return Path(root) / str(company.id) / name[:2] / name


def age(stage: Any, company: Any) -> None:
    stage.run("UPDATE uploads SET created_at = created_at - interval '25 hours'"
              " WHERE tenant_id = :t", t=company.id)  # fmt: skip


def chunk(stage: Any, company: Any, position: Any) -> Any:
    """What the first chunk of a run from here leaves behind; the process dies after it."""
    with acting(stage, company.scope):
        return next(prune(job=SimpleNamespace(position=position)))  # type: ignore[arg-type]


def finish(stage: Any, company: Any, position: Any) -> None:
    with acting(stage, company.scope):
        list(prune(job=SimpleNamespace(position=position)))  # type: ignore[arg-type]


def test_a_second_run_takes_the_bytes_that_the_first_left(
    stage: Any, world: Any, api_as: Any
) -> None:
    send_ahead(api_as(world.a.user), "a.txt", b"left behind")
    age(stage, world.a)
    left = chunk(stage, world.a, None)
    assert left == [sha256(b"left behind").hexdigest()]
    assert bytes_of(world.a, b"left behind").exists()
    for _again in range(2):
        finish(stage, world.a, left)
        assert not bytes_of(world.a, b"left behind").exists()


def test_bytes_that_came_again_meanwhile_stay(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user)
    send_ahead(program, "a.txt", b"came again")
    age(stage, world.a)
    left = chunk(stage, world.a, None)
    used = send_ahead(program, "b.txt", b"came again")
    finish(stage, world.a, left)
    made = program.post("/api/v1/requests", json={**NEW, "files": {"document": used}})
    [listed] = program.get(f"{made.headers['Location']}/files").json["items"]
    assert program.get(f"{made.headers['Location']}/files/{listed['id']}").data == b"came again"


def test_nothing_to_forget_is_a_run_too(stage: Any, world: Any) -> None:
    assert chunk(stage, world.a, None) == []
    finish(stage, world.a, [])


def test_a_file_waits_exactly_a_day(stage: Any, world: Any, api_as: Any) -> None:
    send_ahead(api_as(world.a.user), "a.txt", b"a day")
    sent = stage.value("SELECT created_at FROM uploads WHERE tenant_id = :t", t=world.a.id)
    for after, gone in ((timedelta(hours=24) - timedelta(microseconds=1), 0),
                        (timedelta(hours=24), 1)):  # fmt: skip
        with acting(stage, world.a.scope):
            assert len(waiting_files.forget_old(now=sent + after)) == gone


def test_two_requests_at_once_take_a_file_once(app: Any, stage: Any, world: Any) -> None:
    bearer = {"Authorization": f"Bearer {make_token(stage, world.a, world.a.user)}"}
    program = app.test_client()
    program.environ_base["HTTP_AUTHORIZATION"] = bearer["Authorization"]
    waiting, together = send_ahead(program, "a.txt", b"once"), Barrier(2)

    def send(_number: int) -> Any:
        together.wait(timeout=30)
        return app.test_client().post(
            "/api/v1/requests", json={**NEW, "files": {"document": waiting}}, headers=bearer
        )

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, range(2)), key=lambda one: one.status_code)
    assert [answer.status_code for answer in answers] == [201, 422]
    assert list(answers[1].json["errors"]) == ["files.document"]
    assert stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id) == 1


def test_somebody_elses_file_is_not_there(world: Any, api_as: Any) -> None:
    waiting = send_ahead(api_as(world.a.user), "a.txt", b"mine")
    for other in (api_as(world.a.admin), api_as(world.b.user)):
        refused = other.post("/api/v1/requests", json={**NEW, "files": {"document": waiting}})
        assert refused.status_code == 422
        assert list(refused.json["errors"]) == ["files.document"]
