"""Invoices refer to entries of the directory: an import that is taken back leaves those, and a merge
keeps what each invoice says."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.directory import queries
from app.directory.services import merging
from app.finance.sales_invoices import customers
from app.finance.sales_invoices import queries as invoices
from app.finance.sales_invoices.models import InvoiceBatch, InvoiceBatchRow
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from tenants.core.db import db
from tenants.core.ids import uuid7
from tests.directory.test_importing import Importer
from tests.factories import acting
from tests.factories.directory import make_party
from tests.factories.people import now
from tests.factories.sales_invoices import make_draft, make_invoice, set_up, wish

LIST = "name;reference;country;town;postcode;kind\n" + "".join(
    f"Mill {n};K{n};FR;Lyon;69003;Private person\n" for n in range(5)
)


def test_an_import_taken_back_leaves_whom_an_invoice_is_for(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    importer = Importer(stage, a)
    importer.send(LIST)
    importer.take()
    ids = [line.party_id for line in importer.lines()]
    make_draft(stage, a, operator, wish(a, customer_id=ids[0]))
    make_invoice(stage, a, operator, wish(a, customer_id=ids[1]))
    with acting(stage, operator.scope(a)):
        _schedule(ids[2])
        _batch_row(importer, ids[3])
    undone = importer.undo()
    assert (undone.rows_undone, undone.rows_kept) == (1, 4)
    lines = importer.lines()
    assert [one.undo for one in lines] == ["in_use"] * 4 + ["undone"]
    assert lines[0].reasons[0][1]["message"] == "A sales invoice, or a draft of one, is for it."
    assert importer.count() == 4


def _schedule(customer_id: Any) -> None:
    db.session.add(
        InvoiceSchedule(
            id=uuid7(), name="Rent", customer_id=customer_id, wish={}, months=1, day=1,
            starts_on=date(2026, 12, 1), changed_by_name="x", changed_at=now(),
        )
    )  # fmt: skip


def _batch_row(importer: Importer, customer_id: Any) -> None:
    """A row that waits, and one that was rejected, whose customer nobody needs."""
    batch = InvoiceBatch(
        id=uuid7(), name="x.csv", file_id=importer.row().file_id, sha256="", state="read",
        created_by_name="x", created_at=now(),
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    for position, state in enumerate(("ready", "rejected"), start=1):
        db.session.add(
            InvoiceBatchRow(
                id=uuid7(), batch_id=batch.id, position=position, lines=[1], state=state,
                wish={"customer_id": str(customer_id)},
            )
        )  # fmt: skip


def test_a_merge_keeps_what_was_invoiced_and_leads_drafts_to_the_kept_entry(
    stage: Any, world: Any
) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    home: Any = {
        "billing_city": "Lyon",
        "billing_postcode": "69003",
        "billing_country": "FR",
        "kind": "person",
    }
    kept = make_party(stage, a, name="Mill", **home)
    other = make_party(stage, a, name="Old mill", **home)
    deposit = make_invoice(stage, a, operator, wish(a, customer_id=other.id, type="386"))
    draft = make_draft(stage, a, operator, wish(a, customer_id=other.id))
    who: Any = {"actor": a.user.actor(a), "now": now()}
    with acting(stage, a.user.scope(a)):
        merge = merging.merge(
            kept=kept, other=other, expected=(kept.version, other.version), **who
        ).id
    with acting(stage, operator.scope(a)):
        row = invoices.get_invoice(invoice_id=deposit).invoice
        assert (row.customer_id, row.customer_name) == (other.id, "Old mill")
        assert row.document
        assert row.document["buyer"]["name"] == "Old mill"
        row = invoices.get_invoice(invoice_id=draft).invoice
        assert row.customer_id
        assert customers.get_buyer(row.customer_id).party.name == "Mill"
        free = invoices.list_free_deposits(customer_id=kept.id, currency="EUR")
        assert [one.id for one in free] == [deposit]
        found = invoices.list_invoices(today=now().date(), customer_id=kept.id)
        assert {one.id for one in found.items} == {deposit, draft}
    with acting(stage, a.user.scope(a)):
        merging.undo_merge(kept=queries.get_party(party_id=kept.id), merge_id=merge, **who)
    with acting(stage, operator.scope(a)):
        assert customers.get_buyer(other.id).party.name == "Old mill"
        assert not invoices.list_free_deposits(customer_id=kept.id, currency="EUR")
