"""Credit notes and corrective invoices cite an invoice of the same customer, of that day or before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.directory import queries as directory
from app.directory.services import merging
from app.finance.einvoicing.document import Identifier
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services import correcting, drafting
from app.finance.sales_invoices.services.citing import DepositNotCorrected
from tests.factories.directory import siren_of, vat_of
from tests.factories.people import now
from tests.factories.sales_invoices import BUYER, make_draft, make_invoice, wish
from tests.finance.sales_invoices.test_deposits import Desk
from tests.finance.sales_invoices.test_pages import base, make_customer

OTHER = replace(
    BUYER, name="Autre SARL", legal_id=Identifier(value="542051180", scheme="0002"),
    vat_id="FR82542051180",
    electronic_address=Identifier(value="542051180", scheme="0225"),
)  # fmt: skip


@pytest.fixture
def desk(stage: Any, world: Any) -> Desk:
    return Desk(stage, world)


def change(desk: Desk, invoice_id: UUID, **changes: Any) -> None:
    with desk.acting():
        before = drafting.wish_of(queries.get_invoice(invoice_id=invoice_id).invoice)
        if "buyer" in changes:
            buyer = changes.pop("buyer")
            changes["content"] = replace(before.content, buyer=buyer)
        drafting.change_draft(
            invoice_id=invoice_id, wish=replace(before, **changes), expected_version=None,
            **desk.who(),
        )  # fmt: skip


def customer(desk: Desk, name: str, number: int) -> UUID:
    siren = siren_of(number)
    return UUID(
        make_customer(
            desk.stage, desk.company, desk.operator, name=name, siren=siren, vat=vat_of(number),
            endpoint_value=siren,
        )
    )  # fmt: skip


def follows(desk: Desk, kind: str, invoice_id: UUID) -> UUID:
    return desk.credit(invoice_id) if kind == "381" else desk.correct(invoice_id)


@pytest.mark.parametrize("kind", ["381", "384"])
def test_nobody_is_credited_for_another_customers_invoice(desk: Desk, kind: str) -> None:
    first, second = (
        customer(desk, name, number) for name, number in (("Moulin", 77), ("Scierie", 78))
    )
    made = make_invoice(
        desk.stage, desk.company, desk.operator, wish(desk.company, customer_id=first, buyer=None)
    )
    draft = follows(desk, kind, made)
    change(desk, draft, customer_id=second)
    assert desk.refused(draft) == ["customer_id"]
    assert desk.state(made) == "validated"
    # Who became one since is one.
    with desk.acting():
        merging.merge(
            kept=directory.get_party(party_id=second), other=directory.get_party(party_id=first),
            expected=(1, 1), **desk.who(),
        )  # fmt: skip
    desk.validate(draft)


@pytest.mark.parametrize(
    ("kind", "buyer", "refused"),
    [
        ("381", OTHER, ["customer_id"]),
        ("384", OTHER, ["customer_id"]),
        ("381", replace(OTHER, name=BUYER.name), ["customer_id"]),
        ("384", replace(OTHER, name=BUYER.name), []),
        ("381", replace(BUYER, name="Atelier Vert"), []),
    ],
)
def test_a_buyer_without_a_file_is_known_by_its_numbers(
    desk: Desk, kind: str, buyer: Any, refused: list[str]
) -> None:
    made = make_invoice(desk.stage, desk.company, desk.operator)
    draft = follows(desk, kind, made)
    change(desk, draft, buyer=buyer)
    if refused:
        assert desk.refused(draft) == refused
    else:
        desk.validate(draft)


@pytest.mark.parametrize("kind", ["381", "384"])
def test_what_corrects_is_not_dated_before_what_it_corrects(desk: Desk, kind: str) -> None:
    made = make_invoice(desk.stage, desk.company, desk.operator)
    draft = follows(desk, kind, made)
    today = now().date()
    change(desk, draft, issued_on=today - timedelta(days=100))
    assert desk.refused(draft) == ["issued_on"]
    change(desk, draft, issued_on=today)
    desk.validate(draft)


def test_a_final_invoice_is_not_dated_before_its_deposit(desk: Desk) -> None:
    final = desk.final(desk.deposit())
    change(desk, final, issued_on=now().date() - timedelta(days=1))
    assert desk.refused(final) == ["issued_on"]


def test_a_deposit_is_credited_and_written_anew(desk: Desk, sign_in_as: Any, api_as: Any) -> None:
    deposit = desk.deposit()
    with desk.acting(), pytest.raises(DepositNotCorrected):
        correcting.correct(invoice_id=deposit, **desk.who())
    # One that was begun before this was said.
    draft = make_draft(
        desk.stage, desk.company, desk.operator, wish(desk.company, type="384"),
        preceding_id=deposit,
    )  # fmt: skip
    assert desk.refused(draft) == ["preceding"]
    browser, place = sign_in_as(desk.operator), base(desk.company)
    page = browser.get(f"{place}/{deposit}").text
    assert "act-credit" in page
    assert "act-correct" not in page
    assert "A deposit invoice isn’t corrected" in browser.get(f"{place}/{draft}").text
    program = api_as(desk.operator, desk.company, scopes=["sales_invoices:write"])
    refused = program.post(f"/api/v1/sales-invoices/{deposit}/correct")
    assert (refused.status_code, refused.json["code"]) == (409, "deposit_not_corrected")
    desk.validate(desk.credit(deposit))
    other = desk.deposit()
    final = desk.final(other)
    desk.validate(final)
    assert desk.live() == [(final, other, 24000)]
