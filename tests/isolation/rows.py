"""A row of every tenant table for any tenant, made from the database's own catalogue, so that a
table is covered the day it appears. Foreign keys are switched off: content doesn't matter here."""

from collections.abc import Callable
from random import choice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from tests.structure import catalogue
from tests.structure.catalogue import GLOBAL_TABLES

# Whose rows those are that a table shows to one person only.
PERSON = uuid4()
# What the database itself can't tell of a column.
SPECIAL: dict[tuple[str, str], Any] = {
    ("tenants", "code"): lambda: "".join(choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(3)),
    ("form_drafts", "user_id"): PERSON,
    ("desk_settings", "user_id"): PERSON,
    ("undo_steps", "user_id"): PERSON,
    ("text_modules", "owner_id"): PERSON,
    ("reply_drafts", "user_id"): PERSON,
    ("saved_views", "owner_id"): PERSON,
    ("locked_months", "month"): lambda: f"{choice(range(1000, 9999))}-{choice(range(1, 13)):02}-01",
}
LOOSEN = """
DO $$
DECLARE it record;
BEGIN
    FOR it IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE contype = 'c' AND connamespace = 'public'::regnamespace
    LOOP
        EXECUTE 'ALTER TABLE ' || it.place || ' DROP CONSTRAINT ' || quote_ident(it.conname);
    END LOOP;
END $$
"""


def loosen(connection: Connection) -> None:
    """Without CHECKs and foreign keys any value will do."""
    connection.exec_driver_sql(LOOSEN)
    connection.execute(text("SET LOCAL session_replication_role = replica"))


def tenant_tables(connection: Connection) -> list[str]:
    found = catalogue.tables(connection)
    return sorted(n for n, t in found.items() if t.owned and n not in GLOBAL_TABLES)


def columns(connection: Connection, table: str) -> list[Any]:
    return catalogue.rows(
        connection,
        "SELECT column_name, data_type, udt_name, is_generated FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = :t ORDER BY ordinal_position",
        t=table,
    )


VALUES: dict[str, Callable[[], Any]] = {
    "uuid": uuid4,
    **dict.fromkeys(("text", "citext", "varchar"), lambda: f"x{uuid4().hex}"),
    **dict.fromkeys(("int2", "int4", "int8", "numeric"), lambda: int(uuid4()) % 1_000_000 + 1),
    "bool": lambda: True,
    **dict.fromkeys(("timestamptz", "date"), lambda: "2026-10-01"),
    "jsonb": lambda: "{}",
    "bytea": lambda: b"x",
    "_text": lambda: ["finance"],
}


def value(column: Any) -> Any:
    """A KeyError here asks to say above what such a column looks like."""
    return VALUES[column.udt_name]()


def owner_column(connection: Connection, table: str) -> str | None:
    """Which column says whose a row of a table without tenant is; None where it is nobody's."""
    if table in ("tenants", "users"):
        return "id"
    names = {column.column_name for column in columns(connection, table)}
    return next((name for name in ("owner_tenant", "user_id") if name in names), None)


def insert_statement(
    connection: Connection, table: str, tenant_id: UUID, **owned: UUID | str
) -> tuple[Any, dict[str, Any]]:
    """`owned` are columns whose value is given."""
    values: dict[str, Any] = {}
    casts = {}
    for column in columns(connection, table):
        name = column.column_name
        if column.is_generated == "ALWAYS":
            continue
        if name == "tenant_id":
            values[name] = tenant_id
        elif name in owned:
            values[name] = owned[name]
        elif (table, name) in SPECIAL:
            special = SPECIAL[table, name]
            values[name] = special() if callable(special) else special
        else:
            values[name] = value(column)
        casts[name] = "text[]" if column.udt_name == "_text" else column.udt_name
    names = ", ".join(values)
    places = ", ".join(f"CAST(:{name} AS {casts[name]})" for name in values)
    return text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values


def fill(connection: Connection, tenant_id: UUID) -> None:
    loosen(connection)
    for table in tenant_tables(connection):
        statement, values = insert_statement(connection, table, tenant_id)
        connection.execute(statement, values)


def fill_global(connection: Connection, tenant_id: UUID, user_id: UUID) -> None:
    """A row of each table without tenant: this tenant's, this person's or nobody's."""
    loosen(connection)
    for table in sorted(set(GLOBAL_TABLES) - {"alembic_version"}):
        column = owner_column(connection, table)
        owner = tenant_id if column == "owner_tenant" or table == "tenants" else user_id
        owned = {column: owner} if column else {}
        statement, values = insert_statement(connection, table, tenant_id, **owned)
        connection.execute(statement, values)
