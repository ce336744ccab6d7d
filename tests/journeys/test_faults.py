"""Processes that die and queues that are lost while the whole system works: nothing is missing
afterwards, nothing is there twice."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from playwright.sync_api import expect

from app.finance.demo_files import DemoFiles
from tests.journeys.furnishing import made_files, raise_control
from tests.journeys.system import System
from tests.journeys.visits import People
from tests.journeys.words import fr

MANY = 10_000
MONTH = date(2026, 7, 1)
USER = "user@lentier.example"
ENTRY = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-07-15</Dt></BookgDt><AcctSvcrRef>R{n}</AcctSvcrRef><NtryDtls><TxDtls>"
    "<RltdPties><Dbtr><Pty><Nm>Kunde {n}</Nm></Pty></Dbtr></RltdPties>"
    "<RmtInf><Ustrd>Rechnung RE-{n:06d}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)
BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
)
STATEMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr>'
    "<MsgId>M</MsgId><CreDtTm>2026-07-31T22:00:00+02:00</CreDtTm></GrpHdr><Stmt><Id>{name}</Id>"
    "<CreDtTm>2026-07-31T22:00:00+02:00</CreDtTm><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id>"
    "<Ccy>EUR</Ccy></Acct>{balances}{entries}</Stmt></BkToCstmrStmt></Document>"
)


def money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def many(count: int) -> DemoFiles:
    """As many items as lines, each line naming its own item."""
    amounts = [1_000 + 7 * n for n in range(count)]
    rows = ["Rechnung;Kunde;Datum;Fällig;Betrag;Währung"]
    rows += [f"RE-{n:06d};Kunde {n};01.06.2026;01.07.2026;{money(amount).replace('.', ',')};EUR"
             for n, amount in enumerate(amounts)]  # fmt: skip
    balances = BALANCE.format(kind="OPBD", amount="100.00", on="2026-07-01") + BALANCE.format(
        kind="CLBD", amount=money(10_000 + sum(amounts)), on="2026-07-31"
    )
    entries = "".join(ENTRY.format(n=n, amount=money(a)) for n, a in enumerate(amounts))
    document = STATEMENT.format(name="VIELE-1", balances=balances, entries=entries)
    return DemoFiles("\r\n".join(rows).encode(), document.encode(), "VIELE-1")


def worker_pids(system: System) -> list[int]:
    """The worker and what it forked, of this system alone."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            here = os.readlink(entry / "cwd") == str(system.folder)
            if here and b"workers" in words and b"worker" in words:
                found.append(int(entry.name))
    return found


def until(reached: Callable[[], Any], seconds: float, what: str) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = reached()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


def job_of(system: System, number: int) -> tuple[Any, ...]:
    rows = system.rows(
        "SELECT j.state, j.attempt, j.progress_done, j.progress_message, j.failures FROM jobs j"
        " JOIN tenants t ON t.id = j.tenant_id JOIN requests r ON r.tenant_id = t.id"
        " WHERE t.slug = 'lentier' AND j.name = 'finance.prepare_payment_control'"
        " AND r.number = %(number)s AND j.args->>'request_id' = r.id::text",
        number=number,
    )
    assert len(rows) == 1
    return rows[0]


def counts_of(system: System, number: int) -> dict[str, int]:
    """Rows as they lie in the tables, and how many differ."""
    queries = {
        "items": "SELECT count(*) FROM open_items x {of}",
        "lines": "SELECT count(*) FROM statement_lines x {of}",
        "matches": "SELECT count(*) FROM matches x {of}",
        "lines_matched": "SELECT count(DISTINCT line_id) FROM matches x {of}",
        "items_matched": "SELECT count(DISTINCT item_id) FROM matches x {of}",
    }
    of = (
        "JOIN payment_controls c ON c.tenant_id = x.tenant_id AND c.id = x.control_id"
        " JOIN requests r ON r.tenant_id = c.tenant_id AND r.id = c.request_id"
        " JOIN tenants t ON t.id = r.tenant_id"
        " WHERE t.slug = 'lentier' AND r.number = %(number)s"
    )
    return {
        name: system.value(query.format(of=of), number=number) for name, query in queries.items()
    }


def test_a_worker_killed_in_the_middle_of_matching(system: System, people: People) -> None:
    number = raise_control(people, USER, many(MANY), MONTH)
    with people.visit(USER) as visit:
        panel = visit.go(f"/c/lentier/requests/{number}").page.locator("#payment-control")
        expect(panel.locator("progress")).to_be_visible()
        visit.station("panne-1-lecture")
        until(lambda: job_of(system, number)[3] == "matching", 60, "matching")
        killed = worker_pids(system)
        assert killed
        for pid in killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert job_of(system, number)[0] == "running", "it was in the middle of it"
        # the page that polls comes to its end without a reload
        expect(panel.get_by_role("link", name=fr("See the lists"))).to_be_visible(timeout=120_000)
        expect(panel).to_contain_text(str(MANY)[:2])
        visit.station("panne-2-repris")
    assert not set(worker_pids(system)) & set(killed)
    state, attempt, *_, failures = job_of(system, number)
    assert state == "succeeded"
    assert failures <= 1
    assert attempt >= 2
    assert counts_of(system, number) == dict.fromkeys(
        ("items", "lines", "matches", "lines_matched", "items_matched"), MANY
    )


def test_a_queue_flushed_right_after_raising(system: System, people: People) -> None:
    made = made_files(815, MONTH, "Lentier")
    queue = redis.from_url(system.environment["REDIS_URL"])
    number = raise_control(people, USER, made, MONTH)
    queue.flushall()
    until(lambda: job_of(system, number)[0] == "succeeded", 90, "the end of the job")
    counts = counts_of(system, number)
    assert counts["lines"] == made.statement_xml.count(b"<Ntry>")
    # one header, one row with faults
    assert counts["items"] == made.open_items_csv.count(b"\r\n") - 2
    assert counts["lines_matched"] <= counts["matches"] == counts["items_matched"]
    with people.visit(USER) as visit:
        page = visit.go(f"/c/lentier/requests/{number}").page
        expect(page.get_by_role("link", name=fr("See the lists"))).to_be_visible()


def test_idle_connections_shut_nobody_out(system: System) -> None:
    """What many browsers leave open; the web server's own limit would be a hundred."""
    place = urlsplit(system.url)
    address = (str(place.hostname), int(place.port or 80))
    with ExitStack() as open_ones:
        for _ in range(150):
            open_ones.enter_context(socket.create_connection(address, timeout=5))
        with urllib.request.urlopen(f"{system.url}/healthz", timeout=5) as answer:
            assert answer.status == 200
