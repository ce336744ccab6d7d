from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, insert, text

from tenants import scoping
from tenants.core.db import unit_of_work


@dataclass(frozen=True)
class Stage:
    """The application under test and a superuser's engine on the same database."""

    app: Flask
    superuser: Engine
    _waiting: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    _together: list[None] = field(default_factory=list)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with self.superuser.begin() as connection:
            yield connection

    def add(self, model: Any, *rows: Mapping[str, Any]) -> None:
        self._waiting.setdefault(model, []).extend(dict(row) for row in rows)
        if not self._together:
            self._write()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Rows that are added within come in one transaction at its end, a table at a time."""
        self._together.append(None)
        try:
            yield
            self._write()
        finally:
            self._together.pop()
            self._waiting.clear()

    def _write(self) -> None:
        waiting = [(model, rows) for model, rows in self._waiting.items() if rows]
        self._waiting.clear()
        if waiting:
            with self.connection() as connection:
                for model, rows in waiting:
                    connection.execute(insert(model), rows)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.connection() as connection:
            return list(connection.execute(text(sql), values))

    def value(self, sql: str, **values: Any) -> Any:
        with self.connection() as connection:
            return connection.execute(text(sql), values).scalar_one()

    def run(self, sql: str, **values: Any) -> None:
        with self.connection() as connection:
            connection.execute(text(sql), values)


@contextmanager
def acting(stage: Stage, scope: scoping.Scope) -> Iterator[None]:
    """One committed transaction of our own code in this scope."""
    with stage.app.app_context():
        scoping.enter(scope)
        with unit_of_work():
            yield
        scoping.leave()
