"""Several lists from one statement are what each gives alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Numeric, cast, literal, select

from app.service_requests.models import ClientMessage, Question, RequestMove, ServiceRequest
from tenants.core.db import db
from tenants.core.together import read_together
from tests.factories.lifecycle import make_request
from tests.factories.stage import acting


def plain(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def test_the_same_rows_types_and_order_in_one_statement(world, stage, count_statements):
    for _ in range(3):
        make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    models: dict[str, Any] = {"requests": ServiceRequest, "moves": RequestMove, "questions": Question,
              "messages": ClientMessage}  # fmt: skip
    with acting(stage, world.operator_a.scope(world.a)):
        selects = {name: select(one).order_by(one.id.desc()) for name, one in models.items()}
        with count_statements() as found:
            together = read_together(**selects)
        assert len(found) == 1
        for name, one in selects.items():
            alone = [plain(row) for row in db.session.execute(one).scalars()]
            assert [plain(row) for row in together[name]] == alone
        assert together["moves"]
        assert together["messages"] == []
        assert not db.session.new
        columns = select(ServiceRequest.number, ServiceRequest.due_at, ServiceRequest.form)
        [rows] = read_together(some=columns.order_by(ServiceRequest.number)).values()
        assert [(row.number, row.due_at, row.form) for row in rows] == [
            tuple(row) for row in db.session.execute(columns.order_by(ServiceRequest.number))
        ]


def test_another_companys_rows_stay_away(world, stage):
    make_request(stage, world.a)
    with acting(stage, world.operator_b.scope(world.b)):
        assert read_together(requests=select(ServiceRequest)) == {"requests": []}


def test_what_json_rounds_is_refused(world, stage):
    with acting(stage, world.a.user.scope()), pytest.raises(TypeError):
        read_together(prices=select(cast(literal("0.1"), Numeric).label("price")))
