"""Review and delivery."""

from datetime import datetime

from app.service_requests.billed import bill_delivery
from app.service_requests.catalogue import item_of
from app.service_requests.models import Deliverable, Review, ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import list_current_deliverables
from app.service_requests.reviewing import review_asked
from app.service_requests.services.moves import check_move, check_version, move
from app.service_requests.services.offers import bill_accepted_offer
from app.service_requests.services.work import require_result
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.text import _m
from tenants.permissions import Actor


class SamePerson(Forbidden):
    code = "four_eyes"
    message = _m("You prepared this yourself. Somebody else has to check it.")


class ReviewAsked(Conflict):
    code = "review_asked"
    message = _m("Somebody else checks this kind of request first. Hand it to the quality check.")


def return_from_review(
    *, request: ServiceRequest, actor: Actor, now: datetime, findings: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    _review(request, actor, now, "returned", findings, expected_version)
    move(request, "return", actor=actor, now=now)
    db.session.flush()


def pass_review(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    """On to the client's approval where the item asks for it, else delivered at once."""
    deliverables = _review(request, actor, now, "passed", "", expected_version)
    _hand_over(request, "pass", deliverables, actor=actor, now=now)


def deliver_unchecked(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    """The same without a quality check, where none is asked for."""
    check_version(request, expected_version)
    check_move(request, "deliver", actor=actor)
    if review_asked(request):
        raise ReviewAsked
    require_result(request, actor=actor, now=now)
    request.preparer_id = actor.user_id
    results = list_current_deliverables(request_id=request.id)
    _hand_over(request, "deliver", results, actor=actor, now=now)


def _hand_over(
    request: ServiceRequest, verb: str, results: list[Deliverable], *, actor: Actor, now: datetime
) -> None:
    if item_of(request).gated:
        move(request, verb, actor=actor, now=now, target="awaiting_approval")
    else:
        move(request, verb, actor=actor, now=now, target="delivered")
        deliver(request, results, actor=actor, now=now)
    db.session.flush()


def _review(
    request: ServiceRequest, actor: Actor, now: datetime, outcome: str, findings: str,
    expected_version: int | None,
) -> list[Deliverable]:  # fmt: skip
    check_version(request, expected_version)
    actor.require("request.review", request.line)
    if actor.side != "provider" or actor.user_id is None:
        raise Forbidden
    if actor.user_id == request.preparer_id:
        raise SamePerson
    deliverables = list_current_deliverables(request_id=request.id)
    # Who made a result counts as its preparer, whoever handed it over.
    if actor.user_id in {row.added_by for row in deliverables}:
        raise SamePerson
    db.session.add(
        Review(
            request_id=request.id, preparer_id=request.preparer_id, reviewer_id=actor.user_id,
            reviewer_name=actor.name, outcome=outcome, findings=findings,
            sha256=package_hash(deliverables), at=now,
        )
    )  # fmt: skip
    return deliverables


def deliver(
    request: ServiceRequest, deliverables: list[Deliverable], *, actor: Actor, now: datetime
) -> None:
    bill_accepted_offer(request=request, actor=actor, now=now)
    bill_delivery(request, deliverables, actor=actor, now=now)
    request.delivered_at = now
