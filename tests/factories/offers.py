"""Requests outside of the contract, with offers, brought there by our own services."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.service_requests.offers.queries import get_offer, list_offers
from app.service_requests.queries import get_request
from app.service_requests.services import offers
from tenants.permissions import Actor
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import Made, make_request
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting

ITEM = "finance_question"


def make_outside(
    stage: Stage, company: Company, *, at: datetime | None = None, **parts: Any
) -> Made:
    """A request that needs an offer; `parts` are more of the contract."""
    make_contract(stage, company, items={ITEM: {"scope": "offer"}}, **parts)
    return make_request(stage, company, item=ITEM, at=at)


def make_offer(
    stage: Stage, made: Made, operator: Person, *, price: int = 50_000,
    at: datetime | None = None, **given: Any,
) -> UUID:  # fmt: skip
    at = at or now()
    values = {"body": made.company.text("a day of work"),
              "valid_until": (at + timedelta(days=14)).date(), **given}  # fmt: skip
    with acting(stage, operator.scope(made.company)):
        actor = operator.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        return offers.make_offer(request=row, actor=actor, now=at, price=price, **values).id


def accept(
    stage: Stage, made: Made, approver: Person, *, offer_id: UUID | None = None,
    sha256: str | None = None, at: datetime | None = None, actor: Actor | None = None,
) -> bool:  # fmt: skip
    """The newest offer, unless another is named; says whether the price is agreed."""
    with acting(stage, approver.scope(made.company)):
        actor = actor or approver.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        offer = (
            get_offer(request=row, offer_id=offer_id) if offer_id else list_offers(request=row)[0]
        )
        return offers.accept_offer(
            request=row, offer=offer, actor=actor, now=at or now(), real_now=now(),
            sha256=sha256 or offer.sha256,
        )  # fmt: skip


def decline(stage: Stage, made: Made, approver: Person, *, at: datetime | None = None) -> None:
    with acting(stage, approver.scope()):
        actor = approver.actor()
        row = get_request(actor=actor, number=made.number)
        offer = list_offers(request=row)[0]
        offers.decline_offer(
            request=row, offer=offer, actor=actor, now=at or now(), sha256=offer.sha256,
            reason="too much",
        )  # fmt: skip
