"""A row of every tenant table for any tenant, made from the database's own catalogue, so that a
table is covered the day it appears. Foreign keys are switched off: content doesn't matter here."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from tests.structure import catalogue
from tests.structure.catalogue import GLOBAL_TABLES

# Columns whose CHECK is more than a list of values.
SPECIAL: dict[tuple[str, str], Any] = {
    ("time_entries", "minutes"): 5,
    ("usage_events", "quantity"): 3,
    ("usage_buckets", "sent_revision"): 1,
    ("matches", "confidence"): 90,
    ("payment_tolerances", "basis_points"): 50,
}


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


def listed_values(connection: Connection, table: str) -> dict[str, str]:
    """The first allowed value of each column with a `column IN (…)` check."""
    found = {}
    for row in catalogue.rows(
        connection,
        "SELECT pg_get_constraintdef(c.oid) AS d FROM pg_constraint c"
        " WHERE c.conrelid = CAST(:t AS regclass) AND c.contype = 'c'",
        t=table,
    ):
        match = re.match(r"CHECK \(\((\w+) = ANY \(ARRAY\['([^']+)'", row.d)
        match = match or re.match(r"CHECK \(\((\w+) = '([^']+)'", row.d)
        if match:
            found[match[1]] = match[2]
    return found


VALUES: dict[str, Callable[[], Any]] = {
    "uuid": uuid4,
    **dict.fromkeys(("text", "citext", "varchar"), lambda: f"x{uuid4().hex}"),
    **dict.fromkeys(("int2", "int4", "int8", "numeric"), lambda: int(uuid4()) % 1_000_000 + 1),
    "bool": lambda: True,
    **dict.fromkeys(("timestamptz", "date"), lambda: "2026-10-01"),
    "jsonb": lambda: "{}",
    "_text": lambda: ["finance"],
}


def value(column: Any) -> Any:
    """A KeyError here asks to say above what such a column looks like."""
    return VALUES[column.udt_name]()


def insert_statement(
    connection: Connection, table: str, tenant_id: UUID
) -> tuple[Any, dict[str, Any]]:
    allowed = listed_values(connection, table)
    values: dict[str, Any] = {}
    casts = {}
    for column in columns(connection, table):
        name = column.column_name
        if column.is_generated == "ALWAYS":
            continue
        if name == "tenant_id":
            values[name] = tenant_id
        elif (table, name) in SPECIAL:
            values[name] = SPECIAL[table, name]
        else:
            values[name] = allowed.get(name) or value(column)
        casts[name] = "text[]" if column.udt_name == "_text" else column.udt_name
    names = ", ".join(values)
    places = ", ".join(f"CAST(:{name} AS {casts[name]})" for name in values)
    return text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values


def fill(connection: Connection, tenant_id: UUID) -> None:
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    for table in tenant_tables(connection):
        statement, values = insert_statement(connection, table, tenant_id)
        connection.execute(statement, values)
