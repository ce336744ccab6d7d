"""What each role of the database may do with each table and column, tried, is what docs/access.md
says: nothing less, and above all nothing more."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from dev.engines import Urls
from tests.isolation.access import ROLES, VERBS, documented
from tests.structure import catalogue

# A statement that fails for any other reason was allowed; one that works is taken back.
ALLOWED = """
CREATE FUNCTION pg_temp.allowed(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        EXECUTE statement;
        RAISE EXCEPTION 'taken back';
    EXCEPTION
        WHEN insufficient_privilege THEN RETURN false;
        WHEN OTHERS THEN RETURN true;
    END;
END $$
"""
BEYOND = (
    "TRUNCATE {table}",
    "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    (
        "CREATE TRIGGER spy BEFORE INSERT ON {table} FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "REINDEX TABLE {table}",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY wider ON {table} USING (true)",
    "CREATE INDEX ON {table} (({table}))",
    "DROP TABLE {table} CASCADE",
)


@pytest.fixture
def trying(scratch: Urls) -> Iterator[Connection]:
    engine = create_engine(scratch.superuser, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(ALLOWED)
        yield connection
        connection.rollback()
    engine.dispose()


def all_columns(connection: Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in catalogue.rows(
        connection,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public'",
    ):
        found.setdefault(row.table_name, set()).add(row.column_name)
    return found


def tried(connection: Connection, statements: dict[Any, str]) -> set[Any]:
    """The keys of the statements that are allowed."""
    answers = connection.execute(
        text(
            "SELECT pg_temp.allowed(s) FROM unnest(CAST(:all AS text[])) WITH ORDINALITY o(s, n)"
            " ORDER BY n"
        ),
        {"all": list(statements.values())},
    ).scalars()
    return {key for key, answer in zip(statements, answers, strict=True) if answer}


def attempts(columns: dict[str, set[str]]) -> dict[tuple[str, str, str], str]:
    """By table, verb and column; removing has no columns."""
    found: dict[tuple[str, str, str], str] = {}
    for table, names in columns.items():
        for name in names:
            found[table, "read", name] = f"SELECT {name} FROM {table} LIMIT 0"
            found[table, "add", name] = f"INSERT INTO {table} ({name}) SELECT NULL WHERE false"
            found[table, "change", name] = f"UPDATE {table} SET {name} = DEFAULT WHERE false"
        found[table, "remove", ""] = f"DELETE FROM {table} WHERE false"
    return found


def expected(role: str, columns: dict[str, set[str]]) -> set[tuple[str, str, str]]:
    found = set()
    for (table, holder), said in documented()[1].items():
        if holder != role:
            continue
        for part in filter(None, said.split("; ")):
            match = re.fullmatch(r"(\w+)(?: \((.+)\))?", part)
            assert match, part
            verb = match[1]
            names = match[2].split(", ") if match[2] else sorted(columns[table])
            assert verb in VERBS.values()
            found |= {(table, verb, name) for name in (names if verb != "remove" else [""])}
    return found


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_is_written(trying: Connection, role: str) -> None:
    columns = all_columns(trying)
    trying.exec_driver_sql(f"SET LOCAL ROLE {role}")
    assert tried(trying, attempts(columns)) == expected(role, columns)


@pytest.mark.parametrize("role", ["coulisse_app", "coulisse_desk", "coulisse_dispatcher"])
def test_no_serving_role_empties_locks_or_alters_a_table(trying: Connection, role: str) -> None:
    statements = {
        (table, attempt): attempt.format(table=table)
        for table in all_columns(trying)
        for attempt in BEYOND
    }
    writable = {
        table for (table, holder), said in documented()[1].items()
        if holder == role and re.search("change|remove", said)
    }  # fmt: skip
    trying.exec_driver_sql(f"SET LOCAL ROLE {role}")
    allowed = tried(trying, statements)
    # Whoever may change rows may lock their table.
    assert {table for table, attempt in allowed if attempt.startswith("LOCK")} <= writable
    assert not {key for key in allowed if not key[1].startswith("LOCK")}


@pytest.mark.parametrize("role", ["coulisse_app", "coulisse_desk", "coulisse_dispatcher"])
def test_no_serving_role_makes_anything_in_the_schema(trying: Connection, role: str) -> None:
    trying.exec_driver_sql(f"SET LOCAL ROLE {role}")
    statements = (
        "CREATE TABLE public.spy (a int)",
        "CREATE VIEW public.spy AS SELECT 1 AS a",
        "CREATE FUNCTION public.spy() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA spy",
        "CREATE ROLE spy",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    )
    assert tried(trying, {one: one for one in statements}) == set()


@pytest.fixture
def application(scratch: Urls) -> Iterator[Engine]:
    engine = create_engine(scratch.app, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "role", ["coulisse_owner", "coulisse_dispatcher", "coulisse_signin", "coulisse_lookup",
             "postgres", "pg_read_all_data"],
)  # fmt: skip
def test_the_application_becomes_nobody_but_the_desk(application: Engine, role: str) -> None:
    with application.connect() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE coulisse_desk")
        connection.rollback()
        with pytest.raises(Exception, match="permission denied to set role"):
            connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
