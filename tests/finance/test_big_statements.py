"""Statements of thousands of lines: bounded memory, progress, and nothing lost or taken twice."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.finance.limits import CHUNK_LINES
from app.finance.services import reading
from app.service_requests.services.intake import Upload
from tests.factories.stage import Stage
from tests.finance.control import Desk, uploads
from tests.finance.files import balance, camt, entry, statement
from workers.execution import Runner
from workers.timing import Timing

LINES = CHUNK_LINES * 5 + 7
# A child begins with its parent's ru_maxrss; the peak in /proc counts from its own start.
MEASURE = """
import pathlib, re, resource
from app.finance.reading import read_statement_file
from tests.finance.test_big_statements import big
found = read_statement_file(big(50_000))
lines = sum(len(chunk.lines) for _number, chunk in found.chunks())
status = pathlib.Path("/proc/self/status")
peak = (int(re.search(r"VmHWM:\\s+([0-9]+)", status.read_text())[1]) if status.exists()
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(lines, peak // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def big(lines: int, *more: str, closing: str | None = None) -> bytes:
    entries = "".join(
        entry(f"{n % 900 + 1}.00", more=f"<AcctSvcrRef>R{n}</AcctSvcrRef>") for n in range(lines)
    )
    total = sum(n % 900 + 1 for n in range(lines))
    ends = balance("OPBD", "0"), balance("CLBD", closing or f"{total}.00")
    return camt(statement(*ends, entries, *more))


def test_fifty_thousand_lines_need_little_memory() -> None:
    told = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=Path(__file__).parents[2], check=True,
        capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    lines, parent, child = map(int, told)
    assert lines == 50_000
    assert parent < 300
    assert child < 300


class Interrupted:
    """Runs a job in a new runner for every step, as if the worker died after each."""

    def __init__(self, stage: Stage, tenant_id: UUID) -> None:
        self.stage, self.tenant_id = stage, tenant_id
        self.positions: list[Any] = []
        self.progress: list[tuple[int, int]] = []

    def step(self) -> bool:
        found = self.stage.rows(
            "UPDATE jobs SET state = 'dispatched', attempt = attempt + 1, run_at = now(),"
            " lease_until = now() + interval '1 minute' WHERE tenant_id = :t AND"
            " name = 'finance.prepare_payment_control' AND state IN ('queued', 'retrying')"
            " RETURNING id, attempt",
            t=self.tenant_id,
        )
        if not found:
            return False
        runner = Runner(self.stage.app, timing=Timing())
        runner.stopping = True
        runner.execute(str(self.tenant_id), str(found[0].id), found[0].attempt)
        row = self.stage.rows(
            "SELECT position, progress_done, progress_total FROM jobs"
            " WHERE tenant_id = :t AND id = :i", t=self.tenant_id, i=found[0].id,
        )[0]  # fmt: skip
        self.positions.append(row.position)
        self.progress.append((row.progress_done, row.progress_total))
        return True


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("tests.finance.control.run_jobs", lambda *_: [])
    return Desk(stage, world, sign_in_as)


def raised(desk: Desk, content: bytes) -> Interrupted:
    items = uploads()[0]
    desk.raised([items, Upload("statement", "big.xml", "application/xml", content)])
    return Interrupted(desk.stage, desk.company.id)


def control_of(desk: Desk) -> Any:
    return desk.stage.rows(
        "SELECT state, lines_in, lines_rejected, problem, (SELECT count(*) FROM statement_lines s"
        " WHERE s.tenant_id = c.tenant_id AND s.control_id = c.id) AS kept,"
        " (SELECT count(*) FROM open_items i WHERE i.tenant_id = c.tenant_id) AS items"
        " FROM payment_controls c WHERE c.tenant_id = :t AND c.request_id = :r",
        t=desk.company.id, r=desk.request_id,
    )[0]  # fmt: skip


def test_a_worker_that_dies_after_every_step_takes_each_line_once(desk: Desk) -> None:
    run = raised(desk, big(LINES))
    assert run.step()
    assert control_of(desk).state == "reading"
    assert run.step()
    middle = control_of(desk)
    assert middle.kept == CHUNK_LINES * reading.FRAMES_AT_ONCE
    assert middle.state == "reading"
    assert "Storing lines and items" in desk.operator.get(desk.request_url).text
    while run.step():
        pass
    assert len([one for one in run.positions if one]) >= 3
    done = control_of(desk)
    assert (done.state, done.lines_in, done.lines_rejected, done.kept) == ("ready", LINES, 0, LINES)
    doubled = desk.stage.value(
        "SELECT count(*) - count(DISTINCT fingerprint) FROM statement_lines WHERE tenant_id = :t",
        t=desk.company.id,
    )
    assert doubled == 0


def test_a_file_that_is_bad_at_its_end_leaves_nothing(desk: Desk) -> None:
    run = raised(desk, big(LINES)[:-200])
    while run.step():
        pass
    found = control_of(desk)
    assert (found.state, found.kept, found.items, found.lines_in) == ("refused", 0, 0, 0)
    assert found.problem["code"] == "not_xml"
    assert found.problem["slot"] == "statement"


def test_a_small_file_is_taken_in_one_step(desk: Desk) -> None:
    run = raised(desk, big(20))
    assert run.step()
    assert not run.step()
    assert control_of(desk).state == "ready"
