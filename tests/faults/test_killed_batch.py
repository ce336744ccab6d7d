"""`kill -9` between the parts of a sheet of invoices: each is made once, and no number is left out."""

from __future__ import annotations

import os
import signal
from typing import Any

from sqlalchemy import text

from app.finance.sales_invoices.batches.services import MADE_AT_ONCE
from tests.factories import Stage
from tests.factories.invoice_batches import HEAD, make_customer, send, start
from tests.factories.people import now
from tests.factories.sales_invoices import set_up
from tests.workers.house import House, children

INVOICES = 4 * MADE_AT_ONCE
# In the middle of the second part.
HELD = MADE_AT_ONCE + MADE_AT_ONCE // 2


def test_a_sheet_whose_worker_is_killed(house: House, stage: Stage, world: Any) -> None:
    company, operator = world.a, world.operator_a
    set_up(stage, company, operator)
    make_customer(stage, company, operator, 1)
    held = make_customer(stage, company, operator, 2)
    lines = [
        f"R{n};K{2 if n == HELD else 1};;Conseil;1;h;{n},00;20" for n in range(1, INVOICES + 1)
    ]
    # Two that stay out, one of them between those that are made.
    lines[3:3] = ["X1;K9;;Conseil;1;h;95,00;20"]
    batch = send(stage, company, operator, "\n".join([HEAD, *lines, "X2;K1;;Conseil;zwölf;h;1;20"]))
    _files_wait(stage)
    start(stage, company, operator, batch)
    with stage.superuser.begin() as ours:
        # Who writes an invoice for this customer waits for its row.
        ours.execute(text("SELECT 1 FROM parties WHERE id = :i FOR UPDATE"), {"i": held.id})
        house.spawn("dispatcher")
        worker = house.spawn("worker", "--processes", "1", module="workers")
        house.until(lambda: _waits(house), explain=lambda: str(_job(stage, company)))
        assert _numbers(stage, company) == _expected(MADE_AT_ONCE), "the first part alone is there"
        assert _job(stage, company).position == {"left": INVOICES - MADE_AT_ONCE}
        for child in children(worker.pid):
            os.kill(child, signal.SIGKILL)
    job = house.wait_for(_job(stage, company).id)

    assert job["attempt"] >= 2
    assert _numbers(stage, company) == _expected(INVOICES)
    row = stage.rows("SELECT * FROM invoice_batches WHERE id = :i", i=batch)[0]
    assert (row.state, row.invoices_in) == ("done", INVOICES + 2)
    assert (row.made, row.rejected) == (INVOICES, 2)
    made = stage.rows(
        "SELECT r.reference, i.net FROM invoice_batch_rows r JOIN sales_invoices i"
        " ON i.tenant_id = r.tenant_id AND i.id = r.invoice_id WHERE r.batch_id = :b"
        " ORDER BY r.position", b=batch,
    )  # fmt: skip
    wanted = [(f"R{n}", n * 100) for n in range(1, INVOICES + 1)]
    assert [tuple(one) for one in made] == wanted
    everything = (
        "SELECT (SELECT count(*) FROM sales_invoices WHERE tenant_id = :t) AS invoices,"
        " (SELECT last_number FROM invoice_counters WHERE tenant_id = :t) AS last,"
        " (SELECT count(DISTINCT idempotency_key) FROM jobs WHERE tenant_id = :t"
        " AND name = 'sales_invoices.make_files') AS files"
    )
    assert tuple(stage.rows(everything, t=company.id)[0]) == (INVOICES,) * 3


def _files_wait(stage: Stage) -> None:
    """Typesetting them isn't what is looked at, and takes longer than all the rest."""
    with stage.superuser.begin() as ours:
        ours.execute(text(
            "CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.run_at := now() + interval '1 day'; RETURN NEW; END $$"
        ))  # fmt: skip
        ours.execute(text(
            "CREATE TRIGGER later BEFORE INSERT ON jobs FOR EACH ROW"
            " WHEN (NEW.name = 'sales_invoices.make_files') EXECUTE FUNCTION later()"
        ))  # fmt: skip


def _expected(count: int) -> list[str]:
    return [f"F-{now().year}-{n:04d}" for n in range(1, count + 1)]


def _numbers(stage: Stage, company: Any) -> list[str]:
    found = stage.rows(
        "SELECT number FROM sales_invoices WHERE tenant_id = :t ORDER BY number", t=company.id
    )
    return [row.number for row in found]


def _job(stage: Stage, company: Any) -> Any:
    return stage.rows(
        "SELECT id, state, attempt, position, error FROM jobs WHERE tenant_id = :t"
        " AND name = 'sales_invoices.issue_batch'", t=company.id,
    )[0]  # fmt: skip


def _waits(house: House) -> bool:
    return bool(
        house.rows(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO sales_invoices%%'"
        )
    )
