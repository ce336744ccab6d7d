"""Which version of a contract holds at a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import ProgrammingError

from app.contracts.models import ContractVersion
from app.contracts.queries import get_terms
from tenants.core.db import db
from tests.factories import Company, Stage, World, acting
from tests.factories.contracts import make_contract


def number_at(stage: Stage, company: Company, *at: int) -> int | None:
    with acting(stage, company.user.scope()):
        return get_terms(datetime(*at, tzinfo=UTC)).number  # type: ignore[arg-type,misc]


def test_a_version_holds_from_midnight_of_the_companys_own_zone(stage: Stage, world: World) -> None:
    make_contract(stage, world.a, valid_from=date(2026, 7, 1))
    assert number_at(stage, world.a, 2026, 6, 30, 21, 59) is None
    assert number_at(stage, world.a, 2026, 6, 30, 22) == 1  # midnight in Paris
    assert number_at(stage, world.b, 2026, 8, 1) is None


def test_the_highest_number_whose_day_has_come_holds(stage: Stage, world: World) -> None:
    make_contract(stage, world.a, number=1, valid_from=date(2026, 1, 1))
    make_contract(stage, world.a, number=2, valid_from=date(2026, 9, 1))
    make_contract(stage, world.a, number=3, valid_from=date(2026, 3, 1))
    assert number_at(stage, world.a, 2026, 2, 1) == 1
    assert number_at(stage, world.a, 2026, 4, 1) == 3
    assert number_at(stage, world.a, 2026, 10, 1) == 3


def test_the_terms_take_one_statement(
    stage: Stage, world: World, count_statements: Callable[[], Any]
) -> None:
    make_contract(stage, world.a, items={"hr_question": {"scope": "offer"}})
    for company in (world.a, world.b):
        with acting(stage, company.user.scope()), count_statements() as found:
            terms = get_terms(datetime(2026, 5, 4, 8, tzinfo=UTC))
        assert len(found) == 1
        assert terms.in_scope("hr_question") is (company is world.b)
        assert terms.calendar.is_open(datetime(2026, 5, 4, 8, tzinfo=UTC))


def test_what_was_agreed_can_be_neither_changed_nor_deleted(stage: Stage, world: World) -> None:
    make_contract(stage, world.a)
    for statement in (
        update(ContractVersion).values(note="other"),
        delete(ContractVersion),
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting(stage, world.a.admin.scope()),
        ):
            db.session.execute(statement)
