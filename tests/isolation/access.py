"""docs/access.md: who reaches which page, and what each database role may do with each table.

`python -m tests.isolation.access` writes it anew from what is declared. The tests of this folder
try that the product behaves as it says, so a right that grew unnoticed is a difference to read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from dev import database
from tenants.permissions import (
    APPROVER_RIGHTS,
    GRANT_RIGHTS,
    GUEST_RIGHTS,
    MEMBER_RIGHTS,
    STAFF_RIGHTS,
)
from tests.isolation.mutation.running import ROOT, SILENT_ENVIRONMENT
from tests.structure import catalogue

FILE = ROOT / "docs" / "access.md"
HOLDERS = {
    **{role: MEMBER_RIGHTS[role] for role in MEMBER_RIGHTS},
    "approver": APPROVER_RIGHTS,
    **{f"guest: {level}": GUEST_RIGHTS[level] for level in GUEST_RIGHTS},
    **{f"grant: {level}": GRANT_RIGHTS[level] for level in GRANT_RIGHTS},
    **STAFF_RIGHTS,
}
# The owner migrates and serves nothing.
ROLES = tuple(name for name in database.ROLES if name != "coulisse_owner")
VERBS = {"SELECT": "read", "INSERT": "add", "UPDATE": "change", "DELETE": "remove"}
INTRODUCTION = """# Who reaches what

Written by `python -m tests.isolation.access`; the tests of `tests/isolation` try that the product
behaves as it says. A changed line here is a changed right: read it as such.

## Pages

The kind of an endpoint is what it asks for: `public` nothing, `signed_in` a password, `account`
the second factor too where one is due, `staff`, `provider`, `company` and
`new_company` a role of the provider's, `tenant` the rights below in
the client that the address names, `api` the same of a token's holder and the token's own scope.
`approver` comes on top of a client's role, the provider's roles
on top of a grant; a guest of a client has just the rights of their level. Holding the right on any service line is enough to enter; services ask again
for the line of what is touched.
"""
TABLES = """
## Tables

What each role of the database may do; row security then decides with which rows. An application's
request or job acts as `coulisse_app`, the desk's lists read as `coulisse_desk`.
"""


# Kinds of endpoints for which a role of the provider's counts, and nothing else.
PROVIDERS = ("staff", "provider", "company", "new_company")


class Door(NamedTuple):
    kind: str
    holders: frozenset[str]
    token_scope: str


def door(endpoint: str) -> Door:
    found = documented()[0].get(endpoint)
    assert found, f"{endpoint} is not in docs/access.md: python -m tests.isolation.access"
    return found


def endpoints(app: Any) -> Iterator[tuple[str, str, str, str]]:
    """Name, kind, permission and token's scope; one under several addresses stands once."""
    for name, scope in sorted(app.scopes.items()):
        yield name, scope.kind, scope.permission or "", scope.token_scope or ""


def allowed(kind: str, permission: str) -> set[str]:
    """An operation without a right of its own is for whoever may read."""
    wanted = permission or "request.read"
    holders = {name for name, rights in HOLDERS.items() if wanted in rights}
    if kind in PROVIDERS:
        return holders & set(STAFF_RIGHTS)
    return holders if kind in ("tenant", "api") else set()


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return (
        "\n".join("| " + " | ".join(cell or "-" for cell in line) + " |" for line in lines) + "\n"
    )


def pages(app: Any) -> str:
    rows = []
    for name, kind, permission, scope in endpoints(app):
        holders = allowed(kind, permission)
        marks = ("yes" if holder in holders else "" for holder in HOLDERS)
        named = (f"`{word}`" if word else "" for word in (permission, scope))
        rows.append((f"`{name}`", kind, *named, *marks))
    return table(("Endpoint", "Kind", "Right", "Token scope", *HOLDERS), rows)


def tables(connection: Connection) -> str:
    held: dict[tuple[str, str], dict[str, set[str]]] = {}
    everything: dict[str, set[str]] = {}
    for row in catalogue.rows(
        connection,
        "SELECT grantee, table_name, column_name, privilege_type"
        " FROM information_schema.column_privileges WHERE table_schema = 'public'",
    ):
        verbs = held.setdefault((row.table_name, row.grantee), {})
        verbs.setdefault(row.privilege_type, set()).add(row.column_name)
    for row in catalogue.rows(
        connection,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public'",
    ):
        everything.setdefault(row.table_name, set()).add(row.column_name)
    removable = {
        (row.table_name, row.grantee)
        for row in catalogue.rows(
            connection,
            "SELECT table_name, grantee FROM information_schema.table_privileges"
            " WHERE table_schema = 'public' AND privilege_type = 'DELETE'",
        )
    }
    rows = []
    for name in sorted(everything):
        cells = []
        for role in ROLES:
            said = [
                _said(word, verbs[verb], everything[name])
                for verb, word in VERBS.items()
                if verb in (verbs := held.get((name, role), {}))
            ]
            said += ["remove"] if (name, role) in removable else []
            cells.append("; ".join(said))
        rows.append((f"`{name}`", *cells))
    return table(("Table", *(f"`{role}`" for role in ROLES)), rows)


def _said(word: str, columns: set[str], everything: set[str]) -> str:
    return word if columns == everything else f"{word} ({', '.join(sorted(columns))})"


def document(app: Any, connection: Connection) -> str:
    return f"{INTRODUCTION}\n{pages(app)}{TABLES}\n{tables(connection)}"


@cache
def documented() -> tuple[dict[str, Door], dict[tuple[str, str], str]]:
    """Of the document: the door of each endpoint; what is said by table and role."""
    doors: dict[str, Door] = {}
    rights: dict[tuple[str, str], str] = {}
    _, first, second = FILE.read_text().split("\n## ")
    for name, kind, _right, scope, *marks in _rows(first):
        holders = frozenset(h for h, m in zip(HOLDERS, marks, strict=True) if m)
        doors[name.strip("`")] = Door(kind, holders, scope.strip("`"))
    for name, *cells in _rows(second):
        for role, said in zip(ROLES, cells, strict=True):
            rights[name.strip("`"), role] = said
    return doors, rights


def _rows(part: str) -> Iterator[list[str]]:
    for line in part.splitlines():
        if line.startswith("| `"):
            cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
            yield ["" if cell == "-" else cell for cell in cells]


def main() -> None:
    os.environ.update(SILENT_ENVIRONMENT)
    from app.factory import create_app
    from tests.isolation.mutation.running import pool

    with pool(1) as proof:
        name = f"access_{os.getpid()}"
        clone = database.clone(proof.engines, proof.template, name)
        try:
            with database.connected(clone.superuser) as connection:
                FILE.write_text(document(create_app(), connection))
        finally:
            database.drop(proof.engines, name)


if __name__ == "__main__":
    main()
