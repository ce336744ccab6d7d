"""Confirmed matches of payment control pay our invoices, and undone ones don't."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.finance.queries import get_match
from app.finance.sales_invoices.services import sending
from app.finance.services import deciding, replacing
from app.service_requests.queries import get_request
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import line, make_draft, set_up, validate, wish
from tests.factories.webhooks import make_webhook
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
    make_webhook(stage, a, kinds=["sales_invoice.paid"])
    for work, expected in ((first, ("partly_paid", 10000)), (rest, ("paid", 36000))):
        with work.acting() as (who, control):
            match = get_match(control=control, match_id=work.live()[0].id)
            deciding.confirm_match(**who, match=match)
        assert standing(stage, a, made) == expected
    with rest.acting() as (who, control):
        match = get_match(control=control, match_id=rest.live()[0].id)
        deciding.undo_match(**who, match=match)
    assert standing(stage, a, made) == ("partly_paid", 10000)
    told = stage.rows(
        "SELECT body -> 'data' ->> 'state' AS state FROM webhook_messages WHERE tenant_id = :t"
        " ORDER BY id", t=a.id,
    )  # fmt: skip
    assert [row.state for row in told] == ["partly_paid", "paid", "partly_paid"]
    kept = stage.rows(
        "SELECT amount, state FROM sales_invoice_payments WHERE tenant_id = :t ORDER BY amount",
        t=a.id,
    )
    assert [tuple(row) for row in kept] == [(10000, "live"), (26000, "undone")]


@pytest.mark.parametrize("language", ["fr", "de", "en"])
def test_open_invoices_are_the_open_items_of_a_control(
    stage: Any, world: Any, language: str, sign_in_as: Any
) -> None:
    a, operator = world.a, world.operator_a
    stage.run("UPDATE tenants SET document_languages = ARRAY[:l] WHERE id = :t", l=language, t=a.id)
    set_up(stage, a, operator)
    numbers = [
        validate(stage, a, operator, make_draft(stage, a, operator, wish(a, line(price=price))))
        for price in ("100", "200")
    ]
    make_draft(stage, a, operator)
    work = Work(
        stage, a, operator, items_file(("OLD", "Vert", "77,00")),
        bank(("120.00", "Atelier Vert", "", numbers[0]), ident="P9"),
    )  # fmt: skip
    browser = sign_in_as(operator)
    page = browser.get(f"/c/{a.slug}/requests/{work.number}")
    version = re.search(r'name="version"[^>]*value="(\d+)"', page.text)
    assert version, page.text
    form = {"client": a.slug, "version": version[1]}
    here = f"/c/{a.slug}/requests/{work.number}/payment-control/own-invoices"
    assert browser.post(here, data=form).status_code == 303
    run_jobs(stage, a.id)
    items = stage.rows(
        "SELECT number, amount, open_amount, currency FROM open_items WHERE tenant_id = :t"
        " ORDER BY number", t=a.id,
    )  # fmt: skip
    assert [tuple(row) for row in items] == [
        (numbers[0], 12000, 12000, "EUR"), (numbers[1], 24000, 24000, "EUR")
    ]  # fmt: skip
    rejected = "SELECT count(*) FROM import_rejects WHERE tenant_id = :t AND source = 'open_items'"
    assert stage.value(rejected, t=a.id) == 0
    with work.acting() as (who, control):
        found = get_match(control=control, match_id=work.live()[0].id)
        deciding.confirm_match(**who, match=found)
    paid = "SELECT count(*) FROM sales_invoice_standings WHERE tenant_id = :t AND state = 'paid'"
    assert stage.value(paid, t=a.id) == 1


def test_without_open_invoices_nothing_is_taken(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    work = Work(
        stage, a, operator, items_file(("OLD", "Vert", "77,00")),
        bank(("77.00", "Atelier Vert", "", "OLD"), ident="P8"),
    )  # fmt: skip
    with acting(stage, operator.scope(a)):
        actor = operator.actor(a)
        request = get_request(actor=actor, number=work.number)
        with pytest.raises(replacing.NothingOpen):
            replacing.take_own_invoices(request=request, actor=actor, now=now())
    assert stage.value("SELECT count(*) FROM open_items WHERE tenant_id = :t", t=a.id) == 1
