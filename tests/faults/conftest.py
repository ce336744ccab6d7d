from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine

from tenants.core.db import db
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tenants.services.companies import ensure_provider
from tests.factories import Stage, acting
from tests.factories.people import now
from tests.workers.house import House, open_house


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Engines of this module's own; start processes with `spawn`."""
    name = request.module.__name__.rpartition(".")[2]
    with open_house(name, tmp_path_factory.mktemp(name)) as house:
        yield house


@pytest.fixture(scope="module")
def running(house: House) -> House:
    house.spawn("dispatcher")
    house.spawn("worker")
    return house


@pytest.fixture(scope="module")
def app(house: House, environment: dict[str, str]) -> Iterator[Flask]:
    """On the database that the processes of this module work on."""
    from app.factory import create_app

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", house.urls.app)
        patch.setenv("REDIS_URL", house.redis_url)
        made = create_app()
        yield made
        with made.app_context():
            db.engine.dispose()


@pytest.fixture(scope="module")
def stage(house: House, app: Flask) -> Iterator[Stage]:
    engine = create_engine(house.urls.superuser)
    found = Stage(app, engine)
    with acting(found, Scope(tenant_id=PROVIDER_TENANT, side="provider")):
        ensure_provider(now=now())
    yield found
    engine.dispose()
