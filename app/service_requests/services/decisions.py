"""Review and delivery."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from app.service_requests.billed import bill_delivery
from app.service_requests.catalogue import item_of
from app.service_requests.checking.services import draws, findings
from app.service_requests.checking.services.findings import Noted
from app.service_requests.models import Deliverable, Review, ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import list_current_deliverables
from app.service_requests.reviewing import review_asked
from app.service_requests.services.filing_results import ask_for_filing
from app.service_requests.services.moves import check_move, check_version, move
from app.service_requests.services.offers import bill_accepted_offer
from app.service_requests.services.work import require_result
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class SamePerson(Forbidden):
    code = "four_eyes"
    message = _m("You prepared this yourself. Somebody else has to check it.")


class ReviewAsked(Conflict):
    code = "review_asked"
    message = _m("Somebody else checks this kind of request first. Hand it to the quality check.")


def return_from_review(
    *, request: ServiceRequest, actor: Actor, now: datetime, noted: Sequence[Noted],
    confirmed: Collection[UUID] = (), expected_version: int | None = None,
) -> None:  # fmt: skip
    """`confirmed` are earlier findings that are fixed; the others are open again."""
    _may_review(request, "return", actor, expected_version)
    findings.check_noted(noted, line=request.line)
    left = findings.confirm(request, confirmed, actor=actor, now=now)
    if not noted and not left:
        raise Invalid(field_errors={"findings": [_m("Say what has to change.")]})
    words = "\n".join([*(one.body for one in noted), *(one.body for one in left)])
    review, _ = _review(request, actor, now, "returned", words)
    findings.note(request, review, noted, actor=actor, now=now)
    draws.learn(request, review, now=now)
    move(request, "return", actor=actor, now=now)
    db.session.flush()


def pass_review(
    *, request: ServiceRequest, actor: Actor, now: datetime, confirmed: Collection[UUID] = (),
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """On to the client's approval where the item asks for it, else delivered at once."""
    _may_review(request, "pass", actor, expected_version)
    findings.confirm_all(request, confirmed, actor=actor, now=now)
    review, deliverables = _review(request, actor, now, "passed", "")
    draws.learn(request, review, now=now)
    _hand_over(request, "pass", deliverables, actor=actor, now=now)


def deliver_unchecked(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    """The same without a quality check, unless the sample draws it: then it goes there."""
    check_version(request, expected_version)
    check_move(request, "deliver", actor=actor)
    if review_asked(request):
        raise ReviewAsked
    require_result(request, actor=actor, now=now)
    drawn = draws.draw(request, actor=actor, now=now)
    request.preparer_id = actor.user_id
    if drawn:
        move(request, "submit", actor=actor, now=now)
        db.session.flush()
        return
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


def _may_review(
    request: ServiceRequest, verb: str, actor: Actor, expected_version: int | None
) -> None:
    check_version(request, expected_version)
    actor.require("request.review", request.line)
    if actor.side != "provider" or actor.user_id is None:
        raise Forbidden
    if actor.user_id == request.preparer_id:
        raise SamePerson
    check_move(request, verb, actor=actor)


def _review(
    request: ServiceRequest, actor: Actor, now: datetime, outcome: str, words: str
) -> tuple[Review, list[Deliverable]]:
    deliverables = list_current_deliverables(request_id=request.id)
    # Who made a result counts as its preparer, whoever handed it over.
    if actor.user_id in {row.added_by for row in deliverables}:
        raise SamePerson
    review = Review(
        id=uuid7(), request_id=request.id, preparer_id=request.preparer_id,
        reviewer_id=actor.user_id, reviewer_name=actor.name, outcome=outcome, findings=words,
        sha256=package_hash(deliverables), at=now,
    )  # fmt: skip
    db.session.add(review)
    db.session.flush()
    return review, deliverables


def deliver(
    request: ServiceRequest, deliverables: list[Deliverable], *, actor: Actor, now: datetime
) -> None:
    bill_accepted_offer(request=request, actor=actor, now=now)
    bill_delivery(request, deliverables, actor=actor, now=now)
    ask_for_filing(request, deliverables, now=now)
    request.delivered_at = now
