"""Documents of a company, by our own services."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from app.documents.checking.slip import Finding, RuleRun, Slip
from app.documents.models import DocumentDisposal
from app.documents.queries import get_document, get_version
from app.documents.services import filing, holding, issuing, keeping_longer
from app.documents.services.issuing import add_document
from app.documents.services.slips import attach_slip
from tenants import files
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import system_actor
from tests.factories.people import Company
from tests.factories.stage import Stage, acting

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def make_document(
    stage: Stage, company: Company, *, kind: str = "supporting_document", title: str = "",
    content: bytes = b"", name: str = "receipt.pdf", now: datetime = NOW,
    dated: date | None = None, **more: Any,
) -> int:  # fmt: skip
    """Its number. Filed as people file it; one with `about_type` is issued."""
    title, actor = title or company.text("Receipt"), system_actor(company.id)
    with acting(stage, company.scope):
        stored = files.save(
            name=name, content_type="application/pdf", actor=actor, now=now,
            content=content or f"%PDF-1.7 {title}".encode(),
        )  # fmt: skip
        version = add_document(
            kind=kind, title=title, language=more.pop("language", "en"), stored=stored,
            origin="issued" if more.get("about_type") else "uploaded", actor=actor, now=now,
            dated=dated, **more,
        )  # fmt: skip
        document_id = version.document_id
    number: int = stage.value("SELECT number FROM documents WHERE id = :d", d=document_id)
    return number


def add_version(
    stage: Stage, company: Company, number: int, content: bytes, *, now: datetime = NOW,
    **more: Any,
) -> None:  # fmt: skip
    with acting(stage, company.scope):
        actor = system_actor(company.id)
        stored = files.save(
            name="receipt.pdf", content_type="application/pdf", content=content, actor=actor,
            now=now,
        )  # fmt: skip
        document = get_document(actor=actor, number=number, for_change=True)
        issuing.add_version(
            document=document, stored=stored, origin="uploaded", actor=actor, now=now, **more
        )


def document_id(stage: Stage, company: Company, number: int) -> UUID:
    found: UUID = stage.value(
        "SELECT id FROM documents WHERE tenant_id = :t AND number = :n", t=company.id, n=number
    )
    return found


def own(stage: Stage, company: Company, sql: str) -> list[Any]:
    """The company's rows of a statement that may end in an order."""
    head, order, tail = sql.partition(" ORDER BY ")
    joint = "AND" if " WHERE " in head else "WHERE"
    return stage.rows(f"{head} {joint} tenant_id = :t{order}{tail}", t=company.id)


def document_values(stage: Stage, company: Company, *, skip: int) -> dict[str, Any]:
    """For every variable of an address of documents; numbers differ between companies."""
    for _ in range(skip):
        make_document(stage, company, content=company.text("filler").encode())
    number = make_document(stage, company, dated=date(2010, 5, 1))
    for count in range(skip):
        add_version(stage, company, number, company.text(f"another version {count}").encode())
    with acting(stage, company.scope):
        actor = system_actor(company.id)
        hold = holding.place_hold(
            number=number, reason=company.text("Audit"), actor=actor, now=NOW
        ).id
        keeping_longer.extend(
            name="voucher", years=12, since=date(2027, 1, 1), reason=company.text("Insurer"),
            actor=actor, now=NOW,
        )  # fmt: skip
        made = make_disposal(document_id(stage, company, number))
        folder = filing.add_folder(
            name=company.text("Leasing"), parent_id=None, actor=actor, now=NOW
        ).id
        version = get_version(document=get_document(actor=actor, number=number), number=skip + 1)
        found = Finding("BR-CO-15", "fatal", company.text("What the rule says"), term="BT-112")
        run = RuleRun("cen-ubl", "1.3.16", "failed", findings=(found,))
        slip = Slip(version.sha256, NOW, (run,), ("registers",))
        attach_slip(version=version, slip=slip, actor=actor, now=NOW)
    return {
        "document_number": number, "version_number": skip + 1, "hold_id": hold,
        "folder_id": folder, "disposal_id": made,
    }  # fmt: skip


def make_disposal(document_id: UUID) -> UUID:
    """Listed, whatever its period."""
    row = DocumentDisposal(
        id=uuid7(), document_id=document_id, listed_at=NOW, keep_until=date(2020, 12, 31)
    )
    db.session.add(row)
    db.session.flush()
    return row.id
