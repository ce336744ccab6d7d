"""An application with a database of its own: its dispatchers look after all companies in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from dev import database
from dev.engines import Engines
from tenants.core import clock
from tests.factories import Stage
from tests.quarter.drawing import Size, draw
from tests.quarter.engine import Engine, tasks
from tests.quarter.play import Play

Played = Callable[[int, Size], Play]


@pytest.fixture(scope="session")
def house(
    engines: Engines, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stage, str, str]]:
    from app.factory import create_app
    from tenants.core.db import db
    from tenants.models import PROVIDER_TENANT
    from tenants.scoping import Scope
    from tenants.services.companies import ensure_provider
    from tests.factories import acting
    from tests.factories.people import now

    name = f"test_quarter_{os.getpid()}"
    urls = database.clone(engines, database.template_database(engines), name)
    folder = tmp_path_factory.mktemp("quarter")
    superuser = create_engine(urls.superuser, pool_size=1, max_overflow=4)
    # What follows in the same process has its own database again.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", urls.app)
        patch.setenv("FILES_URL", f"file://{folder / 'files'}")
        app = create_app()
    app.config["TESTING"] = False
    stage = Stage(app, superuser)
    with acting(stage, Scope(tenant_id=PROVIDER_TENANT, side="provider")):
        ensure_provider(now=now())
    yield stage, urls.dispatcher, name
    with app.app_context():
        db.engine.dispose()
    superuser.dispose()
    database.drop(engines, name)


@pytest.fixture
def played(house: tuple[Stage, str, str], tmp_path: Path) -> Iterator[Played]:
    stage, dispatcher, name = house
    done: list[Play] = []

    def run(seed: int, size: Size) -> Play:
        engine = Engine(stage, dispatcher, tmp_path, tasks(everything=size.weeks > 5))
        play = Play(stage, engine, draw(seed, size), name)
        done.append(play)
        play.run()
        return play

    yield run
    for play in done:
        play.office.close()
    clock.follow_offset_file(None)
