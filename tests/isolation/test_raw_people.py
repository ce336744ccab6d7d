"""Raw SQL on the tables that belong to no tenant: people, sessions, links, Stripe's customers and
events. Whose row is seen, changed and added is said here for each, and tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from dev.engines import Urls
from tenants.models import PROVIDER_TENANT
from tenants.scoping import NOBODY, Scope
from tests.isolation import rows
from tests.isolation.access import documented
from tests.isolation.test_raw_sql import inside, refused
from tests.structure.catalogue import GLOBAL_TABLES

A, B = uuid4(), uuid4()
ME, YOU = uuid4(), uuid4()
# Whose rows the application sees: of the person in scope, of the tenant in scope, everybody's with
# any scope, everybody's by the provider's side, everybody's by the provider for itself alone,
# everybody's, nobody's.
SEEN = {
    "tenants": "tenant", "users": "person", "staff": "in scope", "sign_in_sessions": "person",
    "recovery_codes": "person", "user_tokens": "person", "service_lines": "all",
    "catalog_map": "all", "stripe_customers": "tenant", "webhook_inbox": "tenant",
    "periodic_tasks": "nobody", "leaders": "nobody", "job_workers": "nobody", "timers": "person",
    "locked_months": "in scope", "catalogue_items": "all", "catalogue_versions": "all",
    "review_rates": "provider's side", "review_standings": "provider's side",
    "deadline_versions": "all", "internal_rates": "provider", "rule_packs": "all",
    "seal_certificates": "all", "seal_keys": "provider's side",
}  # fmt: skip
ALL = sorted(set(GLOBAL_TABLES) - {"alembic_version"})
AS_PROVIDER = Scope(tenant_id=PROVIDER_TENANT, user_id=ME, side="provider")
SCOPES = {
    "person": Scope(tenant_id=PROVIDER_TENANT, user_id=ME),
    "client": Scope(tenant_id=A, user_id=ME, side="client"),
    "operator": Scope(tenant_id=A, user_id=ME, side="provider"),
    "administration": Scope(tenant_id=A, user_id=ME, side="administration"),
    "job": Scope(tenant_id=A, side="provider"),
    "nobody": NOBODY,
}


@pytest.fixture(scope="module")
def superuser_of(scratch: Urls) -> Iterator[Engine]:
    engine = create_engine(scratch.superuser, poolclass=NullPool)
    with engine.begin() as connection:
        for tenant, person in ((A, ME), (B, YOU)):
            rows.fill_global(connection, tenant, person)
            rows.fill(connection, tenant)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def application(scratch: Urls, superuser_of: Engine) -> Iterator[Engine]:
    engine = create_engine(scratch.app, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def owners(superuser_of: Engine) -> dict[str, str | None]:
    with superuser_of.connect() as connection:
        return {table: rows.owner_column(connection, table) for table in ALL}


def seen(connection: Connection, table: str, column: str | None) -> set[Any]:
    """The owners of the rows, or that there are some."""
    shown = column or "'some'"
    return set(connection.scalars(text(f"SELECT DISTINCT {shown} FROM {table}")))


def right(table: str, scope: Scope, column: str | None) -> set[Any]:
    """What `SEEN` means for this scope, of the two owners' rows."""
    both: set[Any] = ({A, B} if _by_tenant(table) else {ME, YOU}) if column else {"some"}
    if SEEN[table] == "tenant":
        return both & {scope.tenant_id}
    if SEEN[table] == "person":
        return both & {scope.user_id}
    if SEEN[table] == "in scope":
        return both if scope != NOBODY else set()
    if SEEN[table] == "provider":
        return both if scope == AS_PROVIDER else set()
    if SEEN[table] == "provider's side":
        return both if scope.side == "provider" else set()
    return both if SEEN[table] == "all" else set()


def _by_tenant(table: str) -> bool:
    return SEEN[table] == "tenant"


def may(role: str, table: str, verb: str) -> bool:
    return verb in documented()[1].get((table, role), "")


def test_every_table_without_tenant_is_here() -> None:
    assert set(SEEN) == set(ALL), "say in SEEN whose rows of the new table are seen"


@pytest.mark.parametrize("scope", SCOPES)
def test_whose_rows_are_seen(
    application: Engine, owners: dict[str, str | None], scope: str
) -> None:
    with inside(application, SCOPES[scope]) as connection:
        found = {}
        for table in ALL:
            if may("coulisse_app", table, "read"):
                found[table] = seen(connection, table, owners[table]) & {A, B, ME, YOU, "some"}
    assert found == {table: right(table, SCOPES[scope], owners[table]) for table in found}


def test_what_an_hour_costs_is_for_the_provider_alone(application: Engine) -> None:
    """In every other scope `test_whose_rows_are_seen` finds none."""
    with inside(application, AS_PROVIDER) as connection:
        assert connection.scalar(text("SELECT count(*) FROM internal_rates")) > 0


@pytest.mark.parametrize("scope", SCOPES)
def test_whose_rows_are_changed(
    application: Engine, owners: dict[str, str | None], scope: str
) -> None:
    """Of those, only one's own: colleagues' entries are for the provider's own tenant."""
    found, wanted = {}, {}
    with inside(application, SCOPES[scope]) as connection:
        for table in ALL:
            column = owners[table]
            if column and may("coulisse_app", table, "change"):
                statement = f"UPDATE {table} SET {column} = {column} WHERE {column} = :it"
                found[table] = {
                    it for it in (A, B, ME, YOU) if not refused(connection, statement, it=it)
                }
                wanted[table] = right(table, SCOPES[scope], column)
                if table in ("staff", "review_rates"):
                    wanted[table] = set()
                if table == "review_standings":
                    # Nobody says how their own work stands.
                    wanted[table] -= {SCOPES[scope].user_id}
    assert found == wanted


def test_a_change_of_all_rows_is_one_of_ones_own(
    application: Engine, owners: dict[str, str | None]
) -> None:
    """Without a condition the rules for reading don't help: those for changing stand alone, and
    leave the others' rows aside quietly."""
    for table, own in (("users", ME), ("user_tokens", ME), ("webhook_inbox", A)):
        statement = text(f"UPDATE {table} SET {owners[table]} = :own")
        for scope, count in ((SCOPES["operator"], 1), (NOBODY, 0)):
            with inside(application, scope) as connection:
                assert connection.execute(statement, {"own": own}).rowcount == count, table
    others = (Scope(tenant_id=PROVIDER_TENANT, side="client"), Scope(user_id=ME, side="provider"))
    for scope in (*SCOPES.values(), *others):
        with inside(application, scope) as connection:
            assert connection.execute(text("UPDATE staff SET active = true")).rowcount == 0


def test_nobody_adds_nothing(
    application: Engine, superuser_of: Engine, owners: dict[str, str | None]
) -> None:
    for table in ("sign_in_sessions", "recovery_codes", "stripe_customers", "tenants"):
        column = owners[table]
        assert column
        owner = A if _by_tenant(table) else ME
        with superuser_of.connect() as connection:
            statement, values = rows.insert_statement(connection, table, A, **{column: owner})
        with (
            inside(application, NOBODY) as connection,
            pytest.raises(DBAPIError, match="row-level security|permission denied"),
        ):
            connection.execute(statement, values)


def test_only_the_provider_changes_its_staff(application: Engine, superuser_of: Engine) -> None:
    with superuser_of.connect() as connection:
        statement, values = rows.insert_statement(connection, "staff", A, user_id=uuid4())
    change = "UPDATE staff SET active = active"
    for scope in SCOPES.values():
        with inside(application, scope) as connection:
            assert refused(connection, change), scope
            with pytest.raises(DBAPIError, match="row-level security"):
                connection.execute(statement, values)
    with inside(application, Scope(tenant_id=A, side="provider", user_id=ME)) as connection:
        assert refused(connection, change)
    with inside(application, AS_PROVIDER) as connection:
        assert not refused(connection, change)
        assert _added(connection, statement, values)
    with inside(application, Scope(tenant_id=PROVIDER_TENANT, side="client")) as connection:
        assert refused(connection, change)


def test_only_the_provider_changes_the_catalogue(application: Engine, superuser_of: Engine) -> None:
    change = "UPDATE catalogue_items SET offered = offered"
    with superuser_of.connect() as connection:
        item = rows.insert_statement(connection, "catalogue_items", A)
        own = rows.insert_statement(connection, "catalogue_versions", A, origin="own")
        shipped = rows.insert_statement(connection, "catalogue_versions", A, origin="shipped")
    strangers = [Scope(tenant_id=PROVIDER_TENANT, side="client", user_id=ME), *SCOPES.values()]
    for scope in (*strangers, AS_PROVIDER):
        with inside(application, scope) as connection:
            assert refused(connection, change) is (scope != AS_PROVIDER), scope
        for row in (item, own, shipped):
            with inside(application, scope) as connection:
                works = scope == AS_PROVIDER and row is not shipped
                assert _added(connection, *row) is works, scope


def test_only_the_provider_sets_what_is_checked(application: Engine, superuser_of: Engine) -> None:
    with superuser_of.connect() as connection:
        statement, values = rows.insert_statement(connection, "review_rates", A, user_id=YOU)
    changes = ("UPDATE review_rates SET rate = rate", "DELETE FROM review_rates")
    strangers = [Scope(tenant_id=PROVIDER_TENANT, side="client", user_id=ME), *SCOPES.values()]
    for scope in (*strangers, AS_PROVIDER):
        with inside(application, scope) as connection:
            for change in changes:
                assert refused(connection, change) is (scope != AS_PROVIDER), scope
            assert _added(connection, statement, values) is (scope == AS_PROVIDER), scope


def test_how_work_stands_is_said_of_others_only(application: Engine, superuser_of: Engine) -> None:
    for owner, sides in ((YOU, {"provider"}), (ME, set())):
        with superuser_of.connect() as connection:
            statement, values = rows.insert_statement(
                connection, "review_standings", A, user_id=owner
            )
        for scope in (SCOPES["operator"], SCOPES["client"], SCOPES["administration"]):
            with inside(application, scope) as connection:
                assert _added(connection, statement, values) is (scope.side in sides), scope


def test_rows_are_added_for_oneself_only(
    application: Engine, superuser_of: Engine, owners: dict[str, str | None]
) -> None:
    own = {"person": ME, "tenant": A}
    others = {"person": YOU, "tenant": B}
    for table in ALL:
        if SEEN[table] not in own or not may("coulisse_app", table, "add") or table == "tenants":
            continue
        column = owners[table]
        assert column
        for owner, works in ((own[SEEN[table]], True), (others[SEEN[table]], False)):
            with superuser_of.connect() as connection:
                statement, values = rows.insert_statement(connection, table, A, **{column: owner})
            with inside(application, SCOPES["operator"]) as connection:
                assert _added(connection, statement, values) is works, (table, works)


def _added(connection: Connection, statement: Any, values: Any) -> bool:
    """A broken foreign key is noticed after the policies."""
    try:
        connection.execute(statement, values)
    except DBAPIError as error:
        return "row-level security" not in str(error) and "permission" not in str(error)
    return True


def test_an_event_of_nobody_arrives_parked(application: Engine) -> None:
    """Before its client is known; not as anything that would be worked on."""
    for state, works in (("parked", True), ("ignored", True), ("new", False)):
        with inside(application, NOBODY) as connection:
            statement = text(
                "INSERT INTO webhook_inbox (livemode, event_id, type, stripe_created, payload,"
                " state) VALUES (false, :id, 'x', now(), '{}', :state)"
            )
            added = _added(connection, statement, {"id": f"evt_{uuid4()}", "state": state})
            assert added is works, state


def test_rows_can_not_be_given_to_others(
    application: Engine, owners: dict[str, str | None]
) -> None:
    for table in ALL:
        if SEEN[table] in ("person", "tenant") and may("coulisse_app", table, "change"):
            column, other = owners[table], B if _by_tenant(table) else YOU
            with inside(application, SCOPES["operator"]) as connection:
                statement = text(f"UPDATE {table} SET {column} = :other")
                with pytest.raises(DBAPIError, match="row-level security"):
                    connection.execute(statement, {"other": other})


@contextmanager
def at_the_desk(application: Engine, tenants: tuple[UUID, ...]) -> Iterator[Connection]:
    scope = Scope(role="coulisse_desk", tenant_ids=tenants, user_id=ME, side="provider")
    with inside(application, scope) as connection:
        yield connection


def test_the_desk_sees_granted_companies_and_colleagues(
    application: Engine, owners: dict[str, str | None]
) -> None:
    with at_the_desk(application, (A,)) as connection:
        found = {
            table: seen(connection, table, owners[table]) & {A, B, ME, YOU, "some"}
            for table in ALL if may("coulisse_desk", table, "read")
        }  # fmt: skip
        for table in ALL:
            assert refused(connection, f"DELETE FROM {table}")
    assert found == {
        "tenants": {A}, "staff": {ME, YOU},
        "service_lines": {"some"}, "catalogue_items": {"some"}, "catalogue_versions": {"some"},
        "deadline_versions": {"some"},
    }  # fmt: skip
    with at_the_desk(application, ()) as connection:
        for table, column in (("tenants", "id"), ("requests", "id"), ("grants", "id")):
            assert seen(connection, table, column) == set()


def test_the_dispatcher_sees_work_of_all_and_no_person(scratch: Urls, application: Engine) -> None:
    engine = create_engine(scratch.dispatcher, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            assert {A, B} <= seen(connection, "jobs", "tenant_id")
            assert {A, B} <= seen(connection, "tenants", "id")
            arrived = connection.scalar(text("SELECT count(state) FROM webhook_inbox"))
            assert arrived == 2
            for table in ("periodic_tasks", "leaders"):
                assert seen(connection, table, None) == {"some"}
                assert not refused(connection, f"UPDATE {table} SET name = name")
            assert not refused(connection, "UPDATE jobs SET state = state")
            assert seen(connection, "job_workers", None) == {"some"}
            assert not refused(connection, "DELETE FROM job_workers")
            assert {A, B} <= seen(connection, "tenant_schedules", "tenant_id")
            assert not refused(connection, "UPDATE tenant_schedules SET look_at = now()")
            assert refused(connection, "UPDATE tenant_schedules SET last_period = ''")
    finally:
        engine.dispose()


def test_the_provider_lists_all_companies(application: Engine) -> None:
    with inside(application, AS_PROVIDER) as connection:
        assert {A, B} <= seen(connection, "tenants", "id")


def test_workers_tell_of_themselves_and_the_provider_reads_it(application: Engine) -> None:
    worker, mine = Scope(side="worker"), uuid4()
    added = (
        "INSERT INTO job_workers (id, host, pid, kind, queues, lease_until)"
        " VALUES (:it, 'h', 1, 'short', '{}', now())"
    )
    with inside(application, worker) as connection:
        assert not refused(connection, added, it=mine)
        assert not refused(connection, "UPDATE job_workers SET pid = 2")
        assert seen(connection, "jobs", "tenant_id") == set()
    with inside(application, AS_PROVIDER) as connection:
        assert seen(connection, "job_workers", None) == {"some"}
    for scope in (AS_PROVIDER, *SCOPES.values()):
        with inside(application, scope) as connection:
            assert refused(connection, added, it=uuid4())


def test_the_catalogue_of_prices_is_added_to(application: Engine, superuser_of: Engine) -> None:
    with superuser_of.connect() as connection:
        statement, values = rows.insert_statement(connection, "catalog_map", A)
    with inside(application, SCOPES["job"]) as connection:
        assert _added(connection, statement, values)


def test_the_owner_sees_nothing_either(scratch: Urls, superuser_of: Engine) -> None:
    """Migrations name their tenant; FORCE holds the owner of every table to that."""
    with superuser_of.connect() as connection:
        tables = [*rows.tenant_tables(connection), *ALL]
    engine = create_engine(scratch.owner, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            found = {t: connection.scalar(text(f"SELECT count(*) FROM {t}")) for t in tables}
    finally:
        engine.dispose()
    assert found == dict.fromkeys(tables, 0)
