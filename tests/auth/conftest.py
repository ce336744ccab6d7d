import dataclasses

import pytest

from app.config import Settings
from app.factory import create_app
from app.web.limits import limiter
from tenants.core.db import db


def _another(environment, **changes):
    settings = dataclasses.replace(Settings.from_env(), pool_size=2, **changes)
    return create_app(settings)


@pytest.fixture(scope="session")
def https_app(app, environment):
    made = _another(environment, base_url="https://back.office.example", demo=False)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def limited_app(app, environment):
    made = _another(environment, rate_limits=True)
    yield made
    # The limiter is one for the process; the other tests' application goes without.
    limiter.enabled = False
    with made.app_context():
        db.engine.dispose()
