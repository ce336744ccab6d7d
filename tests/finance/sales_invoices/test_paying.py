"""Confirmed matches of payment control pay our invoices, and undone ones don't."""

from __future__ import annotations

from typing import Any

from app.finance.queries import get_match
from app.finance.sales_invoices.services import sending
from app.finance.services import deciding
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import make_draft, set_up, validate
from tests.finance.test_learning import Work, bank, items_file


def standing(stage: Any, company: Any, invoice_id: Any) -> tuple[Any, ...]:
    return tuple(
        stage.rows(
            "SELECT state, paid FROM sales_invoice_standings WHERE tenant_id = :t AND id = :i",
            t=company.id, i=invoice_id,
        )[0]
    )  # fmt: skip


def test_partly_paid_then_paid_then_undone(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    made = make_draft(stage, a, operator)
    number = validate(stage, a, operator, made)
    run_jobs(stage, a.id)
    with acting(stage, operator.scope(a)):
        sending.send_invoice(invoice_id=made, otherwise=True, actor=operator.actor(a), now=now())
    first = Work(
        stage, a, operator, items_file((number, "Vert", "100,00")),
        bank(("100.00", "Atelier Vert", "", number), ident="P1"),
    )  # fmt: skip
    rest = Work(
        stage, a, operator, items_file((number, "Vert", "260,00")),
        bank(("260.00", "Atelier Vert", "", number), ident="P2"),
    )  # fmt: skip
    assert standing(stage, a, made) == ("sent", 0)
    for work, expected in ((first, ("partly_paid", 10000)), (rest, ("paid", 36000))):
        with work.acting() as (who, control):
            match = get_match(control=control, match_id=work.live()[0].id)
            deciding.confirm_match(**who, match=match)
        assert standing(stage, a, made) == expected
    with rest.acting() as (who, control):
        match = get_match(control=control, match_id=rest.live()[0].id)
        deciding.undo_match(**who, match=match)
    assert standing(stage, a, made) == ("partly_paid", 10000)
    kept = stage.rows(
        "SELECT amount, state FROM sales_invoice_payments WHERE tenant_id = :t ORDER BY amount",
        t=a.id,
    )
    assert [tuple(row) for row in kept] == [(10000, "live"), (26000, "undone")]
