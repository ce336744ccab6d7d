"""Documents of a company, by our own services."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from app.documents.services.issuing import issue_document, issue_version
from tenants.permissions import system_actor
from tests.factories.people import Company
from tests.factories.stage import Stage, acting

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def make_document(
    stage: Stage, company: Company, *, kind: str = "supporting_document", title: str = "",
    content: bytes = b"", name: str = "receipt.pdf", now: datetime = NOW,
    dated: date | None = None, **more: Any,
) -> int:  # fmt: skip
    """Its number."""
    title = title or company.text("Receipt")
    with acting(stage, company.scope):
        version = issue_document(
            kind=kind, title=title, language=more.pop("language", "en"), name=name,
            content=content or f"%PDF-1.7 {title}".encode(), media_type="application/pdf",
            actor=system_actor(company.id), now=now, dated=dated, **more,
        )  # fmt: skip
        document_id = version.document_id
    number: int = stage.value("SELECT number FROM documents WHERE id = :d", d=document_id)
    return number


def add_version(
    stage: Stage, company: Company, number: int, content: bytes, *, now: datetime = NOW,
    **more: Any,
) -> None:  # fmt: skip
    with acting(stage, company.scope):
        issue_version(
            document_id=document_id(stage, company, number), content=content, name="receipt.pdf",
            media_type="application/pdf", actor=system_actor(company.id), now=now, **more,
        )  # fmt: skip


def document_id(stage: Stage, company: Company, number: int) -> UUID:
    found: UUID = stage.value(
        "SELECT id FROM documents WHERE tenant_id = :t AND number = :n", t=company.id, n=number
    )
    return found
