"""Policies, row security and rights of tables, from the migrated database's own catalogue."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from dev import database
from tests.isolation.mutation.mutant import Mutant, Mutants
from tests.structure import catalogue

# The owner migrates and serves nothing.
ROLES = tuple(name for name in database.ROLES if name != "coulisse_owner")
SERVING = ("coulisse_app", "coulisse_desk")
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Rights that no role which serves a request or a job has on any table.
BEYOND = ("TRUNCATE", "TRIGGER", "MAINTAIN")


def of_tables(connection: Connection) -> Mutants:
    tables = sorted(set(catalogue.tables(connection)) - {"alembic_version"})
    yield from _policies(connection)
    for table in tables:
        for what, again in (("DISABLE", "ENABLE"), ("NO FORCE", "FORCE")):
            yield Mutant(
                "row security", f"{table} {what}",
                (f"ALTER TABLE {table} {what} ROW LEVEL SECURITY",),
                (f"ALTER TABLE {table} {again} ROW LEVEL SECURITY",),
            )  # fmt: skip
    yield from _rights(connection, tables)
    yield Mutant(
        "rights", "CREATE in the schema for the application",
        ("GRANT CREATE ON SCHEMA public TO coulisse_app",),
        ("REVOKE CREATE ON SCHEMA public FROM coulisse_app",),
    )  # fmt: skip


def _policies(connection: Connection) -> Mutants:
    for row in catalogue.policies(connection):
        name, on = f"{row.tablename}.{row.policyname}", f"{row.policyname} ON {row.tablename}"
        back = (f"DROP POLICY IF EXISTS {on}", _created(on, row))
        yield Mutant("policy", f"{name} dropped", (f"DROP POLICY {on}",), back)
        for clause, condition in (("USING", row.qual), ("WITH CHECK", row.with_check)):
            if condition is None or condition == "true":
                continue
            for what, weaker in _weaker(condition):
                yield Mutant(
                    "policy", f"{name} {clause} {what}",
                    (f"ALTER POLICY {on} {clause} ({weaker})",), back,
                )  # fmt: skip


def _created(on: str, row: Any) -> str:
    roles = row.roles if isinstance(row.roles, str) else ", ".join(row.roles)
    statement = f"CREATE POLICY {on} AS {row.permissive} FOR {row.cmd} TO {roles.strip('{}')}"
    for clause, condition in (("USING", row.qual), ("WITH CHECK", row.with_check)):
        if condition is not None:
            statement += f" {clause} ({condition})"
    return statement


def _weaker(condition: str) -> Iterator[tuple[str, str]]:
    yield "(true)", "true"
    parts = _conjuncts(condition)
    for index in range(len(parts)):
        if len(parts) > 1:
            rest = " AND ".join(part for n, part in enumerate(parts) if n != index)
            yield f"without {parts[index]}", rest
    if "NULLIF(" in condition:
        yield (
            "with an empty scope as a value",
            re.sub(r"NULLIF\((.+?\)), ''::text\)", r"\1", condition),
        )


def _conjuncts(condition: str) -> list[str]:
    """`((a) AND (b))` as PostgreSQL prints it, to its parts."""
    if not (condition.startswith("((") and condition.endswith("))")):
        return [condition]
    inner, parts, depth, start = condition[1:-1], [], 0, 0
    for index, char in enumerate(inner):
        depth += (char == "(") - (char == ")")
        if depth == 0 and inner.startswith(" AND ", index + 1):
            parts.append(inner[start : index + 1])
            start = index + 6
        if depth == 0 and inner.startswith(" OR ", index + 1):
            return [condition]
    return [*parts, inner[start:]]


def _rights(connection: Connection, tables: list[str]) -> Mutants:
    held = {
        (row.grantee, row.table_name, row.privilege_type)
        for row in catalogue.rows(
            connection,
            "SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges"
            " WHERE table_schema = 'public'",
        )
    }
    columns = _column_rights(connection)
    for table in (*tables, "alembic_version"):
        for role in ROLES:
            missing = [verb for verb in VERBS if (role, table, verb) not in held]
            if role in SERVING:
                yield from (
                    _granted(verb, table, role, columns) for verb in (*missing, *_beyond(table))
                )
            elif missing:
                yield _granted(", ".join(missing), table, role, columns)


def _beyond(table: str) -> tuple[str, ...]:
    """One each, in turn: forty tables see all of them."""
    return (BEYOND[len(table) % len(BEYOND)],)


def _granted(verb: str, table: str, role: str, columns: dict[tuple[str, str], set[str]]) -> Mutant:
    """Taking a right back takes those on single columns with it, which are given again."""
    again = tuple(f"GRANT {held} ON {table} TO {role}" for held in columns.get((table, role), ()))
    return Mutant(
        "rights", f"{verb} on {table} for {role}", (f"GRANT {verb} ON {table} TO {role}",),
        (f"REVOKE {verb} ON {table} FROM {role}", *again),
    )  # fmt: skip


def _column_rights(connection: Connection) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for row in catalogue.rows(
        connection,
        "SELECT attrelid::regclass::text AS name, grantee::regrole::text AS role, attname,"
        " privilege_type FROM pg_attribute CROSS JOIN LATERAL aclexplode(attacl)",
    ):
        held = found.setdefault((row.name, row.role), set())
        held.add(f"{row.privilege_type} ({row.attname})")
    return found
