import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from dev import database
from dev.engines import Engines, Urls
from tenants.scoping import Scope
from tests.factories import Stage, World, make_world
from tests.isolation import examples
from tests.isolation.examples import Examples
from tests.isolation.test_raw_sql import inside


@pytest.fixture(scope="module")
def scratch() -> Iterator[Urls]:
    """A migrated database of this module's own, for rows that no product code would make."""
    engines = Engines(Path(__file__).parents[2] / ".local" / "test", fsync=False)
    engines.up()
    name = f"scratch_{uuid4().hex[:12]}_{os.getpid()}"
    yield database.clone(engines, database.template_database(engines), name)
    database.drop(engines, name)
    engines.stop()


def _furnish(stage: Stage, world: World) -> tuple[Examples, Examples]:
    return (
        examples.make_examples(stage, world.a, world.operator_a, skip=1),
        examples.make_examples(stage, world.b, world.operator_b, skip=4),
    )


@pytest.fixture(scope="session")
def furnished(stage: Stage) -> tuple[World, tuple[Examples, Examples]]:
    """Two companies with everything in them, for tests that only look at it or are refused."""
    world = make_world(stage)
    return world, _furnish(stage, world)


@pytest.fixture
def world(request: pytest.FixtureRequest, stage: Stage) -> World:
    """`@pytest.mark.looks` shares the furnished one; every other test has a world of its own."""
    if request.node.get_closest_marker("looks"):
        shared: World = request.getfixturevalue("furnished")[0]
        return shared
    return make_world(stage)


@pytest.fixture
def cases(request: pytest.FixtureRequest, stage: Stage, world: World) -> tuple[Examples, Examples]:
    if request.node.get_closest_marker("looks"):
        shared: tuple[Examples, Examples] = request.getfixturevalue("furnished")[1]
        return shared
    return _furnish(stage, world)


@pytest.fixture
def application(urls: Any) -> Iterator[Engine]:
    engine = create_engine(urls.app, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def ask(application: Engine) -> Any:
    """The rows of one statement in a scope, as the application; committed."""

    def asked(scope: Scope, statement: str, **values: Any) -> list[Any]:
        with inside(application, scope) as connection:
            rows = list(connection.execute(text(statement), values).mappings())
            connection.commit()
            return rows

    return asked
