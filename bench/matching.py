"""Proposing matches for 10,000 statement lines against 10,000 open items, as the job does: learned
rules, sealed accounts, sums, explanations. Floor: inserting the same rows plainly, with row security.
Once each: the work is seconds long."""

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, text

from app.finance.models import OpenItem, PaymentControl, StatementLine
from app.finance.services.proposing import propose
from bench.measure import Result, Stage
from bench.people import make_requests, make_tenants
from tenants import keys, scoping
from tenants.core import clock
from tenants.core.db import db, unit_of_work
from tenants.core.ids import uuid7

COUNT, CUSTOMERS = 10_000, 1_200
DAY = date(2026, 9, 1)


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="match")
    make_requests(stage, [tenant.id], each=1)
    with stage.superuser.begin() as connection:
        connection.execute(
            text("UPDATE tenants SET wrapped_key = :k WHERE id = :t"),
            {"k": keys.wrap_new(tenant.id), "t": tenant.id},
        )
        request_id = connection.execute(
            text("SELECT id FROM requests WHERE tenant_id = :t"), {"t": tenant.id}
        ).scalar_one()
    control_id = uuid7()

    def act(work: Callable[[], Any]) -> tuple[float, Any]:
        with stage.app.app_context():
            scoping.enter(scoping.Scope(tenant_id=tenant.id, side="provider"))
            with unit_of_work():
                began = time.perf_counter()
                found = work()
                db.session.flush()
                taken = (time.perf_counter() - began) * 1000
            scoping.leave()
        return taken, found

    def keep() -> None:
        db.session.execute(
            insert(PaymentControl),
            [{"tenant_id": tenant.id, "id": control_id, "request_id": request_id,
              "state": "ready", "created_at": clock.now()}],
        )  # fmt: skip
        items, lines = _rows(tenant.id, control_id, keys.data_key())
        started.append(time.perf_counter())
        db.session.execute(insert(OpenItem), items)
        db.session.execute(insert(StatementLine), lines)

    started: list[float] = []
    act(keep)
    floor = (time.perf_counter() - started[0]) * 1000

    def find() -> int:
        row = db.session.get_one(PaymentControl, (tenant.id, control_id))
        return propose(control=row)

    value, found = act(find)
    assert found > COUNT * 0.6, found
    return [Result("matching 10,000 lines, 10,000 items", value, 8.0, 3.0, floor, unit="ms")]


def _rows(tenant_id: Any, control_id: Any, key: Any) -> tuple[list[Any], list[Any]]:
    """Four tenths name their invoice, the rest say who paid: one invoice, two, or a little less."""
    chance = random.Random(7)
    items, lines = [], []
    for number in range(COUNT):
        who = chance.randrange(CUSTOMERS)
        owed = chance.randint(1_000, 900_000)
        iban = f"DE{who:020d}"
        item_id, line_id = uuid7(), uuid7()
        items.append({
            "tenant_id": tenant_id, "id": item_id, "control_id": control_id, "line": number + 2,
            "number": f"F-2026-{number:05d}", "customer": f"Firma {who:04d} Handel",
            "iban_sealed": key.seal(iban, f"{tenant_id}|open_items.iban|{item_id}"),
            "iban_index": key.blind_index(iban), "issued_on": DAY,
            "due_on": DAY + timedelta(number % 60), "currency": "EUR", "amount": owed,
            "open_amount": owed,
        })  # fmt: skip
        kind = number % 10
        paid = owed if kind < 8 else owed - 30 if kind == 8 else owed + chance.randint(0, 5_000)
        lines.append({
            "tenant_id": tenant_id, "id": line_id, "control_id": control_id, "statement": 1,
            "position": number + 1, "booked_on": DAY + timedelta(number % 30), "amount": paid,
            "currency": "EUR", "name": f"FIRMA {who:04d} HANDEL",
            "iban_sealed": key.seal(iban, f"{tenant_id}|statement_lines.iban|{line_id}"),
            "iban_index": key.blind_index(iban), "remittance": "Danke",
            "reference_texts": [f"RG F-2026-{number:05d}" if kind < 4 else "Danke"],
            "documents": [], "reversal": False,
        })  # fmt: skip
    return items, lines
