"""What separating tenants costs: row security, growth of a page with their number, one more of
them, and whether a scope ever leaks through the pool."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, create_engine, text

from app.service_requests.queries import list_requests
from bench.browser import getter, session_of
from bench.measure import Result, Stage
from bench.people import BenchTenant, make_requests, make_tenants
from bench.portal import COLUMNS, rows_of
from tenants.core import clock
from tenants.core.db import db, unit_of_work
from tenants.core.ids import uuid7
from tenants.permissions import Actor, system_actor
from tenants.scoping import Scope, enter, leave
from tenants.services.companies import create_tenant
from tenants.services.members import add_member

TRANSACTIONS = 10_000
OTHERS = 10_000


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="rows")
    make_requests(stage, [tenant.id], each=2_000)
    app, superuser = create_engine(stage.urls.app, pool_size=1), _pooled(stage)
    plain = rows_of(app, tenant.id)
    unsecured = _unsecured(superuser, tenant)
    part, low = stage.meter.interleaved(_database_part(stage, tenant), plain, times=20)
    secured, bare = stage.meter.interleaved(plain, unsecured, times=40)
    results = [
        Result("database part of a list", part, 2.0, 1.35, low),
        _share(stage, tenant, 2 * (secured - bare)),
        _growth(stage),
        *_one_more(stage),
        Result("scope leaks in interleaved transactions", _leaks(app, tenant), 0, 0,
               unit=f"of {TRANSACTIONS}"),
    ]  # fmt: skip
    app.dispose()
    superuser.dispose()
    return results


def _pooled(stage: Stage) -> Engine:
    return create_engine(stage.urls.superuser, pool_size=1)


def _database_part(stage: Stage, tenant: BenchTenant) -> Callable[[], object]:
    actor = Actor(user_id=tenant.member, name="", side="client", lines={"finance": ""})

    def read() -> None:
        with stage.app.app_context():
            enter(Scope(tenant_id=tenant.id, side="client"))
            with unit_of_work():
                assert len(list_requests(actor=actor, state="new").items) == 50

    return read


def _unsecured(engine: Engine, tenant: BenchTenant) -> Callable[[], object]:
    query = text(
        f"SELECT {COLUMNS} FROM requests WHERE tenant_id = :t AND state = 'new'"
        " ORDER BY number DESC LIMIT 50"
    )

    def read() -> Any:
        with engine.begin() as connection:
            return connection.execute(query, {"t": tenant.id}).all()

    return read


def _share(stage: Stage, tenant: BenchTenant, price: float) -> Result:
    """`price` is that of the request's two transactions, sign-in and work."""
    page = getter(
        stage.app, f"/c/{tenant.slug}/requests?state=new", Cookie=session_of(stage, tenant.member)
    )
    [whole] = stage.meter.interleaved(page)
    return Result("row security, share of a list request", whole, 1.10, 1.05, whole - price)


def _growth(stage: Stage) -> Result:
    """The same client's list among few others, then among many."""
    [tenant] = make_tenants(stage, 1, prefix="grown")
    make_requests(stage, [tenant.id], each=200)
    page = getter(
        stage.app, f"/c/{tenant.slug}/requests?state=new", Cookie=session_of(stage, tenant.member)
    )
    [small] = stage.meter.interleaved(page)
    others = make_tenants(stage, OTHERS, prefix="many")
    make_requests(stage, [one.id for one in others], each=20)
    [large] = stage.meter.interleaved(page)
    return Result(f"list page among {OTHERS:,} more tenants", large, 2.5, 2.0, small,
                  note="not interleaved: before and after they came")  # fmt: skip


def _one_more(stage: Stage) -> list[Result]:
    before = _size(stage)
    count, made = 40, iter(range(40))

    def add() -> None:
        number, tenant_id = next(made), uuid7()
        actor = system_actor(tenant_id)
        letters = f"X{chr(65 + number // 26)}{chr(65 + number % 26)}"
        with stage.app.app_context():
            enter(Scope(tenant_id=tenant_id, side="provider"))
            with unit_of_work():
                create_tenant(
                    now=clock.now(), name=f"More {number}", slug=f"more-{number}", code=letters,
                    colour="#226688", country="FR", language="fr", time_zone="Europe/Paris",
                    actor=actor,
                )  # fmt: skip
                add_member(
                    email=f"admin@more-{number}.example", display_name="Admin",
                    role="client_admin", approver=False, lines=["finance"], actor=actor,
                    now=clock.now(),
                )  # fmt: skip
            leave()
            db.session.remove()

    stage.meter.of(add, 5)
    milliseconds = stage.meter.of(add, count - 5)
    return [
        Result("one more tenant with its administrator", milliseconds, 250, 50),
        Result("what it takes in the database", (_size(stage) - before) / count / 1024, 1024, 200,
               unit="KB"),
    ]  # fmt: skip


def _size(stage: Stage) -> int:
    with stage.superuser.begin() as connection:
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def _leaks(engine: Engine, tenant: BenchTenant) -> int:
    """One connection: every second transaction has no scope and must see nothing."""
    scoped, leaked = rows_of(engine, tenant.id), 0
    for number in range(TRANSACTIONS):
        if number % 100 == 0:
            assert scoped()
        with engine.begin() as connection:
            leaked += int(connection.scalar(text("SELECT count(*) FROM requests")) or 0)
    return leaked
