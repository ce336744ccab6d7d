"""What is asked often finds its rows by an index, also behind the policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text

from app.service_requests.evidence_queries import get_chain
from app.service_requests.queries import get_request, list_requests
from billing import queries as billing
from tenants.core.db import db
from tenants.scoping import BIND
from tests.factories import Company, Stage, acting, make_company, make_member
from tests.factories.people import now

# Small tables are read whole, rightly; these grow without end.
BIG = ("requests", "usage_events", "audit_events", "request_moves")
OTHERS = 20
EACH = 600


@pytest.fixture(scope="module")
def company(stage: Stage) -> Iterator[Company]:
    """One client among others of the same size, in tables large enough for an index to pay."""
    found = make_company(stage)
    make_member(stage, found, key="user")
    make_member(stage, found, key="admin", role="client_admin", second_factor=True)
    ids = [found.id, *(uuid4() for _ in range(OTHERS))]
    with stage.superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in (
            (
                "INSERT INTO requests (tenant_id, id, number, item, line, title, form, state, version,"
                " raised_by_name, raised_side, due_at, raised_at, state_since) SELECT t, uuidv7(), n,"
                " 'finance_question', 'finance', 'x', '{}', 'new', 1, 'x', 'client', now(), now(),"
                " now() FROM unnest(CAST(:ids AS uuid[])) t, generate_series(1, :each) n"
            ),
            (
                "INSERT INTO request_moves (tenant_id, request_id, at, verb, target, actor_name,"
                " actor_side) SELECT tenant_id, id, now(), 'raise', 'new', 'x', 'client' FROM requests"
                " WHERE tenant_id = ANY (CAST(:ids AS uuid[])) AND number <= :each"
            ),
            (
                "INSERT INTO audit_events (tenant_id, at, actor_side, actor_name, name, object_type,"
                " object_id) SELECT tenant_id, now(), 'client', 'x', 'x.y.z', 'request', id"
                " FROM requests WHERE tenant_id = ANY (CAST(:ids AS uuid[])) AND number <= :each"
            ),
            (
                "INSERT INTO usage_events (tenant_id, meter_key, quantity, occurred_at, hour,"
                " source_type, source_id, source_rev) SELECT tenant_id, 'operator_minutes', 5, now(),"
                " date_trunc('hour', now()), 'request', id, 1 FROM requests"
                " WHERE tenant_id = ANY (CAST(:ids AS uuid[])) AND number <= :each"
            ),
        ):
            connection.execute(text(statement), {"ids": ids, "each": EACH})
        for table in BIG:
            connection.execute(text(f"ANALYZE {table}"))
    yield found
    with stage.superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in BIG:
            connection.execute(
                text(f"DELETE FROM {table} WHERE tenant_id = ANY (CAST(:ids AS uuid[]))"),
                {"ids": ids},
            )


def open_list(company: Company) -> None:
    list_requests(actor=company.user.actor(), state="open")


def one_number(company: Company) -> None:
    get_request(actor=company.user.actor(), number=7)


def usage_of_a_period(company: Company) -> None:
    start, end = now() - timedelta(days=3), now() + timedelta(days=1)
    billing.list_usage(meter="operator_minutes", start=start, end=end)


def chain_of_evidence(company: Company) -> None:
    request = get_request(actor=company.user.actor(), number=7)
    get_chain(actor=company.admin.actor(), request=request, now=now())


@pytest.mark.parametrize(
    "ask", [open_list, one_number, usage_of_a_period, chain_of_evidence], ids=lambda f: f.__name__
)
def test_hot_questions_read_no_big_table_whole(
    stage: Stage, company: Company, ask: Callable[[Company], None]
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT") and statement != BIND:
            asked.append((statement, parameters))

    with acting(stage, company.user.scope()):
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            ask(company)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert asked
        connection = db.session.connection()
        plans = {
            statement: "\n".join(
                connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
            )
            for statement, parameters in asked
        }
    for statement, plan in plans.items():
        for table in BIG:
            assert f"Seq Scan on {table}" not in plan, f"{statement}\n{plan}"
