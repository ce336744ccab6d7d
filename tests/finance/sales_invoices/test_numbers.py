"""Numbers of a series: without gaps, without doubles, whoever validates at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.factory import create_app
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services import series, validating
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tests.factories import Stage, acting
from tests.factories.people import now
from tests.factories.sales_invoices import make_draft, set_up, validate, wish


class Broken(Exception):
    pass


def numbers(stage: Any, company: Any) -> list[int]:
    return [
        row.sequence
        for row in stage.rows(
            "SELECT sequence FROM sales_invoices WHERE tenant_id = :t AND number <> '' ORDER BY 1",
            t=company.id,
        )
    ]


def test_fifty_at_once_leave_no_gap_and_no_double(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    drafts = [make_draft(stage, a, operator) for _ in range(50)]
    wide = create_app(replace(Settings.from_env(), pool_size=50))
    elsewhere = Stage(wide, stage.superuser)
    try:
        with ThreadPoolExecutor(50) as pool:
            given = list(pool.map(lambda one: validate(elsewhere, a, operator, one), drafts))
    finally:
        with wide.app_context():
            db.engine.dispose()
    assert len(set(given)) == 50
    assert numbers(stage, a) == list(range(1, 51))


def _validate_and_break(
    stage: Any, company: Any, operator: Any, invoice_id: UUID, number: str
) -> None:
    with acting(stage, operator.scope(company)):
        kept = validating.validate_draft(
            invoice_id=invoice_id, expected_version=None, actor=operator.actor(company), now=now()
        )
        assert kept.invoice.number == number
        raise Broken


def test_what_is_rolled_back_leaves_no_hole(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    first, lost, last = (make_draft(stage, a, operator) for _ in range(3))
    year = now().year
    assert validate(stage, a, operator, first) == f"F-{year}-0001"
    with pytest.raises(Broken):
        _validate_and_break(stage, a, operator, lost, f"F-{year}-0002")
    assert validate(stage, a, operator, last) == f"F-{year}-0002"
    assert stage.value(
        "SELECT s.state FROM sales_invoice_standings s WHERE s.tenant_id = :t AND s.id = :i",
        t=a.id, i=lost,
    ) == "draft"  # fmt: skip


def test_a_company_counts_for_itself_and_a_year_begins_anew(stage: Any, world: Any) -> None:
    a, b = world.a, world.b
    set_up(stage, a, world.operator_a)
    set_up(stage, b, world.operator_b)

    def of(company: Any, operator: Any, day: date) -> str:
        asked = wish(company, issued_on=day)
        return validate(stage, company, operator, make_draft(stage, company, operator, asked))

    assert of(a, world.operator_a, date(2025, 12, 30)) == "F-2025-0001"
    assert of(a, world.operator_a, date(2026, 1, 2)) == "F-2026-0001"
    assert of(a, world.operator_a, date(2025, 12, 31)) == "F-2025-0002"
    assert of(b, world.operator_b, date(2025, 11, 1)) == "F-2025-0001"
    with pytest.raises(series.OutOfOrder):
        of(a, world.operator_a, date(2025, 12, 30))


def test_a_series_begins_as_no_other_and_counts_where_it_is_the_only_one(
    stage: Any, world: Any
) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    with acting(stage, operator.scope(a)):
        actor = operator.actor(a, level="review")
        made = series.add_series(
            name="Shop", prefix="W/", digits=6, types=["380"], actor=actor, now=now()
        ).id
        with pytest.raises(Invalid):
            series.add_series(
                name="Shop", prefix="W/", digits=6, types=["380"], actor=actor, now=now()
            )
    asked = wish(a, series_id=made)
    assert validate(stage, a, operator, make_draft(stage, a, operator, asked)) == "W/000001"
    assert validate(stage, a, operator, make_draft(stage, a, operator)) == "W/000002"


def test_the_database_lets_nobody_change_what_was_validated(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    draft, sealed = make_draft(stage, a, operator), make_draft(stage, a, operator)
    validate(stage, a, operator, sealed)

    def change(statement: str, which: UUID) -> int:
        with acting(stage, operator.scope(a)):
            done = db.session.execute(text(statement), {"i": which})
            count: int = done.rowcount  # type: ignore[attr-defined]
            db.session.rollback()
            return count

    for statement in (
        "UPDATE sales_invoices SET gross = gross + 1 WHERE id = :i",
        "UPDATE sales_invoices SET number = '' WHERE id = :i",
        "DELETE FROM sales_invoices WHERE id = :i",
        "DELETE FROM sales_invoice_standings WHERE id = :i",
    ):
        assert change(statement, sealed) == 0, statement
    assert change("UPDATE sales_invoices SET gross = gross + 1 WHERE id = :i", draft) == 1
    with pytest.raises(DBAPIError):
        change("UPDATE invoice_series SET prefix = 'X' WHERE id <> :i", draft)
    with acting(stage, operator.scope(a)):
        kept = queries.get_invoice(invoice_id=sealed)
        assert kept.invoice.document
        assert len(kept.invoice.sha256) == 64
        with pytest.raises(Conflict):
            validating.validate_draft(
                invoice_id=sealed, expected_version=None, actor=operator.actor(a), now=now()
            )
