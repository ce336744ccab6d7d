"""Invoices that are too much to print end with a sentence, never with a worker."""

from __future__ import annotations

import html
from functools import partial
from typing import Any

import pytest

from app.documents.printing.strict import typeset_strictly
from app.finance.einvoicing import printing
from tenants.core.errors import Invalid
from tenants.core.limited import Limits
from tests.factories.jobs import run_jobs
from tests.factories.sales_invoices import line, make_draft, make_invoice, set_up, validate, wish


@pytest.fixture
def desk(stage: Any, world: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, world.operator_a


def files(desk: Any, made: Any) -> str:
    stage, company, _ = desk
    return str(
        stage.value("SELECT files FROM sales_invoice_standings WHERE tenant_id = :t AND id = :i",
                    t=company.id, i=made)
    )  # fmt: skip


def jobs(desk: Any) -> list[str]:
    stage, company, _ = desk
    return [
        row.state
        for row in stage.rows("SELECT state FROM jobs WHERE tenant_id = :t AND"
                              " name = 'sales_invoices.make_files' ORDER BY id", t=company.id)
    ]  # fmt: skip


def test_more_text_than_can_be_printed_is_said_before_there_is_a_number(
    desk: Any, world: Any, sign_in_as: Any
) -> None:
    lines = [line("Conseil", description="mot " * 500)] * 201
    stage, company, operator = desk
    made = make_draft(stage, company, operator, wish(world.a, *lines))
    with pytest.raises(Invalid) as refused:
        validate(stage, company, operator, made)
    assert list(refused.value.field_errors) == ["lines"]
    page = sign_in_as(world.operator_a).get(world.a.url(f"sales-invoices/{made}")).text
    assert "more than 400,000 characters together" in page


def test_what_takes_too_much_says_so_and_can_be_tried_again(
    desk: Any, world: Any, sign_in_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, company, _ = desk
    browser = sign_in_as(world.operator_a)
    made = make_invoice(*desk)
    address = world.a.url(f"sales-invoices/{made}")
    with monkeypatch.context() as patch:
        stopped = partial(typeset_strictly, limits=Limits(wall_seconds=0.001))
        patch.setattr(printing, "typeset_strictly", stopped)
        run_jobs(stage, company.id)
    assert (files(desk, made), jobs(desk)) == ("failed", ["succeeded"])
    for language, sentence in {
        "en": "took too much time or memory", "fr": "demandait trop de temps", "de": "zu viel Zeit",
    }.items():  # fmt: skip
        stage.run("UPDATE users SET language = :l WHERE id = :i", l=language, i=world.operator_a.id)
        assert sentence in html.unescape(browser.get(address).text)
    browser.post(address + "/file", data={"client": world.a.slug, "version": "1"})
    run_jobs(stage, company.id)
    assert (files(desk, made), jobs(desk)) == ("valid", ["succeeded", "succeeded"])


def test_an_invoice_whose_worker_died_of_it_is_not_stuck(
    desk: Any, world: Any, sign_in_as: Any
) -> None:
    stage, company, _ = desk
    made = make_invoice(*desk)
    browser = sign_in_as(world.operator_a)
    address = world.a.url(f"sales-invoices/{made}")
    assert "sales-invoices/" + str(made) + "/file" not in browser.get(address).text
    browser.post(address + "/file", data={"client": world.a.slug, "version": "1"})
    assert jobs(desk) == ["queued"], "there is one at work"
    stage.run("UPDATE jobs SET state = 'quarantined' WHERE tenant_id = :t AND state = 'queued'",
              t=company.id)  # fmt: skip
    page = browser.get(address).text
    assert f"{made}/file" in page
    assert "The file is being written" not in page
    browser.post(address + "/file", data={"client": world.a.slug, "version": "1"})
    run_jobs(stage, company.id)
    assert files(desk, made) == "valid"
