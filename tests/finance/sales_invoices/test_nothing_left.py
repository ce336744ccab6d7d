"""An invoice that leaves nothing to pay is paid once it was sent, and never overdue."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services import disputing, sending
from app.finance.sales_invoices.transitions import state_of_amounts
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import line, make_invoice, wish
from tests.finance.sales_invoices.test_deposits import Desk
from tests.notifications.mails import promised


@pytest.fixture
def desk(stage: Any, world: Any) -> Desk:
    return Desk(stage, world)


def covered(desk: Desk) -> UUID:
    """A final invoice that its deposit pays whole."""
    final = desk.final(desk.deposit())
    desk.write(final, lines=(line(price="200"),))
    desk.validate(final)
    return final


def hand_over(desk: Desk, invoice_id: UUID) -> None:
    with desk.acting():
        sending.send_invoice(invoice_id=invoice_id, otherwise=True, **desk.who())


def overdue(desk: Desk, at: int = 400) -> set[UUID]:
    with desk.acting():
        later = now().date() + timedelta(days=at)
        found = {one.id for one in queries.list_invoices(today=later, view="overdue").items}
        assert queries.count_views(later)["overdue"] == len(found)
        return found


def mailed(desk: Desk) -> str:
    [text] = [one.text for one in promised(desk.stage, desk.company)
              if one.verb == "sales_invoice.sent"]  # fmt: skip
    return str(text).replace("\xa0", " ").replace("\u202f", " ")


def test_what_is_partly_paid_is_asked_for_the_rest_alone(desk: Desk) -> None:
    made = make_invoice(desk.stage, desk.company, desk.operator, wish(desk.company, language="en"))
    run_jobs(desk.stage, desk.company.id)
    desk.stage.run("UPDATE sales_invoice_standings SET paid = 10000, settled = 10000"
                   " WHERE id = :i", i=made)  # fmt: skip
    with desk.acting():
        sending.send_invoice(invoice_id=made, to="achats@vert.example", **desk.who())
    said = mailed(desk)
    assert "over €360.00. Of it €260.00 is still to be paid, due on" in said


def test_what_deposits_paid_whole_is_paid_once_it_was_sent(desk: Desk) -> None:
    final = covered(desk)
    nothing = make_invoice(
        desk.stage, desk.company, desk.operator,
        wish(desk.company, line(), line(quantity=Decimal(-1))),
    )  # fmt: skip
    assert (desk.state(final), desk.state(nothing)) == ("validated", "validated")
    run_jobs(desk.stage, desk.company.id)
    for one in (final, nothing):
        hand_over(desk, one)
        assert desk.state(one) == "paid"
    assert overdue(desk) == set()
    with desk.acting():
        sending.send_invoice(invoice_id=final, to="achats@vert.example", **desk.who())
        disputing.dispute(invoice_id=final, reason="Pas conforme", **desk.who())
        disputing.resolve(invoice_id=final, outcome="Expliqué", **desk.who())
    said = mailed(desk)
    assert "240,00" in said
    assert "payable le" not in said
    assert "left to pay" in said or "reste rien à payer" in said
    assert desk.state(final) == "paid"


def test_a_credit_note_that_pays_nothing_back_is_sent_and_not_paid(desk: Desk) -> None:
    note = desk.credit(covered(desk))
    desk.validate(note)
    assert desk.amounts(note) == (24000, 24000, 0)
    run_jobs(desk.stage, desk.company.id)
    hand_over(desk, note)
    assert desk.state(note) == "sent"


def test_what_was_sent_before_is_put_right(desk: Desk) -> None:
    final, replaced = covered(desk), desk.final(desk.deposit())
    desk.validate(replaced)
    desk.validate(desk.correct(replaced))
    owing = make_invoice(desk.stage, desk.company, desk.operator)
    for one in (final, owing):
        desk.stage.run(
            "UPDATE sales_invoice_standings SET state = 'sent', sent_at = now(),"
            " due_on = current_date - 9 WHERE id = :i", i=one,
        )  # fmt: skip
    desk.stage.run("UPDATE sales_invoice_standings SET released = 0 WHERE id = :i", i=replaced)
    assert overdue(desk) == {owing}, "even before"
    for statement in import_module("migrations.versions.0053_nothing_left_to_pay").RIGHTED:
        desk.stage.run(statement)
    assert (desk.state(final), desk.state(owing)) == ("paid", "sent")
    with desk.acting():
        assert queries.get_invoice(invoice_id=replaced).standing.released == 24000


@pytest.mark.parametrize(("sent", "state"), [(False, "validated"), (True, "paid")])
def test_state_of_an_invoice_over_nothing(sent: bool, state: str) -> None:
    assert state_of_amounts(gross=0, due=0, settled=0, credited=0, sent=sent) == state
