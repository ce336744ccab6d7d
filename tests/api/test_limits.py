"""How much a company may ask in a minute; another company doesn't feel it."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.web.api import limits
from app.web.limits import limiter
from tests.auth.conftest import _another
from tests.factories.tokens import make_token


@pytest.fixture
def limited(app: Any, environment: Any) -> Iterator[Any]:
    from tenants.core.db import db

    made = _another(environment, rate_limits=True)
    yield made
    limiter.enabled = False
    with made.app_context():
        db.engine.dispose()


def program_of(limited: Any, stage: Any, company: Any, person: Any) -> Any:
    program = limited.test_client()
    token = make_token(stage, company, person)
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return program


def flood(program: Any, group: str, path: str, method: str = "POST") -> Any:
    for _ in range(limits.LIMITS[group] + 1):
        page = program.open(path, method=method)
        if page.status_code == 429:
            return page
    raise AssertionError("nothing stops a flood")


def test_a_flood_stops_and_harms_nobody_else(limited: Any, stage: Any, world: Any) -> None:
    flooding = program_of(limited, stage, world.a, world.a.user)
    colleague = program_of(limited, stage, world.a, world.operator_both)
    neighbour = program_of(limited, stage, world.b, world.operator_both)
    refused = flood(flooding, "writes", "/api/v1/requests")
    assert refused.json["code"] == "too_many_requests"
    assert refused.mimetype == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Limit"] == str(limits.LIMITS["writes"])
    assert refused.headers["RateLimit-Remaining"] == "0"
    # The company's other people share its part; reading and other companies have their own.
    assert colleague.post("/api/v1/requests").status_code == 429
    assert neighbour.post("/api/v1/requests").status_code == 415
    read = flooding.get("/api/v1/me")
    assert read.status_code == 200
    assert read.headers["RateLimit-Limit"] == str(limits.LIMITS["reads"])
    assert int(read.headers["RateLimit-Remaining"]) == limits.LIMITS["reads"] - 1


def test_uploads_have_a_limit_of_their_own(limited: Any, stage: Any, world: Any) -> None:
    program = program_of(limited, stage, world.a, world.a.user)
    flood(program, "uploads", "/api/v1/uploads")
    assert program.post("/api/v1/requests").status_code == 415
