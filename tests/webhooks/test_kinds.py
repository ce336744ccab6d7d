"""What happens to invoices, documents and the directory is told in the same transaction, without a
word of anybody's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.directory.data import PartyData
from app.directory.queries import get_party
from app.directory.services import merging, parties
from app.documents.services.issuing import issue_document, issue_version
from app.finance.sales_invoices.services import correcting, disputing, sending
from app.webhooks.catalogue import KINDS
from tests.directory.test_importing import Importer
from tests.factories.directory import siren_of
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import make_invoice, set_up, validate
from tests.factories.stage import acting
from tests.factories.webhooks import make_webhook


def told(stage: Any, company: Any) -> list[tuple[str, Any]]:
    rows = stage.rows(
        "SELECT kind, body FROM webhook_messages WHERE tenant_id = :t ORDER BY id", t=company.id
    )
    assert company.canary not in str(rows)
    return [(row.kind, row.body["data"]) for row in rows]


def test_every_kind_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    assert [one for one in KINDS if f"`{one}`" not in page] == []


def test_the_life_of_an_invoice_is_told(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    make_webhook(stage, a, lines=["finance"])
    made = make_invoice(stage, a, operator)
    run_jobs(stage, a.id, name="sales_invoices.make_files")
    who: dict[str, Any] = {"invoice_id": made, "actor": operator.actor(a), "now": now()}
    with acting(stage, operator.scope(a)):
        sending.send_invoice(**who, otherwise=True)
        disputing.dispute(**who, reason=a.text("reason"))
        disputing.resolve(**who, outcome=a.text("outcome"))
        note = correcting.credit(**who).id
    validate(stage, a, operator, note)
    found = told(stage, a)
    assert [(kind, data.get("state")) for kind, data in found] == [
        ("sales_invoice.validated", "validated"), ("document.issued", None),
        ("sales_invoice.sent", "sent"), ("sales_invoice.disputed", "disputed"),
        ("sales_invoice.disputed", "sent"), ("sales_invoice.validated", "validated"),
        ("sales_invoice.credited", "credited"),
    ]  # fmt: skip
    first, last = found[0][1], found[-1][1]
    assert (first["id"], first["url"]) == (str(made), f"/api/v1/sales-invoices/{made}")
    assert (last["invoice"], last["type"]) == (first["invoice"], "380")


def test_versions_of_a_document_are_told_on_its_line(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    make_webhook(stage, a, lines=["finance"])
    who: dict[str, Any] = {"actor": operator.actor(a), "now": now()}
    file: dict[str, Any] = {"name": "x.txt", "media_type": "text/plain"}
    with acting(stage, operator.scope(a)):
        for kind in ("letter", "payslip"):
            made = issue_document(
                kind=kind, title=a.text("title"), language="fr", content=b"one", **file, **who,
                line=None if kind == "payslip" else "finance",
            )  # fmt: skip
            issue_version(document_id=made.document_id, content=b"two", **file, **who)
            issue_version(document_id=made.document_id, content=b"two", **file, **who)
    assert [(kind, one["document"], one["version"]) for kind, one in told(stage, a)] == [
        ("document.issued", 1, 1), ("document.superseded", 1, 2),
    ]  # fmt: skip


def test_entries_of_the_directory_are_told_to_who_works_with_them(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    make_webhook(stage, a, lines=["administration", "hr"])
    make_webhook(stage, a, lines=["hr"])
    who: dict[str, Any] = {"actor": operator.actor(a), "now": now()}
    with acting(stage, operator.scope(a)):
        kept, other = (
            parties.create_party(data=PartyData(name=a.text(name)), **who) for name in ("A", "B")
        )
        same = PartyData(name=a.text("C"))
        parties.update_party(party=kept, data=same, expected_version=None, **who)
        parties.update_party(party=kept, data=same, expected_version=None, **who)
        merging.merge(kept=kept, other=other, expected=(kept.version, other.version), **who)
        merged = str(get_party(party_id=kept.id).id)
    found = told(stage, a)
    assert [(kind, one["party"]) for kind, one in found] == [
        ("party.created", 1), ("party.created", 2), ("party.changed", 1), ("party.merged", 2),
        ("party.changed", 1),
    ]  # fmt: skip
    assert found[3][1]["into"] == merged
    lines = stage.rows("SELECT DISTINCT line FROM webhook_messages WHERE tenant_id = :t", t=a.id)
    assert [row.line for row in lines] == ["administration"]


def test_an_import_is_told_entry_by_entry_and_taken_back(stage: Any, world: Any) -> None:
    a = world.a
    make_webhook(stage, a, lines=["finance"])
    importer = Importer(stage, a)
    importer.send(f"name;siren\n{a.text('A')};{siren_of(3)}\n{a.text('B')};{siren_of(4)}\n")
    importer.take()
    importer.undo()
    assert sorted((kind, one["party"]) for kind, one in told(stage, a)) == [
        ("party.created", 1), ("party.created", 2), ("party.removed", 1), ("party.removed", 2),
    ]  # fmt: skip


def test_what_is_rolled_back_is_not_told(stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    make_webhook(stage, a)
    actor = operator.actor(a)

    def fail() -> None:
        with acting(stage, operator.scope(a)):
            parties.create_party(data=PartyData(name=a.text("A")), actor=actor, now=now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert told(stage, a) == []
