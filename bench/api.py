"""JSON: 50 of 10,000 requests, and a search; floor: the same rows as JSON by a bare Flask page."""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask, Response, jsonify
from sqlalchemy import Engine, create_engine, text

from bench.browser import getter
from bench.measure import Result, Stage
from bench.people import BenchTenant, make_requests, make_tenants
from tenants.core.crypto import token_hash
from tenants.core.ids import uuid7
from tenants.scoping import BIND, Scope

COLUMNS = (
    "number, item, line, title, state, priority, assignee_name, raised_by_name, due_at, raised_at,"
    " state_since"
)


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="json")
    make_requests(stage, [tenant.id], each=10_000)
    bearer = f"Bearer {_token(stage, tenant)}"
    engine = create_engine(stage.urls.app, pool_size=1)
    listed = getter(stage.app, "/api/v1/requests", Authorization=bearer)
    found = getter(stage.app, "/api/v1/requests?q=Request+77", Authorization=bearer)
    bare_list = _bare(engine, tenant.id, "")
    bare_search = _bare(engine, tenant.id, "AND title ILIKE '%Request 77%'")
    value, low = stage.meter.interleaved(listed, bare_list)
    search, low_search = stage.meter.interleaved(found, bare_search)
    engine.dispose()
    return [
        Result("JSON list of 50 of 10,000", value, 2.5, 1.5, low),
        Result("JSON search of 50", search, 2.0, 1.3, low_search),
    ]


def _token(stage: Stage, tenant: BenchTenant) -> str:
    plain = f"coulisse_{secrets.token_urlsafe(32)}"
    with stage.superuser.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO api_tokens (tenant_id, id, user_id, holder_name, name, token_hash,"
                " scopes, created_at, expires_at, last_used_at) VALUES (:t, :i, :u, 'Bench',"
                " 'bench', :h, ARRAY['requests:read'], now(), now() + interval '1 day',"
                " now() + interval '1 hour')"
            ),
            {"t": tenant.id, "i": uuid7(), "u": tenant.member, "h": token_hash(plain)},
        )
    return plain


def _bare(engine: Engine, tenant_id: UUID, where: str) -> Callable[[], bytes]:
    app = Flask("floor")
    scope = Scope(tenant_id=tenant_id, side="client").settings()
    query = text(
        f"SELECT {COLUMNS} FROM requests WHERE tenant_id = :t {where} ORDER BY number DESC LIMIT 50"
    )

    @app.get("/")
    def page() -> Response:
        with engine.begin() as connection:
            connection.exec_driver_sql(BIND, scope)
            rows: list[Any] = list(connection.execute(query, {"t": tenant_id}).mappings())
        return jsonify([dict(row) for row in rows])

    return getter(app, "/")
