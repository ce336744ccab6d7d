"""A company's template and a letter of a request that was begun with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.administration.letters.services import begin_letter
from app.documents.templating.filling import Wording
from app.documents.templating.services import create_template
from app.service_requests.queries import get_request_by_id
from tests.factories.people import Company, Person
from tests.factories.stage import Stage, acting


def make_letter(
    stage: Stage, company: Company, operator: Person, request_id: UUID
) -> dict[str, Any]:
    """Both ids, by their names in addresses."""
    actor, now = operator.actor(company), datetime.now(UTC)
    with acting(stage, operator.scope(company)):
        template = create_template(
            kind="letter", language="en", name=company.text("template"),
            wording=Wording("letter", company.text("subject"), company.text("words")),
            actor=actor, now=now,
        )  # fmt: skip
        letter = begin_letter(
            request=get_request_by_id(request_id=request_id), kind="letter",
            language="en", template_id=template.id,
            values={"recipient_name": company.text("recipient")}, actor=actor, now=now,
        )  # fmt: skip
        return {"template_id": template.id, "letter_id": letter.id}
