"""What a job costs whoever adds it, inside a transaction that is there anyway. Floor: the same row
and notice by plain SQL."""

import json
from collections.abc import Callable

from sqlalchemy import Engine, create_engine, text

from bench.measure import Result, Stage
from bench.people import BenchTenant, make_tenants
from bench.writing import JOB
from tenants.core.db import db, unit_of_work
from tenants.core.ids import uuid7
from tenants.jobs import enqueue, enqueue_many
from tenants.scoping import BIND, Scope, enter, leave

EACH, MANY = 20, 200
NOTICE = "SELECT pg_notify('jobs', '')"


def measure(stage: Stage) -> list[Result]:
    [ours, plain] = make_tenants(stage, 2, prefix="enqueue")
    engine = create_engine(stage.urls.app, pool_size=1)
    single, many, floor = stage.meter.interleaved(
        _adding(stage, ours, _one_by_one), _adding(stage, ours, _all_at_once),
        _bare(engine, plain), rounds=9, times=3, warm=3,
    )  # fmt: skip
    engine.dispose()
    return [
        Result("a job added in a transaction", single / EACH, 4, 2.5, floor / EACH),
        Result(f"a job among {MANY} added together", many / MANY, 1, 0.5, floor / EACH),
    ]


def _one_by_one(tenant: BenchTenant) -> None:
    for _ in range(EACH):
        enqueue("samples.query", key=str(uuid7()), tenant=str(tenant.id), items=1)


def _all_at_once(tenant: BenchTenant) -> None:
    enqueue_many("samples.query", args=[{"tenant": str(tenant.id), "items": 1}] * MANY)


def _adding(
    stage: Stage, tenant: BenchTenant, add: Callable[[BenchTenant], None]
) -> Callable[[], object]:
    def act() -> None:
        with stage.app.app_context():
            enter(Scope(tenant_id=tenant.id, side="provider"))
            with unit_of_work():
                add(tenant)
            leave()
            db.session.remove()

    return act


def _bare(engine: Engine, tenant: BenchTenant) -> Callable[[], object]:
    scope = Scope(tenant_id=tenant.id, side="provider").settings()
    job, notice = text(JOB), text(NOTICE)
    facts = json.dumps({"tenant": str(tenant.id), "items": 1})

    def act() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(BIND, scope)
            for _ in range(EACH):
                values = {"t": tenant.id, "i": uuid7(), "facts": facts, "key": str(uuid7())}
                connection.execute(job, values | {"u": tenant.member})
                connection.execute(notice)

    return act
