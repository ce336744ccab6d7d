"""Raw SQL as the application's roles on every table: own, foreign, without and with an empty
tenant. Generated from the catalogue."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from dev.engines import Urls
from tenants.scoping import BIND, NOBODY, Scope
from tests.isolation import rows
from tests.structure.catalogue import ADMINISTRATION_MAY

A, B = uuid4(), uuid4()


@pytest.fixture(scope="module")
def filled(scratch: Urls) -> Iterator[tuple[Engine, list[str]]]:
    owner = create_engine(scratch.superuser, poolclass=NullPool)
    with owner.begin() as connection:
        tables = rows.tenant_tables(connection)
        rows.fill(connection, A)
        rows.fill(connection, B)
    owner.dispose()
    engine = create_engine(scratch.app, poolclass=NullPool)
    yield engine, tables
    engine.dispose()


def test_every_tenant_table_is_here(filled: tuple[Engine, list[str]]) -> None:
    assert {"members", "requests", "internal_notes", "jobs", "files"} <= set(filled[1])


def inside(engine: Engine, scope: Scope) -> Connection:
    connection = engine.connect()
    connection.exec_driver_sql(BIND, scope.settings())
    return connection


def tenants_seen(connection: Connection, table: str) -> set[UUID]:
    return set(connection.scalars(text(f"SELECT DISTINCT tenant_id FROM {table}")))


def refused(connection: Connection, statement: str, **params: object) -> bool:
    """Refused, or touched no row."""
    nested = connection.begin_nested()
    try:
        result = connection.execute(text(statement), params)
    except DBAPIError:
        nested.rollback()
        return True
    nested.rollback()
    return result.rowcount == 0


def test_own_rows_and_no_others_are_read(filled: tuple[Engine, list[str]]) -> None:
    engine, tables = filled
    with inside(engine, Scope(tenant_id=A, user_id=rows.PERSON, side="provider")) as connection:
        assert {t: tenants_seen(connection, t) for t in tables} == {key: {A} for key in tables}


def test_what_is_one_persons_is_nobody_elses(filled: tuple[Engine, list[str]]) -> None:
    engine, own = (
        filled[0],
        (
            "form_drafts",
            "desk_settings",
            "saved_views",
            "undo_steps",
            "text_modules",
            "reply_drafts",
        ),
    )
    for user_id in (None, uuid4()):
        with inside(engine, Scope(tenant_id=A, user_id=user_id, side="client")) as connection:
            assert {table: tenants_seen(connection, table) for table in own} == {
                table: set() for table in own
            }


@pytest.mark.parametrize(
    "scope",
    [NOBODY, Scope(side="provider"), Scope(user_id=uuid4()), Scope(tenant_id=uuid4()),
     Scope(tenant_ids=(A, B), side="provider")],
    ids=["nobody", "side only", "user only", "unknown tenant", "desk's list without its role"],
)  # fmt: skip
def test_without_the_tenant_there_are_no_rows(
    filled: tuple[Engine, list[str]], scope: Scope
) -> None:
    engine, tables = filled
    with inside(engine, scope) as connection:
        assert {t: tenants_seen(connection, t) for t in tables} == {key: set() for key in tables}


def test_without_a_tenant_there_is_nowhere_to_add_to(
    filled: tuple[Engine, list[str]], scratch: Urls
) -> None:
    """Refused by the table's rule, as anything else that isn't one's own, and no error of it."""
    superuser = create_engine(scratch.superuser, poolclass=NullPool)
    with superuser.connect() as reader:
        statements = [rows.insert_statement(reader, table, A) for table in filled[1]]
    superuser.dispose()
    with inside(filled[0], NOBODY) as connection:
        for statement, values in statements:
            nested = connection.begin_nested()
            with pytest.raises(DBAPIError, match="row-level security|permission denied"):
                connection.execute(statement, values)
            nested.rollback()


def test_foreign_rows_can_not_be_changed_or_removed(filled: tuple[Engine, list[str]]) -> None:
    engine, tables = filled
    with inside(engine, Scope(tenant_id=A, user_id=rows.PERSON, side="provider")) as connection:
        for table in tables:
            assert refused(connection, f"UPDATE {table} SET id = id WHERE tenant_id = :b", b=B)
            assert refused(connection, f"DELETE FROM {table} WHERE tenant_id = :b", b=B)


def test_rows_can_not_be_given_to_another_tenant(filled: tuple[Engine, list[str]]) -> None:
    engine, tables = filled
    with inside(engine, Scope(tenant_id=A, user_id=rows.PERSON, side="provider")) as connection:
        for table in tables:
            assert refused(connection, f"UPDATE {table} SET tenant_id = :b", b=B), table


def test_rows_of_another_tenant_can_not_be_added(
    filled: tuple[Engine, list[str]], scratch: Urls
) -> None:
    engine, tables = filled
    owner = create_engine(scratch.superuser, poolclass=NullPool)
    with owner.connect() as reader:
        statements = {t: rows.insert_statement(reader, t, B) for t in tables}
    owner.dispose()
    with inside(engine, Scope(tenant_id=A, user_id=rows.PERSON, side="provider")) as connection:
        for table, (statement, values) in statements.items():
            nested = connection.begin_nested()
            with pytest.raises(DBAPIError, match="row-level security|permission denied"):
                connection.execute(statement, values)
            nested.rollback()
            assert tenants_seen(connection, table) == {A}


def test_client_side_never_sees_or_adds_the_providers_own(
    filled: tuple[Engine, list[str]], scratch: Urls
) -> None:
    engine, own = filled[0], ("internal_notes", "reviews", "presences", "held_messages")
    superuser = create_engine(scratch.superuser, poolclass=NullPool)
    with superuser.connect() as reader:
        statements = {table: rows.insert_statement(reader, table, A) for table in own}
    superuser.dispose()
    for side in ("client", "", "Provider"):
        with inside(engine, Scope(tenant_id=A, side=side)) as connection:
            for table in own:
                assert tenants_seen(connection, table) == set()
                nested = connection.begin_nested()
                with pytest.raises(DBAPIError, match="row-level security"):
                    connection.execute(*statements[table])
                nested.rollback()


def test_administration_sees_people_and_no_content(
    filled: tuple[Engine, list[str]], scratch: Urls
) -> None:
    """Nothing of the rest is read, changed, removed or added either."""
    engine, tables = filled
    owner = create_engine(scratch.superuser, poolclass=NullPool)
    with owner.connect() as reader:
        statements = {t: rows.insert_statement(reader, t, A) for t in tables}
    owner.dispose()
    with inside(engine, Scope(tenant_id=A, side="administration")) as connection:
        seen = {table for table in tables if tenants_seen(connection, table)}
        assert seen == ADMINISTRATION_MAY - {"audit_events"}
        for table in set(tables) - ADMINISTRATION_MAY:
            assert refused(connection, f"UPDATE {table} SET id = id"), table
            assert refused(connection, f"DELETE FROM {table}"), table
            nested = connection.begin_nested()
            with pytest.raises(DBAPIError, match="row-level security|permission denied"):
                connection.execute(*statements[table])
            nested.rollback()


def test_administration_reads_of_the_audit_what_became_of_people(
    filled: tuple[Engine, list[str]], scratch: Urls
) -> None:
    other = uuid4()
    owner = create_engine(scratch.superuser, poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in ("tenants.grant.given", "documents.deliverable.attached"):
            connection.execute(
                text("INSERT INTO audit_events (tenant_id, at, actor_side, actor_name, name,"
                     " object_type) VALUES (:t, now(), 'provider', 'x', :name, 'x')"),
                {"t": other, "name": name},
            )  # fmt: skip
    owner.dispose()
    with inside(filled[0], Scope(tenant_id=other, side="administration")) as connection:
        names = set(connection.scalars(text("SELECT name FROM audit_events")))
    assert names == {"tenants.grant.given"}


def test_the_desk_reads_granted_tenants_on_a_few_tables(filled: tuple[Engine, list[str]]) -> None:
    engine, tables = filled
    desk = Scope(role="coulisse_desk", tenant_ids=(A,), side="provider")
    readable = set()
    with inside(engine, desk) as connection:
        for table in tables:
            nested = connection.begin_nested()
            try:
                assert tenants_seen(connection, table) == {A}
                readable.add(table)
            except DBAPIError:
                nested.rollback()
    assert readable == {
        "requests", "grants", "time_entries", "supervisor_tasks", "sla_months", "contract_versions",
        "sla_month_contests", "sla_prepared_months", "jobs", "recurrences",
        "recurrence_instances", "inbound_mails", "review_draws", "review_findings", "reviews", "handover_notes", "handover_items",
        "sla_events", "sla_exclusions", "sla_outcomes", "request_moves", "service_reports",
    }  # fmt: skip


def test_the_desk_writes_nothing(filled: tuple[Engine, list[str]]) -> None:
    engine, tables = filled
    desk = Scope(role="coulisse_desk", tenant_id=A, tenant_ids=(A, B), side="provider")
    with inside(engine, desk) as connection:
        for table in tables:
            assert refused(connection, f"UPDATE {table} SET id = id"), table
            assert refused(connection, f"DELETE FROM {table}"), table


def test_the_scope_ends_with_the_transaction(scratch: Urls) -> None:
    engine = create_engine(scratch.app, pool_size=1, max_overflow=0)
    whole = Scope(tenant_id=A, user_id=B, side="provider", tenant_ids=(A, B), role="coulisse_desk")
    names = ("tenant_id", "tenant_ids", "user_id", "side")
    left = ", ".join(f"coalesce(current_setting('app.{name}', true), '')" for name in names)
    try:
        for end in ("commit", "rollback"):
            with inside(engine, whole) as one:
                getattr(one, end)()
            with engine.connect() as two:
                row = two.execute(text(f"SELECT current_user, {left}")).one()
                assert tuple(row) == ("coulisse_app", "", "", "", ""), end
    finally:
        engine.dispose()


def test_foreign_keys_are_no_existence_oracle(
    filled: tuple[Engine, list[str]], scratch: Urls
) -> None:
    """Naming another tenant's row and naming none fail alike."""
    engine, _tables = filled
    owner = create_engine(scratch.superuser, poolclass=NullPool)
    with owner.connect() as reader:
        foreign = reader.scalar(text("SELECT id FROM requests WHERE tenant_id = :b"), {"b": B})
    owner.dispose()
    messages = []
    with inside(engine, Scope(tenant_id=A, user_id=rows.PERSON, side="provider")) as connection:
        for target in (foreign, uuid4()):
            nested = connection.begin_nested()
            with pytest.raises(DBAPIError) as caught:
                connection.execute(
                    text("INSERT INTO client_messages (tenant_id, request_id, at, author_name,"
                         " author_side, body) VALUES (:a, :r, now(), 'x', 'client', 'x')"),
                    {"a": A, "r": target},
                )  # fmt: skip
            nested.rollback()
            messages.append(type(caught.value.orig).__name__)
    assert messages[0] == messages[1] == "ForeignKeyViolation"
