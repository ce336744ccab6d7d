"""Requests of two companies, interleaved on one connection, errors and time-outs among them: no
scope outlives its transaction."""

import random
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.factory import create_app
from tenants.core.db import db
from tests.factories import PASSWORD
from tests.factories.lifecycle import make_request
from tests.factories.people import make_session

ROUNDS = 200
NOBODY = {"email": "nobody@x.example", "password": PASSWORD}


def test_two_hundred_interleaved_requests_on_a_pool_of_one(
    environment: Any, stage: Any, world: Any, client: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("DATABASE_POOL_SIZE", "1")
    one = create_app(Settings.from_env())
    numbers = {
        company.slug: [make_request(stage, company, title=company.text("t")).number
                       for _ in range(count)]
        for company, count in ((world.a, 2), (world.b, 5))
    }  # fmt: skip

    browsers: list[tuple[Any, Any]] = []
    for person in (world.a.user, world.b.user, world.operator_a, world.operator_b):
        browser = client(of=one)
        browser.set_cookie("coulisse", make_session(stage, person))
        browsers.append((person, browser))
    dice = random.Random(20261121)
    seen = {"own": 0, "foreign": 0, "failed": 0}
    for _ in range(ROUNDS):
        person, browser = dice.choice(browsers)
        own = world.a if person is world.a.user or person is world.operator_a else world.b
        other = world.other(own)
        kind = dice.choice(("own", "own", "foreign", "bad", "broken", "timeout"))
        if kind == "own":
            page = browser.get(f"/c/{own.slug}/requests/{dice.choice(numbers[own.slug])}")
            assert page.status_code == 200
            assert own.canary in page.text
            seen["own"] += 1
        elif kind == "foreign":
            page = browser.get(f"/c/{other.slug}/requests/1")
            assert page.status_code == 404
            seen["foreign"] += 1
        elif kind == "bad":
            page = browser.post(f"/c/{own.slug}/requests/1/messages", data={"body": ""})
            assert page.status_code in (409, 422)
            seen["failed"] += 1
        else:
            # Checking a password takes long; the time-outs do without.
            page = browser.post("/sign-in", data=NOBODY if kind == "broken" else {})
            assert page.status_code == 422
            _break_a_transaction(one, slow=kind == "timeout")
            seen["failed"] += 1
        assert other.canary not in page.text
        _nothing_left(one)
    assert min(seen.values()) > 20


def _break_a_transaction(app: Any, *, slow: bool) -> None:
    with app.app_context():
        try:
            if slow:
                db.session.execute(text("SET LOCAL statement_timeout = '5ms'"))
                db.session.execute(text("SELECT pg_sleep(1)"))
            else:
                db.session.execute(text("SELECT 1/0"))
        except DBAPIError:
            db.session.rollback()


def _nothing_left(app: Any) -> None:
    """The bare connection, as the next user of the pool would find it."""
    with app.app_context(), db.engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT current_user, current_setting('app.tenant_id', true),"
                " current_setting('app.user_id', true), current_setting('app.side', true),"
                " (SELECT count(*) FROM requests)"
            )
        ).one()
        assert row[0] == "coulisse_app"
        assert not any(row[1:4])
        assert row[4] == 0
