"""`kill -9` in the middle of a big bank statement: each line and item is taken once."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from sqlalchemy import text

from app.finance.limits import CHUNK_LINES
from app.finance.services.reading import FRAMES_AT_ONCE
from app.service_requests.services.intake import Upload
from tests.factories import Stage
from tests.finance.control import Desk, uploads
from tests.finance.test_big_statements import big, control_of
from tests.workers.house import House, children

# Twice what is kept in one transaction.
LINES = CHUNK_LINES * FRAMES_AT_ONCE * 2


def test_a_statement_whose_worker_is_killed(
    house: House, stage: Stage, world: Any, sign_in_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.finance.control.run_jobs", lambda *_: [])
    desk = Desk(stage, world, sign_in_as)
    desk.raised([uploads()[0], Upload("statement", "b.xml", "application/xml", big(LINES))])
    house.spawn("dispatcher")
    worker = house.spawn(
        "worker", "--processes", "1", module="workers", COULISSE_JOBS_TIME_LIMIT="60"
    )

    house.until(lambda: _kept(desk) >= FRAMES_AT_ONCE, 60, lambda: str(_job(desk)))
    with stage.superuser.begin() as ours:
        # The next part waits for this row, its lines written and not committed.
        ours.execute(
            text("SELECT 1 FROM payment_controls WHERE tenant_id = :t FOR NO KEY UPDATE"),
            {"t": desk.company.id},
        )
        house.until(lambda: _waits(house), 30, lambda: str(_job(desk)))
        assert _kept(desk) < LINES // CHUNK_LINES
        for child in children(worker.pid):
            os.kill(child, signal.SIGKILL)
    job = house.wait_for(_job(desk).id, seconds=90)

    assert job["attempt"] >= 2
    done = control_of(desk)
    assert (done.state, done.lines_in, done.lines_rejected, done.kept) == ("ready", LINES, 0, LINES)
    twice = stage.rows(
        "SELECT (SELECT count(*) - count(DISTINCT fingerprint) FROM statement_lines"
        " WHERE tenant_id = :t) AS lines, (SELECT count(*) - count(DISTINCT line) FROM open_items"
        " WHERE tenant_id = :t) AS items, (SELECT count(*) FROM bank_statements"
        " WHERE tenant_id = :t) AS heads", t=desk.company.id,
    )[0]  # fmt: skip
    assert tuple(twice) == (0, 0, 1)


def _job(desk: Desk) -> Any:
    return desk.stage.rows(
        "SELECT id, state, attempt, position, error FROM jobs WHERE tenant_id = :t"
        " AND name = 'finance.prepare_payment_control'", t=desk.company.id,
    )[0]  # fmt: skip


def _kept(desk: Desk) -> int:
    return int((_job(desk).position or {"frames": 0})["frames"])


def _waits(house: House) -> bool:
    return bool(
        house.rows(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE 'UPDATE payment_controls%%'"
        )
    )
