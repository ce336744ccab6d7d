"""Deposits and the invoices that deduct them: what is left counts, and each is deducted once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services import correcting, drafting
from app.finance.sales_invoices.services.correcting import NothingLeft
from app.finance.sales_invoices.services.deducting import DepositDeducted
from app.finance.sales_invoices.transitions import state_of_amounts
from tenants.core.errors import CoulisseError, Invalid
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import line, make_draft, make_invoice, set_up, validate, wish
from tests.finance.sales_invoices.test_pages import HEAD, base, lines, make_customer


class Desk:
    """A company that invoices deposits of 240.00 and final invoices of 1,200.00."""

    def __init__(self, stage: Any, world: Any) -> None:
        self.stage, self.company, self.operator = stage, world.a, world.operator_a
        set_up(stage, self.company, self.operator)

    def acting(self) -> Any:
        return acting(self.stage, self.operator.scope(self.company))

    def customer(self) -> UUID:
        return UUID(make_customer(self.stage, self.company, self.operator))

    def deposit(self, **changes: Any) -> UUID:
        made = self.deposit_draft(**changes)
        self.validate(made)
        return made

    def deposit_draft(self, **changes: Any) -> UUID:
        asked = wish(self.company, line(price="200"), type="386", **changes)
        return make_draft(self.stage, self.company, self.operator, asked)

    def final(self, deposit: UUID) -> UUID:
        """A draft."""
        with self.acting():
            made = correcting.finish(deposit_id=deposit, **self.who()).id
        self.write(made, lines=(line(price="1000"),))
        return made

    def write(self, invoice_id: UUID, **content: Any) -> None:
        with self.acting():
            asked = drafting.wish_of(queries.get_invoice(invoice_id=invoice_id).invoice)
            asked = replace(asked, content=replace(asked.content, **content))
            drafting.change_draft(
                invoice_id=invoice_id, wish=asked, expected_version=None, **self.who()
            )

    def credit(self, invoice_id: UUID, share: int = 100) -> UUID:
        """A draft."""
        with self.acting():
            return correcting.credit(invoice_id=invoice_id, share=Decimal(share), **self.who()).id

    def correct(self, invoice_id: UUID) -> UUID:
        """A draft."""
        with self.acting():
            return correcting.correct(invoice_id=invoice_id, **self.who()).id

    def validate(self, invoice_id: UUID) -> str:
        return validate(self.stage, self.company, self.operator, invoice_id)

    def refused(self, invoice_id: UUID) -> list[str]:
        with pytest.raises(Invalid) as found:
            self.validate(invoice_id)
        return sorted(found.value.field_errors)

    def who(self) -> dict[str, Any]:
        return {"actor": self.operator.actor(self.company), "now": now()}

    def amounts(self, invoice_id: UUID) -> tuple[int, int, int]:
        with self.acting():
            row = queries.get_invoice(invoice_id=invoice_id).invoice
            return row.gross, row.prepaid, row.due

    def state(self, invoice_id: UUID) -> str:
        with self.acting():
            return queries.get_invoice(invoice_id=invoice_id).standing.state

    def live(self) -> list[tuple[UUID, UUID, int]]:
        rows = self.stage.rows(
            "SELECT invoice_id, deposit_id, amount FROM sales_invoice_deductions"
            " WHERE tenant_id = :t AND released_at IS NULL", t=self.company.id,
        )  # fmt: skip
        return [tuple(row) for row in rows]


@pytest.fixture
def desk(stage: Any, world: Any) -> Desk:
    return Desk(stage, world)


def test_a_deposit_of_another_customer_or_currency_is_no_part_of_an_invoice(desk: Desk) -> None:
    final = desk.final(desk.deposit())
    with desk.acting():
        kept = drafting.wish_of(queries.get_invoice(invoice_id=final).invoice)
    other = replace(kept, customer_id=desk.customer(), content=replace(kept.content, buyer=None))
    for wrong in (other, replace(kept, currency="USD", rate=Decimal("0.9"))):
        with desk.acting():
            drafting.change_draft(invoice_id=final, wish=wrong, expected_version=None, **desk.who())
        assert desk.refused(final) == ["deposits"]
    assert desk.live() == []


def test_of_a_deposit_half_credited_the_other_half_is_deducted(desk: Desk) -> None:
    deposit = desk.deposit()
    final = desk.final(deposit)
    desk.validate(desk.credit(deposit, 50))
    desk.validate(final)
    assert desk.amounts(final) == (120000, 12000, 108000)
    assert desk.live() == [(final, deposit, 12000)]


def test_a_deposit_credited_in_full_is_not_deducted(desk: Desk) -> None:
    deposit = desk.deposit()
    final = desk.final(deposit)
    desk.validate(desk.credit(deposit))
    assert desk.refused(final) == ["deposits"]
    with desk.acting(), pytest.raises(NothingLeft):
        correcting.finish(deposit_id=deposit, **desk.who())
    desk.write(final, deposits=())
    desk.validate(final)
    assert desk.amounts(final) == (120000, 0, 120000)


def test_a_deducted_deposit_is_not_credited(desk: Desk) -> None:
    deposit = desk.deposit()
    begun = [desk.credit(deposit), desk.credit(deposit, 50)]
    final = desk.final(deposit)
    desk.validate(final)
    for draft in begun:
        assert desk.refused(draft) == ["preceding"]
    with pytest.raises(DepositDeducted):
        desk.credit(deposit)
    desk.validate(desk.credit(final))
    desk.validate(begun[0])
    assert desk.state(deposit) == "credited"


@pytest.mark.parametrize("kind", ["381", "386"])
def test_only_invoices_deduct(desk: Desk, kind: str) -> None:
    deposit, usual = desk.deposit(), make_invoice(desk.stage, desk.company, desk.operator)
    if kind == "381":
        draft = desk.credit(usual)
        desk.write(draft, deposits=(str(deposit),))
    else:
        asked = wish(desk.company, type=kind, deposits=(str(deposit),))
        draft = make_draft(desk.stage, desk.company, desk.operator, asked)
    assert "deposits" in desk.refused(draft)
    assert not desk.live()


def test_a_corrective_invoice_takes_over_what_the_final_one_deducts(desk: Desk) -> None:
    deposit = desk.deposit()
    final = desk.final(deposit)
    desk.validate(final)
    corrective = desk.correct(final)
    desk.write(corrective, lines=(line(price="900"),))
    desk.validate(corrective)
    assert desk.amounts(corrective) == (108000, 24000, 84000)
    assert desk.state(final) == "credited"
    assert desk.live() == [(corrective, deposit, 24000)]
    run_jobs(desk.stage, desk.company.id)
    with desk.acting():
        kept = queries.get_invoice(invoice_id=corrective)
        cited = queries.get_invoice(invoice_id=final).invoice.number
        assert kept.standing.files == "valid"
        assert [one["number"] for one in kept.invoice.document["preceding"]] == [cited]  # type: ignore[index]
    again = desk.correct(corrective)
    desk.validate(again)
    assert desk.live() == [(again, deposit, 24000)]


def test_a_corrective_invoice_may_leave_the_deposit_out(desk: Desk) -> None:
    deposit = desk.deposit()
    first, other = desk.final(deposit), desk.final(deposit)
    desk.validate(first)
    corrective = desk.correct(first)
    desk.write(corrective, deposits=())
    desk.validate(corrective)
    assert not desk.live()
    desk.validate(other)
    assert desk.live() == [(other, deposit, 24000)]


def test_a_corrective_invoice_takes_no_deposit_of_a_third_one(desk: Desk) -> None:
    deposit, usual = desk.deposit(), make_invoice(desk.stage, desk.company, desk.operator)
    desk.validate(desk.final(deposit))
    corrective = desk.correct(usual)
    desk.write(corrective, lines=(line(price="1000"),), deposits=(str(deposit),))
    assert desk.refused(corrective) == ["deposits"]


def test_a_final_invoice_credited_in_full_frees_its_deposit(desk: Desk) -> None:
    customer = desk.customer()
    deposit = desk.deposit(customer_id=customer, buyer=None)

    def free(**more: Any) -> list[UUID]:
        with desk.acting():
            found = queries.list_free_deposits(customer_id=customer, currency="EUR", **more)
            return [one.id for one in found]

    first, second = desk.final(deposit), desk.final(deposit)
    assert free() == [deposit]
    desk.validate(first)
    assert free() == []
    assert free(instead_of=first) == [deposit]
    desk.validate(desk.credit(first, 80))
    assert desk.state(first) == "paid", "its deposit pays what is left"
    assert desk.refused(second) == ["deposits"]
    rest = desk.credit(first, 20)
    desk.validate(rest)
    assert (desk.state(first), free()) == ("credited", [deposit])
    desk.validate(second)
    assert desk.live() == [(second, deposit, 24000)]


def test_a_final_invoice_that_its_deposit_pays_is_credited_too(desk: Desk) -> None:
    deposit = desk.deposit()
    final = desk.final(deposit)
    desk.write(final, lines=(line(price="200"),))
    desk.validate(final)
    assert desk.amounts(final) == (24000, 24000, 0)
    desk.validate(desk.credit(final))
    assert (desk.state(final), desk.live()) == ("credited", [])


@pytest.mark.parametrize(
    ("credited", "settled", "state"),
    [
        (0, 0, "sent"),
        (500, 0, "sent"),
        (900, 0, "paid"),
        (1000, 0, "credited"),
        (1000, 900, "paid"),
    ],
)
def test_state_of_an_invoice_of_1000_less_100(credited: int, settled: int, state: str) -> None:
    found = state_of_amounts(gross=1000, due=900, settled=settled, credited=credited, sent=True)
    assert found == state


def test_credit_and_deduction_at_once(desk: Desk) -> None:
    """Whoever comes second is judged by what the first one did; nobody waits for ever."""
    for _ in range(3):
        deposit = desk.deposit()
        credit, final = desk.credit(deposit), desk.final(deposit)
        found = at_once(desk, credit, final)
        refusals = [one for one in found if isinstance(one, Invalid)]
        assert len(refusals) == 1, found
        live = [one for one in desk.live() if one[1] == deposit]
        assert len(live) == (0 if desk.state(deposit) == "credited" else 1)


def test_two_who_put_a_final_invoice_right_at_once(desk: Desk) -> None:
    deposit = desk.deposit()
    final = desk.final(deposit)
    desk.validate(final)
    corrective, credit, other = desk.correct(final), desk.credit(final), desk.final(deposit)
    found = at_once(desk, corrective, credit, other)
    assert all(isinstance(one, str | Invalid) for one in found), found
    assert sum(isinstance(one, str) for one in found[:2]) == 1, "one of them takes it back"
    assert desk.state(final) == "credited"
    assert len(desk.live()) == isinstance(found[0], str) + isinstance(found[2], str) <= 1


def test_what_is_deducted_stays_on_the_page_of_the_corrective_invoice(
    desk: Desk, sign_in_as: Any
) -> None:
    browser, customer = sign_in_as(desk.operator), desk.customer()
    deposit = desk.deposit(customer_id=customer, buyer=None)
    final, credit = desk.final(deposit), desk.credit(deposit)
    place = base(desk.company)
    assert str(deposit) in browser.get(f"{place}/{final}/edit").text
    assert 'name="deposits"' not in browser.get(f"{place}/{credit}/edit").text
    desk.validate(final)
    sent = {"client": desk.company.slug, "reason": "Erreur"}
    shown = browser.post(f"{place}/{deposit}/credit", data=sent)
    assert shown.status_code == 409
    assert "A final invoice deducts this deposit." in shown.text
    corrective = desk.correct(final)
    assert str(deposit) in browser.get(f"{place}/{corrective}/edit").text
    kept = browser.post(
        f"{place}/{corrective}/edit",
        data={**HEAD, "version": "1", "client": desk.company.slug,
              "customer": str(customer), "deposits": str(deposit),
              **lines(("Conseil", "1", "900"))},
    )  # fmt: skip
    assert kept.status_code == 303, kept.text
    desk.validate(corrective)
    assert desk.live() == [(corrective, deposit, 24000)]


def test_programs_deduct_with_invoices_only(desk: Desk, api_as: Any) -> None:
    program = api_as(
        desk.operator, desk.company, scopes=["sales_invoices:read", "sales_invoices:write"]
    )
    customer = desk.customer()
    deposit = desk.deposit(customer_id=customer, buyer=None)
    body: dict[str, Any] = {
        "customer_id": str(customer), "type": "386", "deposits": [str(deposit)],
        "lines": [{"name": "Conseil", "unit_price": "1000", "rate": "20"}],
    }  # fmt: skip
    refused = program.post("/api/v1/sales-invoices", json=body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["deposits"])
    made = program.post("/api/v1/sales-invoices", json=body | {"type": "380"})
    assert made.json["prepaid"]["amount"] == "240.00"
    desk.validate(UUID(made.json["id"]))
    twice = program.post(f"/api/v1/sales-invoices/{deposit}/credit", json={"reason": "Twice"})
    assert (twice.status_code, twice.json["code"]) == (409, "deposit_deducted")
    corrective = program.post(f"/api/v1/sales-invoices/{made.json['id']}/correct")
    place = corrective.headers["Location"]
    # Taken out, and back again.
    for deposits in ([], [str(deposit)]):
        sent = body | {"type": "380", "deposits": deposits}
        assert program.post(place, json=sent).status_code == 200
    assert program.post(f"{place}/validate").json["prepaid"]["amount"] == "240.00"


def at_once(desk: Desk, *invoice_ids: UUID) -> list[Any]:
    together = Barrier(len(invoice_ids))

    def run(invoice_id: UUID) -> Any:
        together.wait(timeout=30)
        try:
            return desk.validate(invoice_id)
        except CoulisseError as error:
            return error

    with ThreadPoolExecutor(len(invoice_ids)) as pool:
        return list(pool.map(run, invoice_ids))
