"""The client's list of 50 of 2,000 requests, complete page, signed in; floor: a bare Flask page of
the same rows, by raw SQL in a transaction with row security."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine, create_engine, event, text

from bench.browser import getter, session_of
from bench.measure import Result, Stage
from bench.people import make_requests, make_tenants
from tenants.core.db import db
from tenants.scoping import BIND, Scope

BARE = (
    "<table>{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.title }}</td>"
    "<td>{{ row.item }}</td><td>{{ row.state }}</td><td>{{ row.due_at }}</td>"
    "<td>{{ row.raised_by_name }}</td><td>{{ row.raised_at }}</td>"
    "<td>{{ row.assignee_name }}</td></tr>{% endfor %}</table>"
)
COLUMNS = "number, title, item, state, due_at, raised_by_name, raised_at, assignee_name"


def rows_of(engine: Engine, tenant_id: UUID) -> Callable[[], Sequence[Any]]:
    """The plainest way that row security allows."""
    scope = Scope(tenant_id=tenant_id, side="client").settings()
    # the columns and the table are our own text
    query = text(
        f"SELECT {COLUMNS} FROM requests WHERE tenant_id = :t AND state = 'new'"
        " ORDER BY number DESC LIMIT 50"
    )

    def rows() -> Sequence[Any]:
        with engine.begin() as connection:
            connection.exec_driver_sql(BIND, scope)
            return connection.execute(query, {"t": tenant_id}).all()

    return rows


def bare_page(engine: Engine, tenant_id: UUID) -> Callable[[], bytes]:
    app, rows = Flask("floor"), rows_of(engine, tenant_id)
    template = app.jinja_env.from_string(BARE)

    @app.get("/")
    def page() -> str:
        return template.render(rows=rows())

    return getter(app, "/")


def statements(stage: Stage, act: Callable[[], object], *, bindings: bool = True) -> int:
    """Sent by one `act`; with the bindings of the scope, unless they are left out."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if bindings or statement != BIND:
            seen.append(statement)

    with stage.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="portal")
    make_requests(stage, [tenant.id], each=2_000)
    page = getter(
        stage.app, f"/c/{tenant.slug}/requests?state=new", Cookie=session_of(stage, tenant.member)
    )
    engine = create_engine(stage.urls.app, pool_size=1)
    floor = bare_page(engine, tenant.id)
    value, low = stage.meter.interleaved(page, floor)
    sent = statements(stage, page)
    engine.dispose()
    return [
        Result("client's list of 50, complete page", value, 3.0, 2.2, low),
        Result("its SQL statements", sent, 9, 6, unit="statements"),
    ]
