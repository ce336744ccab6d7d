"""The part of a request's page that tells of its offers; nothing for what the contract covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.service_requests.models import ServiceRequest
from app.service_requests.offers.models import ACCEPTED, OPEN, Offer, OfferDecision
from app.service_requests.offers.queries import list_decisions, list_offers
from app.service_requests.scope import IN_SCOPE, NEEDS_OFFER, QUOTA_USED_UP
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class OfferPart:
    """`may_*` say which forms the page has; the services decide again."""

    needed: bool
    quota_used_up: bool
    open: Offer | None
    agreed: Offer | None
    earlier: Sequence[Offer]
    expired: bool
    accepted_by: Sequence[OfferDecision]
    may_offer: bool
    may_cover: bool
    may_decide: bool

    @property
    def missing(self) -> int:
        """How many people still have to accept."""
        return self.open.needed - len(self.accepted_by) if self.open else 0


def offer_part(*, actor: Actor, request: ServiceRequest, today: date) -> OfferPart | None:
    if request.scope == IN_SCOPE:
        return None
    rows = list_offers(request=request)
    live = next((row for row in rows if row.state == OPEN), None)
    given = [
        one for one in (list_decisions(request=request) if live else ())
        if live and one.offer_id == live.id and one.decision == "accepted"
    ]  # fmt: skip
    expired = live is not None and live.valid_until < today
    needed = request.scope in NEEDS_OFFER and request.state in ("new", "quote_needed")
    provider = actor.side == "provider"
    decides = actor.side == "client" and actor.can("request.approve", request.line)
    return OfferPart(
        needed=needed,
        quota_used_up=request.scope == QUOTA_USED_UP,
        open=live,
        agreed=next((row for row in rows if row.state == ACCEPTED), None),
        earlier=[row for row in rows if row.state not in (OPEN, ACCEPTED)],
        expired=expired,
        accepted_by=given,
        may_offer=needed and provider and actor.can("request.work", request.line),
        may_cover=needed and provider and actor.can("request.review", request.line),
        may_decide=needed and decides and live is not None and not expired
        and actor.user_id not in {one.approver_id for one in given},
    )  # fmt: skip
