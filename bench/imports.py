"""10,000 lines of a camt.053 read and kept as the job does it: limits, checks, sealed accounts,
fingerprints, several transactions; without matching. Floor: the same file by lxml's iterparse and
the same rows by one INSERT with row security. In a process of its own, whose memory is told."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from lxml import etree
from sqlalchemy import insert, text

from app.finance.models import PaymentControl, StatementLine
from app.finance.services.reading import take_files
from app.service_requests.queries import get_request_by_id
from app.service_requests.services.intake import Upload, raise_request
from bench.cpu import family, postgres, spent
from bench.measure import Result, Stage
from bench.people import make_tenants
from tenants import keys
from tenants.core import clock
from tenants.core.db import db, unit_of_work
from tenants.core.ids import uuid7
from tenants.permissions import system_actor
from tenants.scoping import Scope, enter, leave

COUNT, ROUNDS = 10_000, 2
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
ITEMS = b"Number;Customer;Date;Due date;Amount;Currency\r\nF-1;Firma;2026-09-01;2026-09-30;100,00;EUR\r\n"
ENTRY = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt>'
    "<Dt>2026-09-02</Dt></BookgDt><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Firma {who}</Nm></Dbtr>"
    "<DbtrAcct><Id><IBAN>FR7630001007941234567890185</IBAN></Id></DbtrAcct></RltdPties><RmtInf>"
    "<Ustrd>RG {name}-{number}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)
BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT'
    "</CdtDbtInd><Dt><Dt>2026-09-30</Dt></Dt></Bal>"
)


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="import")
    with stage.superuser.begin() as connection:
        connection.execute(
            text("UPDATE tenants SET wrapped_key = :k WHERE id = :t"),
            {"k": keys.wrap_new(tenant.id), "t": tenant.id},
        )
    given = [str(tenant.id), str(stage.root / "pg")]
    told = subprocess.run(
        [sys.executable, "-m", "bench.imports", *given], check=True, stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ).stdout  # fmt: skip
    found = json.loads(told)
    return [
        Result(f"import of {COUNT:,} statement lines, read and kept", found["ours"], 4.0, 2.0,
               found["floor"]),
        Result("its memory at most, job or reader (RSS)", found["rss"], 300, 200, unit="MB"),
    ]  # fmt: skip


def statement(name: str) -> bytes:
    """Its balances don't fit, so that nothing is matched."""
    entries = (
        ENTRY.format(amount=f"{100 + n}.{n % 100:02d}", who=n % 1_200, name=name, number=n)
        for n in range(COUNT)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{name}</MsgId></GrpHdr><Stmt><Id>{name}</Id><Acct><Id><IBAN>"
        "FR7630001007941234567890185</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{BALANCE.format(kind='OPBD')}{BALANCE.format(kind='CLBD')}{''.join(entries)}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


class Import:
    def __init__(self, app: Flask, tenant_id: UUID) -> None:
        self._app, self._tenant_id = app, tenant_id
        self._actor = system_actor(tenant_id)

    def _step(self, work: Callable[[], Any]) -> Any:
        with self._app.app_context():
            enter(Scope(tenant_id=self._tenant_id, side="provider"))
            with unit_of_work():
                found = work()
                db.session.flush()
            leave()
            db.session.remove()
        return found

    def raised(self, name: str) -> UUID:
        def work() -> UUID:
            request = raise_request(
                actor=self._actor, now=clock.now(), item_code="payment_control",
                values={"period": name},
                uploads=[Upload("open_items", "items.csv", "text/csv", ITEMS),
                         Upload("statement", "bank.xml", "text/xml", statement(name))],
            )  # fmt: skip
            return request.id

        found: UUID = self._step(work)
        return found

    def take(self, request_id: UUID) -> None:
        work: Iterator[Any] | None = None
        ended = False

        def step() -> bool:
            nonlocal work
            work = work or take_files(
                request=get_request_by_id(request_id=request_id), actor=self._actor,
                now=clock.now(), progress=lambda done, total, message: None,
            )  # fmt: skip
            return next(work, None) is None

        while not ended:
            ended = self._step(step)

    def control(self, request_id: UUID) -> UUID:
        row = PaymentControl(id=uuid7(), request_id=request_id, created_at=clock.now())
        found: UUID = row.id
        self._step(lambda: db.session.add(row))
        return found

    def plainly(self, content: bytes, control_id: UUID) -> None:
        def work() -> None:
            db.session.execute(
                insert(StatementLine), list(_rows(content, self._tenant_id, control_id))
            )

        self._step(work)

    def problem(self) -> Any:
        return self._step(
            lambda: db.session.execute(
                text("SELECT state, problem, lines_in, lines_rejected FROM payment_controls")
            ).all()
        )

    def kept(self) -> int:
        count = "SELECT count(*) FROM statement_lines WHERE tenant_id = :t"
        found: int = self._step(
            lambda: db.session.execute(text(count), {"t": self._tenant_id}).scalar_one()
        )
        return found


def _rows(content: bytes, tenant_id: UUID, control_id: UUID) -> Iterator[dict[str, Any]]:
    place = {"n": NAMESPACE}
    for number, (_, entry) in enumerate(
        etree.iterparse(BytesIO(content), tag=f"{{{NAMESPACE}}}Ntry"), start=1
    ):
        amount = entry.findtext("n:Amt", "", place).replace(".", "")
        yield {
            "tenant_id": tenant_id, "id": uuid7(), "control_id": control_id, "statement": 1,
            "position": number, "currency": "EUR", "amount": int(amount), "reversal": False,
            "booked_on": date.fromisoformat(entry.findtext("n:BookgDt/n:Dt", "", place)),
            "name": entry.findtext(".//n:Dbtr/n:Nm", "", place),
            "iban_index": entry.findtext(".//n:IBAN", "", place),
            "remittance": entry.findtext(".//n:Ustrd", "", place), "reference_texts": [],
        }  # fmt: skip
        entry.clear()


def _cost(database: Path, act: Callable[[], None]) -> float:
    """Milliseconds of CPU of this process, its readers that ended, and PostgreSQL."""
    pids = family(postgres(database))
    theirs, ours = spent(pids), _own()
    act()
    return (_own() - ours) * 1000 + spent(pids) - theirs


def _own() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main(tenant_id: UUID, database: Path) -> None:
    from app.factory import create_app

    work = Import(create_app(), tenant_id)
    requests = [work.raised(f"R{n}") for n in range(ROUNDS)]
    # the first connection is made outside of what is counted
    work.kept()
    ours = [_cost(database, lambda request=one: work.take(request)) for one in requests]  # type: ignore[misc]
    assert work.kept() == ROUNDS * COUNT, work.problem()
    # a child begins with its parent's mark, so a sum would count the parent twice
    rss = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    floor = []
    for number in range(ROUNDS):
        control, content = work.control(work.raised(f"P{number}")), statement(f"P{number}")
        floor.append(_cost(database, lambda c=content, i=control: work.plainly(c, i)))  # type: ignore[misc]
    assert work.kept() == 2 * ROUNDS * COUNT
    answer = {"ours": statistics.median(ours), "floor": statistics.median(floor), "rss": rss / 1024}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(UUID(sys.argv[1]), Path(sys.argv[2]))
