"""The process that forks a child for each document: kept, woken, and never waited for in vain."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.documents.printing import strict
from app.documents.printing.press import Press
from tenants.core.limited import Limits
from tests.documents.printing.test_strict import sheet

LIST = str(Path(strict.__file__).with_name("list.typ"))


def asked(rows: int = 1) -> bytes:
    data = {**sheet("list")._data(), "columns": ["A"], "rows": [["x" * 2000]] * rows}
    return json.dumps(
        {"template": LIST, "data": data, "form": "pdf", "dated": "2026-12-03T10:00:00+00:00", "lang": "fr"}
    ).encode()  # fmt: skip


@pytest.fixture
def press() -> Iterator[Press]:
    made = Press(idle_seconds=1)
    yield made
    made.close()


def children(pid: int | None) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()


def test_it_stays_between_documents_and_gives_the_same_bytes(press: Press) -> None:
    first = press.ask(asked(), Limits())
    kept = press.pid
    assert first.output.startswith(b"%PDF")
    assert press.ask(asked(), Limits()) == first
    assert press.pid == kept


def test_a_document_that_is_stopped_leaves_no_child(press: Press) -> None:
    press.ask(asked(), Limits())
    began = time.monotonic()
    assert press.ask(asked(3000), Limits(wall_seconds=0.2)).stopped == "time"
    assert time.monotonic() - began < 2
    while children(press.pid):
        assert time.monotonic() - began < 5, "its child goes on"
    assert press.ask(asked(), Limits()).code == 0


def test_what_is_wrong_in_a_child_is_told(press: Press) -> None:
    outcome = press.ask(b'{"template": "/nowhere.typ", "data": {}}', Limits())
    assert (outcome.code, outcome.stopped) == (1, "")
    assert "KeyError" in outcome.log


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_is_gone_is_replaced(press: Press, sign: int) -> None:
    press.ask(asked(), Limits())
    gone = press.pid
    assert gone
    os.kill(gone, sign)
    assert press.ask(asked(), Limits()).code == 0
    assert press.pid != gone


def test_one_that_went_to_sleep_is_woken(press: Press) -> None:
    press.ask(asked(), Limits())
    slept, process = press.pid, press._process
    assert process
    assert process.wait(timeout=10) == 0
    assert press.ask(asked(), Limits()).code == 0
    assert press.pid != slept


def test_threads_are_served_side_by_side(press: Press) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: press.ask(asked(), Limits()), range(8)))
    assert {one.code for one in found} == {0}
    assert len({one.output for one in found}) == 1
