"""A price for what the contract doesn't cover: offered, accepted or declined by the client, billed
once when the work is delivered."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.service_requests.models import ServiceRequest
from app.service_requests.offers.hashing import offer_hash
from app.service_requests.offers.models import (
    ACCEPTED,
    DECLINED,
    HIGHEST_PRICE,
    OPEN,
    SUPERSEDED,
    WITHDRAWN,
    Offer,
    OfferDecision,
)
from app.service_requests.offers.queries import find_accepted_offer, find_open_offer, get_offer
from app.service_requests.scope import AGREED, IN_SCOPE, NEEDS_OFFER
from app.service_requests.services.intake import begin_prepared_work
from app.service_requests.services.moves import check_version, log_move, move, touch
from app.service_requests.sla import ledger
from billing.invoice_items import record_item
from billing.plans import CURRENCY
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

LONGEST_OFFER = timedelta(days=365)
_OFFERS = ("new", "quote_needed")


class NoOfferNeeded(Conflict):
    code = "no_offer_needed"
    message = _m("The contract covers this request: no offer is needed.")


class OfferGone(Conflict):
    code = "offer_gone"
    message = _m("This offer doesn't stand any more. Look at the newest one.")


class OfferExpired(Conflict):
    code = "offer_expired"
    message = _m("This offer has expired. Ask for a new one with a message.")


class AcceptedAlready(Conflict):
    code = "accepted_already"
    message = _m("You accepted this price already. A second person has to accept it too.")


def make_offer(
    *,
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    price: int,
    body: str,
    valid_until: date,
    start_on: date | None = None,
    expected_version: int | None = None,
) -> Offer:
    """`price` in minor units. A newer offer takes the place of the one before."""
    check_version(request, expected_version)
    _check_provider(request, actor, "request.work")
    if request.scope not in NEEDS_OFFER or request.state not in _OFFERS:
        raise NoOfferNeeded
    terms = get_terms(now)
    _check_days(_today(now, terms.calendar.zone), valid_until, start_on)
    if not 0 < price <= HIGHEST_PRICE:
        raise Invalid(field_errors={"price": [_m("Between 0.01 and 999,999.99, please.")]})
    _end_open(request, SUPERSEDED, actor=actor, now=now)
    limit = terms.approval_limit(request.line)
    number = _next_number(request)
    said: dict[str, Any] = {
        "request_id": request.id, "number": number, "price": price, "currency": CURRENCY,
        "body": body, "valid_until": valid_until, "start_on": start_on,
    }  # fmt: skip
    offer = Offer(
        id=uuid7(), **said, sha256=offer_hash(**said),
        needed=2 if limit is not None and price > limit else 1, state=OPEN,
        offered_by=actor.user_id, offered_by_name=actor.name, at=now,
    )  # fmt: skip
    db.session.add(offer)
    if request.assignee_id is None:
        request.assignee_id, request.assignee_name = actor.user_id, actor.name
    if request.state == "new":
        move(request, "quote", actor=actor, now=now)
    else:
        log_move(request, "quote", actor=actor, now=now, source=request.state, target=request.state)
        touch(request)
    _record("offered", offer, actor=actor, now=now, price=price, needed=offer.needed)
    db.session.flush()
    return offer


def accept_offer(
    *, request: ServiceRequest, offer: Offer, actor: Actor, now: datetime, real_now: datetime,
    sha256: str,
) -> bool:  # fmt: skip
    """Whether the price is agreed now; False while a second person has to accept too. `sha256` is
    what the approver saw; `real_now` the machine's time, against which the second factor is fresh.
    """
    standing = _standing_offer(request, offer, actor, sha256)
    terms = get_terms(now)
    zone = terms.calendar.zone
    if _today(now, zone) > standing.valid_until:
        raise OfferExpired
    actor.require_second_factor(real_now)
    given = _accepted_by(standing)
    if actor.user_id in given:
        raise AcceptedAlready
    _decide(request, standing, "accepted", "", actor=actor, now=now)
    agreed = len(given) + 1 >= standing.needed
    _record("accepted", standing, actor=actor, now=now, sha256=sha256, agreed=agreed)
    if agreed:
        _end(standing, ACCEPTED, actor=actor, now=now)
        request.scope = AGREED
        later = standing.start_on is not None and standing.start_on > _today(now, zone)
        request.planned_for = standing.start_on if later else None
        target = "planned" if later else "assigned"
        move(request, "accept_quote", actor=actor, now=now, target=target)
        if later:
            _count_from_start(request, terms, actor, now)
        begin_prepared_work(request, actor=actor)
    else:
        touch(request)
    db.session.flush()
    return agreed


def _count_from_start(
    request: ServiceRequest, terms: ContractTerms, actor: Actor, now: datetime
) -> None:
    """Who accepts an offer with a start date agrees that the time counts from that day on."""
    wanted = terms.target(
        request.line, request.item, request.priority, request.item_version
    ).resolution
    if wanted is not None and request.planned_for is not None:
        start = terms.calendar.midnight(request.planned_for)
        due = terms.calendar.add_minutes(start, wanted)
        ledger.agree(request, due=due, actor=actor, now=now)


def decline_offer(
    *, request: ServiceRequest, offer: Offer, actor: Actor, now: datetime, sha256: str, reason: str
) -> None:
    standing = _standing_offer(request, offer, actor, sha256)
    if actor.user_id not in _accepted_by(standing):
        _decide(request, standing, "declined", reason, actor=actor, now=now)
    _end(standing, DECLINED, actor=actor, now=now)
    _record("declined", standing, actor=actor, now=now)
    move(request, "decline_quote", actor=actor, now=now, reason=reason)
    db.session.flush()


def take_as_covered(
    *, request: ServiceRequest, actor: Actor, now: datetime, reason: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """Done without a price although the contract doesn't cover it: a reviewer's decision."""
    check_version(request, expected_version)
    _check_provider(request, actor, "request.review")
    if request.scope not in NEEDS_OFFER or request.state not in _OFFERS:
        raise NoOfferNeeded
    _end_open(request, WITHDRAWN, actor=actor, now=now)
    before, request.scope = request.scope, IN_SCOPE
    if request.state == "quote_needed":
        move(request, "withdraw_quote", actor=actor, now=now, reason=reason)
    else:
        log_move(request, "cover", actor=actor, now=now, source="new", target="new", reason=reason)
    audit.record(
        "service_requests.scope.covered", actor=actor, now=now, object_type="request",
        object_id=request.id, before=before,
    )  # fmt: skip
    begin_prepared_work(request, actor=actor)
    db.session.flush()


def bill_accepted_offer(*, request: ServiceRequest, actor: Actor, now: datetime) -> None:
    """On delivery, in its transaction; delivered again after a reopening it is the same item."""
    if request.scope != AGREED:
        return
    offer = find_accepted_offer(request=request)
    if offer is not None:
        record_item(
            source_type="request_offer", source_id=offer.id, amount=offer.price,
            currency=offer.currency, number=request.number, actor=actor, now=now,
        )  # fmt: skip


def _standing_offer(request: ServiceRequest, offer: Offer, actor: Actor, sha256: str) -> Offer:
    """Locked, so that two who decide at once come one after the other."""
    if actor.side != "client" or actor.user_id is None:
        raise Forbidden
    actor.require("request.approve", request.line)
    found = get_offer(request=request, offer_id=offer.id, for_change=True)
    if found.state != OPEN or found.sha256 != sha256:
        raise OfferGone
    return found


def _accepted_by(offer: Offer) -> set[object]:
    return set(
        db.session.execute(
            select(OfferDecision.approver_id).where(
                OfferDecision.tenant_id == offer.tenant_id,
                OfferDecision.offer_id == offer.id,
                OfferDecision.decision == "accepted",
            )
        ).scalars()
    )


def _decide(
    request: ServiceRequest, offer: Offer, decision: str, reason: str, *, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    db.session.add(
        OfferDecision(
            request_id=request.id, offer_id=offer.id, decision=decision, reason=reason,
            sha256=offer.sha256, approver_id=actor.user_id, approver_name=actor.name,
            second_factor_at=actor.second_factor_at, at=now,
        )
    )  # fmt: skip


def _end_open(request: ServiceRequest, state: str, *, actor: Actor, now: datetime) -> None:
    earlier = find_open_offer(request=request)
    if earlier is not None:
        _end(earlier, state, actor=actor, now=now)
        db.session.flush()


def _end(offer: Offer, state: str, *, actor: Actor, now: datetime) -> None:
    offer.state, offer.ended_at, offer.ended_by_name = state, now, actor.name


def _check_provider(request: ServiceRequest, actor: Actor, permission: str) -> None:
    if actor.side != "provider":
        raise Forbidden
    actor.require(permission, request.line)


def _check_days(today: date, valid_until: date, start_on: date | None) -> None:
    wrong = {}
    if not today <= valid_until <= today + LONGEST_OFFER:
        wrong["valid_until"] = [_m("Choose a day between today and one year from now.")]
    if start_on is not None and not today <= start_on <= today + LONGEST_OFFER:
        wrong["start_on"] = [_m("Choose a day between today and one year from now.")]
    if wrong:
        raise Invalid(field_errors=wrong)


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _next_number(request: ServiceRequest) -> int:
    last = db.session.execute(
        select(func.coalesce(func.max(Offer.number), 0)).where(
            Offer.tenant_id == request.tenant_id, Offer.request_id == request.id
        )
    ).scalar_one()
    return int(last) + 1


def _record(act: str, offer: Offer, *, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"service_requests.offer.{act}", actor=actor, now=now, object_type="request",
        object_id=offer.request_id, offer=offer.id, **facts,
    )  # fmt: skip
