"""An invoice from draft to paid, through the services."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.finance.einvoicing.document import Allowance
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services import (
    correcting,
    disputing,
    drafting,
    making,
    sending,
    validating,
)
from app.finance.sales_invoices.transitions import MoveRefused
from tenants.core.errors import Conflict, Invalid
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import (
    BUYER,
    line,
    make_draft,
    make_invoice,
    set_up,
    validate,
    wish,
)
from tests.finance.einvoicing.samples import GERMAN_BUYER, PUBLIC_BUYER


@pytest.fixture
def desk(stage: Any, world: Any) -> Any:
    """A company that invoices, and its operator."""
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, world.operator_a


def state(desk: Any, invoice_id: Any) -> Any:
    stage, company, _ = desk
    return stage.rows(
        "SELECT state, files, paid, credited, version FROM sales_invoice_standings"
        " WHERE tenant_id = :t AND id = :i", t=company.id, i=invoice_id,
    )[0]  # fmt: skip


def test_a_validated_invoice_gets_its_file_is_sent_and_bills_once(desk: Any) -> None:
    stage, company, operator = desk
    made = make_invoice(stage, company, operator)
    assert state(desk, made)[:2] == ("validated", "making")
    run_jobs(stage, company.id)
    with acting(stage, operator.scope(company)):
        kept = queries.get_invoice(invoice_id=made)
        slips = making.slips_of(kept)
        assert [(one.outcome, one.content["xml_sha256"] != one.sha256) for one in slips] == [
            ("valid", True)
        ]
        sending.send_invoice(
            invoice_id=made, to="achats@vert.example", actor=operator.actor(company), now=now()
        )
    assert state(desk, made)[0] == "sent"
    mails = stage.rows(
        "SELECT verb FROM outbox WHERE tenant_id = :t AND kind = 'mail'"
        " AND verb = 'sales_invoice.sent'", t=company.id,
    )  # fmt: skip
    assert len(mails) == 1
    with acting(stage, company.scope):
        making.make_files(invoice_id=made, actor=operator.actor(company), now=now())
    assert stage.value(
        "SELECT sum(quantity) FROM usage_events WHERE tenant_id = :t"
        " AND meter_key = 'invoices_issued'", t=company.id,
    ) == 1  # fmt: skip


def test_what_a_platform_would_refuse_is_not_even_validated(desk: Any) -> None:
    stage, company, operator = desk
    # No French VAT has this rate.
    made = make_draft(stage, company, operator, wish(company, line(rate=Decimal(21))))
    with pytest.raises(Invalid) as refused:
        validate(stage, company, operator, made)
    assert list(refused.value.field_errors) == ["lines.1.rate"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"form": "xrechnung-cii", "buyer_reference": "1"}, "form"),
        ({"buyer": PUBLIC_BUYER, "buyer_reference": "04011000-1234512345-06"}, "form"),
        ({"buyer": GERMAN_BUYER, "form": "facturx-basicwl"}, "form"),
        ({"form": "ubl-en16931", "note": "#AAB#"}, "note"),
    ],
)
def test_what_the_receiver_does_not_take_has_no_number(
    desk: Any, changes: dict[str, Any], field: str
) -> None:
    stage, company, operator = desk
    made = make_draft(stage, company, operator, wish(company, **changes))
    with pytest.raises(Invalid) as refused:
        validate(stage, company, operator, made)
    assert list(refused.value.field_errors) == [field]


def test_a_supply_at_home_is_none_to_another_eu_country(desk: Any) -> None:
    stage, company, operator = desk
    at_home = wish(
        company, line(category="K"), nature="goods", delivered_on=now().date(),
        delivery_address=BUYER.address,
    )  # fmt: skip
    made = make_draft(stage, company, operator, at_home)
    with pytest.raises(Invalid) as refused:
        validate(stage, company, operator, made)
    assert set(refused.value.field_errors) == {"customer_id", "delivery.address"}


def test_what_breaks_a_rule_is_not_sent(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, company, operator = desk
    written = making.write_xml  # type: ignore[attr-defined]
    monkeypatch.setattr(
        making, "write_xml", lambda *a, **k: written(*a, **k).replace(b"360.00", b"361.00")
    )
    made = make_invoice(stage, company, operator)
    run_jobs(stage, company.id)
    assert state(desk, made)[:2] == ("validated", "invalid")
    with acting(stage, operator.scope(company)), pytest.raises(sending.NotSendable):
        sending.send_invoice(
            invoice_id=made, to="a@vert.example", actor=operator.actor(company), now=now()
        )


def test_a_german_authority_waits_for_rules_that_nobody_installed(desk: Any) -> None:
    stage, company, operator = desk
    asked = replace(
        wish(company, buyer_reference="04011000-1234512345-06", buyer=PUBLIC_BUYER),
        form="xrechnung-cii",
    )
    made = make_invoice(stage, company, operator, asked)
    run_jobs(stage, company.id)
    assert state(desk, made)[1] in ("not_validated", "invalid")
    documents = "SELECT count(*) FROM documents WHERE tenant_id = :t AND about_id = :i"
    slips = "SELECT count(*) FROM validation_slips WHERE tenant_id = :t"
    before = stage.value(slips, t=company.id)
    assert stage.value(documents, t=company.id, i=made) == 2, "the XML, and a page to read"
    with acting(stage, operator.scope(company)):
        making.make_again(invoice_id=made, actor=operator.actor(company), now=now())
    assert state(desk, made)[1] == "making"
    run_jobs(stage, company.id)
    outcome = state(desk, made)[1]
    assert outcome in ("not_validated", "invalid")
    with acting(stage, operator.scope(company)):
        repeat = making.make_files(invoice_id=made, actor=operator.actor(company), now=now())
    assert repeat == outcome
    assert stage.value(documents, t=company.id, i=made) == 2, "the next version, no other document"
    assert stage.value(slips, t=company.id) == before + 1


def test_a_credit_note_cites_its_invoice_and_takes_no_more_than_there_is(desk: Any) -> None:
    stage, company, operator = desk
    made = make_invoice(stage, company, operator)
    actor = operator.actor(company)
    with acting(stage, operator.scope(company)):
        half = correcting.credit(
            invoice_id=made, actor=actor, now=now(), share=Decimal(50), reason="Retour"
        ).id
        whole = correcting.credit(invoice_id=made, actor=actor, now=now()).id
    assert validate(stage, company, operator, half).startswith("A-")
    assert state(desk, made)[:4] == ("validated", "making", 0, 18000)
    with pytest.raises(Invalid):
        validate(stage, company, operator, whole)
    with acting(stage, operator.scope(company)):
        kept = queries.get_invoice(invoice_id=half)
        cited = queries.get_invoice(invoice_id=made).invoice
        assert kept.invoice.document["preceding"][0]["number"] == cited.number  # type: ignore[index]
        rest = correcting.credit(invoice_id=made, actor=actor, now=now(), share=Decimal(50)).id
    validate(stage, company, operator, rest)
    assert state(desk, made)[0] == "credited"
    with acting(stage, operator.scope(company)), pytest.raises(Conflict):
        correcting.credit(invoice_id=made, actor=actor, now=now())


def test_half_a_credit_takes_half_of_what_the_invoice_let_off(desk: Any) -> None:
    stage, company, operator = desk
    off = Allowance(amount=1001, reason="Remise", category="S", rate=Decimal(20))
    made = make_invoice(stage, company, operator, wish(company, allowances=(off,)))
    with acting(stage, operator.scope(company)):
        whole = queries.get_invoice(invoice_id=made).invoice
        half = correcting.credit(
            invoice_id=made, actor=operator.actor(company), now=now(), share=Decimal(50)
        )
        assert abs(2 * half.net - whole.net) <= 1


def test_a_credit_of_any_share_is_an_invoice_that_platforms_take(desk: Any) -> None:
    stage, company, operator = desk
    made = make_invoice(
        stage, company, operator, wish(company, line(price="0.1234", quantity=Decimal(9000)))
    )
    with acting(stage, operator.scope(company)):
        part = correcting.credit(
            invoice_id=made, actor=operator.actor(company), now=now(), share=Decimal("33.33")
        ).id
    assert validate(stage, company, operator, part).startswith("A-")


def test_no_invoice_is_dated_after_today(desk: Any) -> None:
    stage, company, operator = desk
    later = replace(wish(company), issued_on=now().date() + timedelta(days=3))
    draft = make_draft(stage, company, operator, later)
    with pytest.raises(Invalid) as refused:
        validate(stage, company, operator, draft)
    assert list(refused.value.field_errors) == ["issued_on"]


def test_a_final_invoice_deducts_its_deposit_once(desk: Any) -> None:
    stage, company, operator = desk
    actor = operator.actor(company)
    deposit = make_invoice(stage, company, operator, wish(company, line(price="50"), type="386"))
    with acting(stage, operator.scope(company)):
        finals = [
            correcting.finish(deposit_id=deposit, actor=actor, now=now()).id for _ in range(2)
        ]
        kept = queries.get_invoice(invoice_id=finals[0])
        asked = drafting.wish_of(kept.invoice)
        asked = replace(asked, content=replace(asked.content, lines=(line(price="200"),)))
        drafting.change_draft(
            invoice_id=finals[0], wish=asked, expected_version=1, actor=actor, now=now()
        )
    validate(stage, company, operator, finals[0])
    with acting(stage, operator.scope(company)):
        row = queries.get_invoice(invoice_id=finals[0]).invoice
        assert (row.gross, row.prepaid, row.due) == (24000, 6000, 18000)
        assert row.document["frame"] == "S4"  # type: ignore[index]
    with pytest.raises(Invalid) as twice:
        validate(stage, company, operator, finals[1])
    assert list(twice.value.field_errors) == ["deposits"]


def test_a_corrective_invoice_stands_in_the_first_ones_place(desk: Any) -> None:
    stage, company, operator = desk
    made = make_invoice(stage, company, operator)
    with acting(stage, operator.scope(company)):
        new = correcting.correct(invoice_id=made, actor=operator.actor(company), now=now()).id
    validate(stage, company, operator, new)
    assert state(desk, made)[0] == "credited"


def test_a_dispute_ends_as_the_amounts_say(desk: Any) -> None:
    stage, company, operator = desk
    actor = operator.actor(company)
    made = make_invoice(stage, company, operator)
    with acting(stage, operator.scope(company)), pytest.raises(MoveRefused):
        disputing.dispute(invoice_id=made, reason="Prix", actor=actor, now=now())
    run_jobs(stage, company.id)
    with acting(stage, operator.scope(company)):
        sending.send_invoice(invoice_id=made, otherwise=True, actor=actor, now=now())
        disputing.dispute(invoice_id=made, reason="Prix", actor=actor, now=now())
    assert state(desk, made)[0] == "disputed"
    with acting(stage, operator.scope(company)):
        disputing.resolve(invoice_id=made, outcome="Accordé", actor=actor, now=now())
    assert state(desk, made)[0] == "sent"


def test_two_operators_don_t_overwrite_each_other(desk: Any) -> None:
    stage, company, operator = desk
    made = make_draft(stage, company, operator)
    change: dict[str, Any] = {"invoice_id": made, "actor": operator.actor(company), "now": now()}
    with acting(stage, operator.scope(company)):
        drafting.change_draft(wish=wish(company, line(price="7")), expected_version=1, **change)
    with acting(stage, operator.scope(company)), pytest.raises(drafting.InvoiceChanged):
        drafting.change_draft(wish=wish(company, line(price="8")), expected_version=1, **change)
    with acting(stage, operator.scope(company)):
        drafting.delete_draft(**change)
    assert (
        stage.value("SELECT count(*) FROM sales_invoices WHERE tenant_id = :t", t=company.id) == 0
    )


def test_foreign_currency_needs_its_rate_and_states_the_tax_in_euros(desk: Any) -> None:
    stage, company, operator = desk
    asked = wish(company, currency="USD")
    made = make_draft(stage, company, operator, asked)
    with pytest.raises(Invalid) as refused:
        validate(stage, company, operator, made)
    assert list(refused.value.field_errors) == ["rate"]
    made = make_invoice(stage, company, operator, replace(asked, rate=Decimal("0.9")))
    with acting(stage, operator.scope(company)):
        row = queries.get_invoice(invoice_id=made).invoice
        assert (row.tax, row.tax_eur) == (6000, 5400)


def test_create_and_validate_in_few_statements(desk: Any, count_statements: Any) -> None:
    stage, company, operator = desk
    make_invoice(stage, company, operator)
    actor = operator.actor(company)
    with acting(stage, operator.scope(company)), count_statements() as found:
        made = drafting.create_draft(wish=wish(company), actor=actor, now=now())
        validating.validate_draft(
            invoice_id=made.id, expected_version=1, actor=actor, now=now() + timedelta(seconds=1)
        )
    assert len(found) <= 30, "\n".join(found)


def test_what_is_not_yet_received_is_the_sum_of_the_list_behind_it(
    desk: Any, sign_in_as: Any
) -> None:
    stage, company, operator = desk
    standing = (
        "UPDATE sales_invoice_standings SET state = :s, settled = :p, sent_at = now()"
        " WHERE tenant_id = :t AND id = :i"
    )
    for state_, settled in (
        ("sent", 0), ("partly_paid", 2_000), ("disputed", 500), ("paid", 12_000), ("validated", 0)
    ):  # fmt: skip
        made = make_invoice(stage, company, operator)
        stage.run(standing, s=state_, p=settled, t=company.id, i=made)
    with acting(stage, operator.scope(company)):
        note = correcting.credit(
            invoice_id=made, share=None, reason="x", actor=operator.actor(company), now=now()
        ).id
    validate(stage, company, operator, note)
    stage.run(standing, s="sent", p=0, t=company.id, i=note)
    today = now().date()
    with acting(stage, operator.scope(company)):
        [figure] = queries.sums_open(today)
        listed = queries.list_invoices(today=today, view="open").items
        assert queries.count_views(today)["open"] == len(listed) == 3
    assert {one.state for one in listed} == {"sent", "partly_paid", "disputed"}
    assert sum(one.due - one.settled - one.credited for one in listed) == figure.open == 105_500
    page = sign_in_as(operator).get(company.url("sales-invoices")).text
    assert 'href="' + company.url("sales-invoices?view=open") in page
