"""What credit notes give back of an invoice whose deposits had paid a part of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.finance.einvoicing.look import Look
from app.finance.einvoicing.printed_page import page_of
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services import correcting, making
from app.finance.sales_invoices.services.deducting import DepositGivenBack
from app.finance.sales_invoices.transitions import left_of
from tenants.core.errors import CoulisseError
from tests.factories.jobs import run_jobs
from tests.factories.sales_invoices import line
from tests.finance.sales_invoices.test_deposits import Desk, at_once

DEPOSIT = 24000


@pytest.fixture
def desk(stage: Any, world: Any) -> Desk:
    return Desk(stage, world)


def left(desk: Desk, invoice_id: UUID) -> int:
    with desk.acting():
        kept = queries.get_invoice(invoice_id=invoice_id)
        return left_of(due=kept.invoice.due, standing=kept.standing)


def final_of(desk: Desk) -> tuple[UUID, UUID]:
    """A deposit of 240.00 and its final invoice over 1,200.00."""
    deposit = desk.deposit()
    final = desk.final(deposit)
    desk.validate(final)
    return deposit, final


def test_a_final_invoice_credited_in_full_gives_back_what_it_asked(desk: Desk) -> None:
    deposit, final = final_of(desk)
    note = desk.credit(final)
    assert desk.amounts(note) == (120000, DEPOSIT, 96000), "as a draft too"
    desk.validate(note)
    assert desk.amounts(note) == (120000, DEPOSIT, 96000)
    assert (desk.state(final), left(desk, final), desk.live()) == ("credited", 0, [])
    again = desk.final(deposit)
    desk.validate(again)
    assert desk.amounts(again) == (120000, DEPOSIT, 96000)
    run_jobs(desk.stage, desk.company.id)
    with desk.acting():
        kept = queries.get_invoice(invoice_id=note)
        assert kept.standing.files == "valid", making.slips_of(kept)[0].content
        shown = page_of(making.document_of(kept.invoice), Look())
    assert shown["totals"][-1] == ["Acomptes", "−240,00\xa0EUR"]
    assert shown["due"]["amount"] == "960,00\xa0EUR"


def test_the_columns_of_the_exported_list_add_up(desk: Desk, sign_in_as: Any) -> None:
    _, final = final_of(desk)
    note, browser = desk.credit(final), sign_in_as(desk.operator)
    page = browser.get(desk.company.url(f"sales-invoices/{note}")).text
    assert "Amount credited" in page
    assert "960.00" in page
    desk.validate(note)
    address = desk.company.url("sales-invoices/export?kind=csv")
    found = browser.get(address).get_data(as_text=True).lstrip("\ufeff")
    heads, *rows = csv.reader(io.StringIO(found), delimiter=";")
    assert len(rows) == 3
    columns = {head: [row[n] for row in rows] for n, head in enumerate(heads)}
    sums = {
        name: sum(Decimal(one.replace(",", ".")) for one in columns[name])
        for name in ("Before VAT", "VAT", "Total", "To pay")
    }
    # Nothing is left but the deposit.
    assert list(sums.values()) == [200, 40, 240, 240]
    assert columns["Due on"].count("") == 1, "nobody pays a credit note"


@pytest.mark.parametrize("shares", [(50, 50), (80, 20), (30, 30, 40)])
def test_the_last_of_several_credit_notes_leaves_the_deposit(
    desk: Desk, shares: Sequence[int]
) -> None:
    _, final = final_of(desk)
    notes = [desk.credit(final, share) for share in shares]
    for note in notes:
        desk.validate(note)
    found = [desk.amounts(note) for note in notes]
    assert [prepaid for _, prepaid, _ in found] == [0] * (len(shares) - 1) + [DEPOSIT]
    assert sum(due for _, _, due in found) == 96000
    assert (desk.state(final), left(desk, final), desk.live()) == ("credited", 0, [])


def test_what_credit_notes_gave_back_of_a_deposit_is_not_deducted_again(desk: Desk) -> None:
    """The first one gives back 120.00 of the deposit: the last gives back the rest."""
    deposit, final = final_of(desk)
    for share in (90, 10):
        desk.validate(desk.credit(final, share))
    assert desk.state(final) == "credited"
    assert left(desk, final) == -DEPOSIT
    assert desk.live() == [(final, deposit, DEPOSIT)]
    other = desk.final(deposit)
    assert desk.refused(other) == ["deposits"]
    with pytest.raises(DepositGivenBack):
        desk.credit(deposit)


def test_of_a_replaced_final_invoice_nothing_is_left(desk: Desk) -> None:
    deposit, final = final_of(desk)
    corrective = desk.correct(final)
    desk.validate(corrective)
    assert (left(desk, final), left(desk, corrective)) == (0, 96000)
    note = desk.credit(corrective)
    desk.validate(note)
    assert desk.amounts(note) == (120000, DEPOSIT, 96000)
    assert (left(desk, corrective), desk.live()) == (0, [])
    desk.validate(desk.credit(deposit))
    assert desk.state(deposit) == "credited"


def test_what_was_given_back_before_is_not_free(desk: Desk) -> None:
    """Credit notes of before gave the deposit back with the rest."""
    (first, final), (second, other), (third, last) = (final_of(desk) for _ in range(3))
    for one in (final, other, last):
        desk.validate(desk.credit(one))
    desk.stage.run(
        "UPDATE sales_invoice_standings SET released = 0 WHERE id = ANY(:ids)", ids=[final, other]
    )
    again = desk.final(second)
    desk.validate(again)
    for statement in import_module("migrations.versions.0053_nothing_left_to_pay").RIGHTED:
        desk.stage.run(statement)
    assert set(desk.live()) == {(final, first, DEPOSIT), (again, second, DEPOSIT)}
    assert (left(desk, final), left(desk, last)) == (-DEPOSIT, 0)
    desk.validate(desk.final(third))


def test_of_two_credit_notes_at_once_one_leaves_the_deposit(desk: Desk) -> None:
    _, final = final_of(desk)
    notes = [desk.credit(final, 50) for _ in range(2)]
    at_once(desk, *notes)
    assert sorted(desk.amounts(note) for note in notes) == [
        (60000, 0, 60000), (60000, DEPOSIT, 36000)
    ]  # fmt: skip
    assert (desk.state(final), left(desk, final), desk.live()) == ("credited", 0, [])


def test_programs_read_what_is_free_again(desk: Desk, api_as: Any) -> None:
    _, final = final_of(desk)
    desk.validate(desk.credit(final))
    program = api_as(desk.operator, desk.company, scopes=["sales_invoices:read"])
    found = program.get(f"/api/v1/sales-invoices/{final}").json
    names = ("due", "credited", "released", "open")
    assert [found[one]["amount"] for one in names] == ["960.00", "1200.00", "240.00", "0.00"]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(("deposit", "final", "credit", "credit", "correct")),
        st.integers(0, 9),
        st.sampled_from((10, 33, 50, 90, 100)),
    ),
    min_size=3,
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_what_is_owed_is_what_was_delivered_and_each_deposit_counts_once(
    desk: Desk, acts: list[tuple[str, int, int]]
) -> None:
    deposits: list[UUID] = []
    made: list[UUID] = []
    for verb, which, size in acts:
        before = deposits if verb == "final" else made
        if verb != "deposit" and not before:
            continue
        try:
            draft = _begun(desk, verb, before[which % len(before)] if before else None, size)
            desk.validate(draft)
        except CoulisseError:
            continue
        made.append(draft)
        if verb == "deposit":
            deposits.append(draft)
        _holds(desk, made)


def _begun(desk: Desk, verb: str, of: UUID | None, size: int) -> UUID:
    if verb == "deposit" or of is None:
        return desk.deposit_draft()
    if verb == "final":
        with desk.acting():
            draft = correcting.finish(deposit_id=of, **desk.who()).id
        desk.write(draft, lines=(line(price=str(size * 10)),))
        return draft
    if verb == "credit":
        return desk.credit(of, size)
    draft = desk.correct(of)
    if size < 50:
        desk.write(draft, deposits=(), lines=(line(price="700"),))
    return draft


def _holds(desk: Desk, made: list[UUID]) -> None:
    kept = desk.stage.rows(
        "SELECT i.id, i.type, i.preceding_id, i.gross, i.due,"
        " i.due - s.settled - s.credited + s.released AS owes FROM sales_invoices i"
        " JOIN sales_invoice_standings s ON s.id = i.id"
        " WHERE i.tenant_id = :t AND i.id = ANY(:ids)", t=desk.company.id, ids=made,
    )  # fmt: skip
    deducted = {deposit for _, deposit, _ in desk.live()}
    replaced = {row.preceding_id for row in kept if row.type == "384"}
    owed = delivered = 0
    for row in kept:
        sign, about = (-1, row.preceding_id) if row.type == "381" else (1, row.id)
        if row.id not in replaced:
            owed += sign * row.due
            # A deposit that is deducted stands in what was delivered.
            delivered += 0 if about in deducted else sign * row.gross
    assert min(row.due for row in kept) >= 0
    assert owed == delivered == sum(row.owes for row in kept if row.type != "381")
