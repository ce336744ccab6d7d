"""Credits, from who asks for them to the credit note on the invoice."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from billing.credits import services as credits
from billing.sim.credit_notes import void_note
from tenants.core.errors import CoulisseError, Forbidden, Invalid
from tenants.scoping import Scope
from tests.billing.flow.house import Flow
from tests.factories import Company, Person, Stage, World, acting
from tests.factories.people import make_staff


@pytest.fixture
def second(flow: Flow) -> Person:
    return make_staff(flow.stage, role="provider_admin", name="Second admin")


def office(stage: Stage, company: Company, person: Person) -> Any:
    scope = Scope(tenant_id=company.id, user_id=person.id, side="administration")
    return acting(stage, scope)


def renewal(flow: Flow, company: Company) -> Any:
    return flow.stage.rows(
        "SELECT * FROM stripe_invoices WHERE tenant_id = :t AND billing_reason ="
        " 'subscription_cycle' ORDER BY invoiced_at DESC LIMIT 1", t=company.id,
    )[0]  # fmt: skip


def rows(flow: Flow, company: Company) -> Sequence[Any]:
    return flow.stage.rows("SELECT * FROM credits WHERE tenant_id = :t ORDER BY id", t=company.id)


def notes(flow: Flow) -> list[Any]:
    return list(flow.sim.store.table("credit_notes").values())


def mirrored(flow: Flow, company: Company) -> Sequence[Any]:
    return flow.stage.rows("SELECT * FROM credit_notes WHERE tenant_id = :t", t=company.id)


def ask(flow: Flow, company: Company, person: Person, amount: int, invoice: str | None) -> UUID:
    with office(flow.stage, company, person):
        return credits.give_goodwill(
            amount=amount, reason="A slow week", stripe_invoice_id=invoice,
            actor=person.actor(company), now=flow.now,
        ).id  # fmt: skip


def approve(flow: Flow, company: Company, person: Person, credit: UUID) -> None:
    with office(flow.stage, company, person):
        credits.approve_credit(credit_id=credit, actor=person.actor(company), now=flow.now)


def sla(flow: Flow, company: Company, month: date, amount: int, revision: int = 1) -> None:
    with flow.acting(company):
        credits.bring_sla_credit(
            line="finance", month=month, amount=amount, asked_by=None, asked_by_name="Signer",
            revision=revision, actor=flow.actor(company), now=flow.now,
        )  # fmt: skip


def month_of(flow: Flow) -> date:
    return flow.now.date().replace(day=1)


def test_goodwill_on_an_invoice_is_a_credit_note_with_its_vat(
    flow: Flow, company: Company, world: World, second: Person, sign_in_as: Any
) -> None:
    flow.into_next_period(company)
    invoice = renewal(flow, company)
    credit = ask(flow, company, world.provider_admin, 4_000, invoice.stripe_invoice_id)
    flow.work(company)
    assert notes(flow) == [], "nobody approved it yet"
    approve(flow, company, second, credit)
    flow.work(company)
    flow.deliver(company)
    [note] = notes(flow)
    assert (note["subtotal"], note["total"]) == (4_000, 4_800)
    assert note["metadata"]["credit_id"] == str(credit)
    url = company.url(f"subscription/invoices/{invoice.number}")
    page = sign_in_as(company.admin).get(url).text
    assert note["number"] in page
    assert f"credits#credit-{credit}" in page
    [row] = rows(flow, company)
    assert (row.state, row.stripe_id, row.number) == ("issued", note["id"], note["number"])
    [seen] = mirrored(flow, company)
    assert (seen.credit_id, seen.total, seen.to_balance) == (credit, 4_800, 4_800)
    assert flow.stage.rows(
        "SELECT on_account, for_usage FROM credit_balances WHERE tenant_id = :t", t=company.id
    ) == [(4_800, 0)]


def test_nobody_approves_what_they_asked_for(
    flow: Flow, company: Company, world: World, second: Person
) -> None:
    credit = ask(flow, company, world.provider_admin, 1_000, None)
    with pytest.raises(Forbidden, match="Somebody else"):
        approve(flow, company, world.provider_admin, credit)
    flow.stage.run("UPDATE credits SET asked_at = asked_at WHERE id = :i", i=credit)
    with pytest.raises(Exception, match="four_eyes"):
        flow.stage.run(
            "UPDATE credits SET state = 'approved', approved_by = asked_by WHERE id = :i", i=credit
        )
    for person in (world.supervisor, world.a.admin):
        with pytest.raises(Forbidden), acting(flow.stage, Scope(tenant_id=company.id)):
            credits.approve_credit(credit_id=credit, actor=person.actor(company), now=flow.now)


def test_goodwill_without_an_invoice_is_credit_for_usage(
    flow: Flow, company: Company, world: World, second: Person
) -> None:
    credit = ask(flow, company, world.provider_admin, 2_500, None)
    approve(flow, company, second, credit)
    flow.work(company)
    flow.deliver(company)
    [grant] = flow.sim.store.table("credit_grants").values()
    assert grant["amount"]["monetary"]["value"] == 2_500
    assert grant["category"] == "promotional"
    [row] = rows(flow, company)
    assert (row.state, row.stripe_id) == ("issued", grant["id"])
    assert int(row.expires_at.timestamp()) == grant["expires_at"]
    assert flow.stage.value(
        "SELECT for_usage FROM credit_balances WHERE tenant_id = :t", t=company.id
    ) == 2_500  # fmt: skip


def test_no_more_than_the_invoice_has_left(
    flow: Flow, company: Company, world: World, second: Person
) -> None:
    flow.into_next_period(company)
    invoice = renewal(flow, company)
    with pytest.raises(Invalid):
        ask(flow, company, world.provider_admin, invoice.subtotal + 1, invoice.stripe_invoice_id)
    one = ask(flow, company, world.provider_admin, invoice.subtotal, invoice.stripe_invoice_id)
    other = ask(flow, company, world.provider_admin, invoice.subtotal, invoice.stripe_invoice_id)
    approve(flow, company, second, one)
    approve(flow, company, second, other)
    flow.work(company)
    flow.deliver(company)
    assert sum(note["total"] for note in notes(flow)) == invoice.total
    states = {row.id: (row.state, row.waits) for row in rows(flow, company)}
    assert states == {one: ("issued", ""), other: ("approved", "over")}
    with office(flow.stage, company, second):
        credits.give_for_usage(credit_id=other, actor=second.actor(company), now=flow.now)
    flow.work(company)
    flow.deliver(company)
    assert {row.state for row in rows(flow, company)} == {"issued"}
    [grant] = flow.sim.store.table("credit_grants").values()
    assert grant["amount"]["monetary"]["value"] == invoice.subtotal


def test_two_administrators_at_once_approve_it_once(
    flow: Flow, company: Company, world: World, second: Person
) -> None:
    third = make_staff(flow.stage, role="provider_admin", name="Third admin")
    credit = ask(flow, company, world.provider_admin, 2_500, None)
    barrier, refused = threading.Barrier(2), []

    def go(person: Person) -> None:
        with flow.stage.app.app_context():
            barrier.wait()
            try:
                approve(flow, company, person, credit)
            except CoulisseError as error:
                refused.append(error.code)

    threads = [threading.Thread(target=go, args=(one,)) for one in (second, third)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert refused == ["credit_decided"]
    flow.work(company)
    assert len(flow.sim.store.table("credit_grants")) == 1


def test_a_lost_answer_gives_one_note(
    flow: Flow, company: Company, world: World, second: Person
) -> None:
    flow.into_next_period(company)
    invoice = renewal(flow, company)
    credit = ask(flow, company, world.provider_admin, 4_000, invoice.stripe_invoice_id)
    approve(flow, company, second, credit)
    flow.sim.control("faults", lost=True, path="/v1/credit_notes")
    flow.work(company, fails=True)
    assert flow.failed
    flow.work(company)
    flow.deliver(company)
    assert len(notes(flow)) == 1
    [row] = rows(flow, company)
    assert row.state == "issued"


def test_what_stripe_refuses_waits_for_a_person_who_tries_again(
    flow: Flow, company: Company, world: World, second: Person
) -> None:
    flow.into_next_period(company)
    invoice = renewal(flow, company)
    credit = ask(flow, company, world.provider_admin, 4_000, invoice.stripe_invoice_id)
    stored = flow.sim.store.table("invoices")[invoice.stripe_invoice_id]
    status, stored["status"] = stored["status"], "void"
    approve(flow, company, second, credit)
    flow.work(company, fails=True)
    [row] = rows(flow, company)
    assert (row.state, row.waits) == ("refused", "refused")
    assert "open or a paid invoice" in row.error
    stored["status"] = status
    with office(flow.stage, company, second):
        credits.try_again(credit_id=credit, actor=second.actor(company), now=flow.now)
    flow.work(company)
    [row] = rows(flow, company)
    assert (row.state, len(notes(flow))) == ("issued", 1)


def test_a_credit_of_service_levels_waits_for_its_months_invoice(
    flow: Flow, company: Company
) -> None:
    month = month_of(flow)
    sla(flow, company, month, 3_000)
    sla(flow, company, month, 3_000)
    flow.enqueue(company, "issue_credits")
    flow.work(company)
    [row] = rows(flow, company)
    assert (row.kind, row.state, row.waits) == ("sla", "approved", "no_invoice")
    flow.into_next_period(company)
    [row] = rows(flow, company)
    assert row.state == "issued"
    assert row.target_invoice_id == renewal(flow, company).stripe_invoice_id
    [note] = notes(flow)
    assert note["memo"] == f"Service level credit, finance, {month:%Y-%m}"
    sla(flow, company, month, 2_000, 2)
    assert [r.amount for r in rows(flow, company)] == [3_000], "less is our own loss"
    sla(flow, company, month, 4_500, 3)
    sla(flow, company, month, 4_500, 3)
    assert [(r.kind, r.amount) for r in rows(flow, company)] == [
        ("sla", 3_000), ("correction", 1_500),
    ]  # fmt: skip


def test_before_it_is_issued_it_follows_the_month(
    flow: Flow, company: Company, world: World, second: Person
) -> None:
    month = month_of(flow)
    sla(flow, company, month, 12_000)
    [row] = rows(flow, company)
    assert row.state == "draft", "above the limit somebody approves it"
    approve(flow, company, second, row.id)
    sla(flow, company, month, 13_000, 2)
    [row] = rows(flow, company)
    assert (row.state, row.amount, row.approved_by) == ("draft", 13_000, None)
    sla(flow, company, month, 0, 3)
    assert [r.state for r in rows(flow, company)] == ["void"]
    sla(flow, company, month, 9_000, 4)
    assert [(r.state, r.amount) for r in rows(flow, company)] == [("approved", 9_000)]


def test_what_a_person_refused_stays_refused(flow: Flow, company: Company, second: Person) -> None:
    month = month_of(flow)
    sla(flow, company, month, 12_000)
    [row] = rows(flow, company)
    with office(flow.stage, company, second):
        credits.refuse_credit(
            credit_id=row.id, reason="Paid by cheque", actor=second.actor(company), now=flow.now
        )
    sla(flow, company, month, 12_000)
    assert [r.state for r in rows(flow, company)] == ["refused"]


def test_a_note_that_is_cancelled_at_stripe_is_not_given_again(
    flow: Flow, company: Company, sign_in_as: Any
) -> None:
    month = month_of(flow)
    flow.sim.control("fail_next_charge", count=50)
    flow.into_next_period(company)
    sla(flow, company, month, 2_000)
    flow.enqueue(company, "issue_credits", key="issue")
    flow.work(company)
    flow.deliver(company)
    [note] = notes(flow)
    void_note(flow.sim.store, {}, note["id"])
    flow.enqueue(company, "sync_customer", key="void")
    flow.work(company)
    [row] = rows(flow, company)
    assert (row.state, row.stripe_id, row.number) == ("void", None, note["number"])
    page = sign_in_as(company.admin).get(company.url("subscription/credits")).text
    assert "cancelled at Stripe" in page
    for revision, amount in ((2, 2_000), (3, 2_500)):
        sla(flow, company, month, amount, revision)
    assert [(one.state, one.amount) for one in rows(flow, company)] == [
        ("void", 2_000), ("approved", 500),
    ]  # fmt: skip
