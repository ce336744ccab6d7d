"""Raising a request: number, row, history, the start of both clocks, audit and two
jobs. Floor: the same rows by
plain SQL in one transaction with row security and the same locked counter."""

import json
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine, create_engine, text

from app.service_requests.services.intake import raise_request
from bench.measure import Result, Stage
from bench.people import BenchTenant, make_tenants
from bench.portal import statements
from tenants.core import clock
from tenants.core.db import db, unit_of_work
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.scoping import BIND, Scope, enter, leave

FORM = {"title": "A letter", "details": "Please answer it."}
COUNT = (
    "INSERT INTO counters (tenant_id, id, name, value) VALUES (:t, :i, 'request', 1)"
    " ON CONFLICT (tenant_id, name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
REQUEST = (
    "INSERT INTO requests (tenant_id, id, number, item, line, title, form, state, version,"
    " raised_by, raised_by_name, raised_side, due_at, raised_at, state_since) VALUES (:t, :r, :n,"
    " 'finance_question', 'finance', 'A letter', CAST(:form AS jsonb), 'new', 1, :u, 'Bench',"
    " 'client', now(), now(), now())"
)
MOVE = (
    "INSERT INTO request_moves (tenant_id, id, request_id, at, verb, target, actor_id, actor_name,"
    " actor_side) VALUES (:t, :i, :r, now(), 'raise', 'new', :u, 'Bench', 'client')"
)
AUDIT = (
    "INSERT INTO audit_events (tenant_id, id, at, actor_id, actor_side, actor_name, name,"
    " object_type, object_id, facts) VALUES (:t, :i, now(), :u, 'client', 'Bench', 'bench.moved.raw',"
    " 'request', :r, CAST(:facts AS jsonb))"
)
JOB = (
    "INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, actor_id) VALUES (:t, :i,"
    " 'samples.query', 'interactive', CAST(:facts AS jsonb), :key, :u)"
)
CLOCKS = (
    "INSERT INTO sla_events (tenant_id, id, request_id, seq, clock, event, at, line, item, priority,"
    " actor_id, actor_name) VALUES"
    " (:t, :i, :r, 1, 'first_response', 'started', now(), 'finance', 'finance_question', 'normal',"
    " :u, 'Bench'),"
    " (:t, :i2, :r, 2, 'resolution', 'started', now(), 'finance', 'finance_question', 'normal', :u,"
    " 'Bench')"
)


def measure(stage: Stage) -> list[Result]:
    [ours, plain] = make_tenants(stage, 2, prefix="write")
    engine = create_engine(stage.urls.app, pool_size=1)
    raised, floor = raising(stage, ours), bare(engine, plain)
    value, low = stage.meter.interleaved(raised, floor)
    sent = statements(stage, raised)
    engine.dispose()
    return [
        Result("raising a request", value, 4.0, 2.5, low),
        Result("its SQL statements, bindings included", sent, 45, 30, unit="statements"),
    ]


def raising(stage: Stage, tenant: BenchTenant) -> Callable[[], object]:
    actor = Actor(
        user_id=tenant.member, name="Bench", side="client", tenant_id=tenant.id,
        role="client_user", lines={"finance": ""},
    )  # fmt: skip

    def act() -> None:
        with stage.app.app_context():
            enter(Scope(tenant_id=tenant.id, side="client"))
            with unit_of_work():
                raise_request(
                    actor=actor, now=clock.now(), item_code="finance_question", values=FORM,
                    uploads=[],
                )  # fmt: skip
            leave()
            db.session.remove()

    return act


def bare(engine: Engine, tenant: BenchTenant) -> Callable[[], object]:
    scope = Scope(tenant_id=tenant.id, side="client").settings()
    form = json.dumps(FORM)
    count, request, move, clocks, audit, job = map(text, (COUNT, REQUEST, MOVE, CLOCKS, AUDIT, JOB))

    def act() -> None:
        request_id: UUID = uuid7()
        facts = json.dumps({"request_id": str(request_id), "verb": "raise", "target": "new"})
        common = {"t": tenant.id, "u": tenant.member, "r": request_id, "facts": facts}
        with engine.begin() as connection:
            connection.exec_driver_sql(BIND, scope)
            number = connection.scalar(count, {"t": tenant.id, "i": uuid7()})
            connection.execute(request, common | {"n": number, "form": form})
            connection.execute(move, common | {"i": uuid7()})
            connection.execute(clocks, common | {"i": uuid7(), "i2": uuid7()})
            connection.execute(audit, common | {"i": uuid7()})
            for key in ("told", "counted"):
                connection.execute(job, common | {"i": uuid7(), "key": f"{key}:{request_id}"})
                connection.execute(text("SELECT pg_notify('jobs', '')"))

    return act
