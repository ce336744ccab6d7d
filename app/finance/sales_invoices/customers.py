"""A customer's file as the buyer of an invoice."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.finance.einvoicing.document import Party


@dataclass(frozen=True, kw_only=True)
class Buyer:
    party: Party
    language: str = ""
    terms_days: int | None = None
    currency: str = ""
    email: str = ""
    public: bool = False
    person: bool = False


def get_buyer(customer_id: UUID) -> Buyer:
    raise NotImplementedError
