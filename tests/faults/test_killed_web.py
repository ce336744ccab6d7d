"""`kill -9` of the web server around the commit of an act that names an Idempotency-Key."""

from __future__ import annotations

import json
import os
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from dev.processes import free_port
from tests.effort import PROVE
from tests.factories import Stage
from tests.factories.tokens import make_token
from tests.faults import points
from tests.workers.house import House

NEW = {"item": "finance_question", "form": {"title": "A letter", "details": "Please"}}


class Server:
    def __init__(self, house: House, armed: Path, token: str) -> None:
        self._house, self._armed, self._token = house, armed, token
        self._port = free_port(near=8750, taken=set())
        self._start()

    def _start(self) -> None:
        self._process = self._house.spawn(
            str(self._port), module="tests.faults.web", FAULT_POINTS=str(self._armed)
        )
        self._house.until(self._answers, 60)

    def _answers(self) -> bool:
        try:
            return self._ask("GET", "/", {})[0] > 0
        except (OSError, HTTPException):
            return False

    def raise_request(self) -> tuple[int, bool]:
        """Status, and whether it was an answer given before."""
        status, headers = self._ask(
            "POST", "/api/v1/requests",
            {
                "Authorization": f"Bearer {self._token}", "Idempotency-Key": "k-1",
                "Content-Type": "application/json",
            },
            json.dumps(NEW),
        )  # fmt: skip
        return status, "Idempotency-Replayed" in headers

    def comes_again(self) -> None:
        assert self._process.wait(10) == -9
        self._house.processes.remove(self._process)
        self._start()

    def _ask(self, method: str, path: str, headers: Any, body: Any = None) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, dict(answer.getheaders())
        finally:
            connection.close()


BEFORE, AFTER = ("web.before-commit", 0, False), ("web.after-commit", 1, True)


@pytest.mark.parametrize(("point", "left", "replayed"), [AFTER, BEFORE] if PROVE else [AFTER])
def test_whoever_asks_again_has_acted_once(
    house: House, stage: Stage, world: Any, tmp_path: Path, point: str, left: int, replayed: bool
) -> None:
    token = make_token(stage, world.a, world.a.user)
    count = "SELECT count(*) FROM requests WHERE tenant_id = :t"
    server = Server(house, tmp_path, token)
    armed = points.arm(tmp_path, point)
    with pytest.raises((OSError, HTTPException)):
        server.raise_request()
    assert not armed.exists()
    assert stage.value(count, t=world.a.id) == left
    server.comes_again()

    assert server.raise_request() == (201, replayed)
    assert server.raise_request() == (201, True)
    assert stage.value(count, t=world.a.id) == 1
    assert os.listdir(tmp_path) == []
