from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with self.superuser.begin() as connection:
            yield connection

    def add(self, model: Any, *rows: Mapping[str, Any]) -> None:
        if rows:
            with self.connection() as connection:
                connection.execute(insert(model), [dict(row) for row in rows])

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
