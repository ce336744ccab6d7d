"""Many mutants of the database in one process: one file's tests are collected and their databases
cloned once, then each protection in turn is taken away, tried and put back."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from sqlalchemy import Connection

from dev import database
from tests.isolation import focus
from tests.isolation.mutation.mutant import Mutant

# Everything that a mutant changes: as it was, or what follows proves nothing.
STATE = """
SELECT md5(string_agg(fact, '|' ORDER BY fact)) FROM (
    SELECT concat_ws(' ', polrelid, polname, polcmd, polpermissive, polroles,
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) AS fact FROM pg_policy
    UNION ALL
    SELECT concat_ws(' ', c.oid, relrowsecurity, relforcerowsecurity, acl) FROM pg_class c
        LEFT JOIN LATERAL (SELECT string_agg(a::text, ',' ORDER BY a::text) AS acl
            FROM aclexplode(coalesce(relacl, acldefault('r', relowner))) a) x ON true
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', attrelid, attname, acl) FROM pg_attribute
        JOIN LATERAL (SELECT string_agg(a::text, ',' ORDER BY a::text) AS acl
            FROM aclexplode(attacl) a) x ON acl IS NOT NULL
    UNION ALL
    SELECT concat_ws(' ', p.oid, proconfig, prosrc, acl) FROM pg_proc p
        LEFT JOIN LATERAL (SELECT string_agg(a::text, ',' ORDER BY a::text) AS acl
            FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a) x ON true
        WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', nspname, acl) FROM pg_namespace
        JOIN LATERAL (SELECT string_agg(a::text, ',' ORDER BY a::text) AS acl
            FROM aclexplode(nspacl) a) x ON true WHERE nspname = 'public'
) facts
"""


class NotPutBack(Exception):
    """A mutant outlived its turn."""


class RedByItsFocus(Exception):
    """A test that goes red with a few endpoints alone says nothing of the mutant."""


class InTurn:
    """Writes a line of JSON for every mutant that the collected tests notice."""

    def __init__(self, mutants: Sequence[Mutant], databases: list[str], out: int) -> None:
        self.mutants, self.databases, self.out = mutants, databases, out
        self._noticed: dict[str, list[Any]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if red := self._first_red(session.items):
            os.write(self.out, (json.dumps({"red": red.nodeid}) + "\n").encode())
            return True
        before = self._states()
        for mutant in self.mutants:
            started = time.monotonic()
            focus.endpoints = mutant.focus
            undo = mutant.change() if mutant.change else lambda: None
            try:
                self._everywhere(mutant.sql)
                noticed = self._first_red(self._ordered(mutant, session.items))
            finally:
                self._everywhere(mutant.back)
                undo()
            if noticed and mutant.focus and self._first_red([noticed]):
                raise RedByItsFocus(mutant.name)
            if mutant.sql and self._states() != before:
                raise NotPutBack(mutant.name)
            if noticed:
                self._remember(mutant, noticed)
                said = {
                    "name": mutant.name, "by": noticed.nodeid,
                    "seconds": time.monotonic() - started,
                }  # fmt: skip
                os.write(self.out, (json.dumps(said) + "\n").encode())
        return True

    @staticmethod
    def _first_red(items: Sequence[Any]) -> Any:
        for item in items:
            # Another one of the same file, so that what they share stays.
            other = next(one for one in item.session.items if one is not item)
            if any(report.failed for report in runtestprotocol(item, nextitem=other)):
                return item
        return None

    def _everywhere(self, statements: Sequence[str]) -> None:
        for url in self.databases:
            with database.connected(url) as connection:
                connection.exec_driver_sql("SET lock_timeout = '20s'")
                execute(connection, statements)

    def _states(self) -> list[Any]:
        found = []
        for url in self.databases:
            with database.connected(url) as connection:
                found.append(connection.exec_driver_sql(STATE).scalar())
        return found

    def _ordered(self, mutant: Mutant, items: Sequence[Any]) -> list[Any]:
        """Who noticed its like comes first."""
        first = self._noticed.get(like(mutant), [])
        return [*first, *(item for item in items if item not in first)]

    def _remember(self, mutant: Mutant, noticed: Any) -> None:
        known = self._noticed.setdefault(like(mutant), [])
        if noticed in known:
            known.remove(noticed)
        known.insert(0, noticed)


def like(mutant: Mutant) -> str:
    """Of the same role, policy's name, function: told by the same test most of the time."""
    if mutant.kind == "policy":
        return re.sub(r"^\w+\.", "", mutant.what)
    if mutant.kind == "rights":
        return mutant.what.rpartition(" for ")[2]
    return mutant.what.partition(" ")[0 if mutant.kind in ("function", "right") else 2]


def execute(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))
