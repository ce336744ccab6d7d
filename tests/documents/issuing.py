"""A document of a company that was issued, as services do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.documents.services.issuing import issue_document, issue_version
from tests.factories import acting
from tests.factories.people import Company, Person
from tests.factories.stage import Stage

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def issue(
    stage: Stage, company: Company, operator: Person, content: bytes, *, code: str = "",
    replaces: Any = None, at: datetime = NOW,
) -> Any:  # fmt: skip
    """Answers the document's id."""
    actor = operator.actor(company)
    with acting(stage, operator.scope(company)):
        common: dict[str, Any] = {
            "content": content, "name": "letter.pdf", "media_type": "application/pdf",
            "actor": actor, "now": at, "code": code,
        }  # fmt: skip
        if replaces is not None:
            return issue_version(document_id=replaces, **common).document_id
        return issue_document(
            kind="letter", title=company.text("letter"), language="fr", **common
        ).document_id
