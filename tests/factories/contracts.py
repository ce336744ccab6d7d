"""A company's contract, past the screens that make one."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.contracts.document import checked, first_document
from app.contracts.models import ContractVersion
from tests.factories.people import Company, now
from tests.factories.stage import Stage


def make_contract(
    stage: Stage,
    company: Company,
    *,
    number: int = 1,
    valid_from: date = date(2020, 1, 1),
    country: str = "FR",
    zone: str = "Europe/Paris",
    **parts: Any,
) -> None:
    """`parts` are those of the document, such as `items={"hr_question": {"scope": "offer"}}`; what
    is left out is as without a contract. Another version has a higher number."""
    document = checked({**first_document(country, zone), **parts})
    stage.add(
        ContractVersion,
        {
            "tenant_id": company.id, "number": number, "valid_from": valid_from,
            "document": document, "activated_at": now(), "activated_by_name": "Test",
        },
    )  # fmt: skip
