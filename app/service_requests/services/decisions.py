"""Review, approval and delivery. What is approved is bound to the hash of the deliverables."""

from datetime import datetime

from app.service_requests.billed import bill_delivery
from app.service_requests.catalogue import get_item
from app.service_requests.models import Approval, Deliverable, Review, ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import list_current_deliverables
from app.service_requests.reviewing import review_asked
from app.service_requests.services.moves import check_move, check_version, move
from app.service_requests.services.offers import bill_accepted_offer
from app.service_requests.services.work import recorded_minutes, require_result
from tenants import files
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class SamePerson(Forbidden):
    code = "four_eyes"
    message = _m("You prepared this yourself. Somebody else has to check it.")


class ReviewAsked(Conflict):
    code = "review_asked"
    message = _m("Somebody else checks this kind of request first. Hand it to the quality check.")


class PackageChanged(Conflict):
    code = "package_changed"
    message = _m("The files changed since you opened this page. Look at them again, then decide.")


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
    require_result(request)
    request.preparer_id = actor.user_id
    results = list_current_deliverables(request_id=request.id)
    _hand_over(request, "deliver", results, actor=actor, now=now)


def _hand_over(
    request: ServiceRequest, verb: str, results: list[Deliverable], *, actor: Actor, now: datetime
) -> None:
    if get_item(request.item).gated:
        move(request, verb, actor=actor, now=now, target="awaiting_approval")
    else:
        move(request, verb, actor=actor, now=now, target="delivered")
        _deliver(request, results, actor=actor, now=now)
    db.session.flush()


def approve(
    *, request: ServiceRequest, actor: Actor, now: datetime, real_now: datetime, sha256: str
) -> Approval:
    """`sha256` is the package hash that the approver saw; `real_now` the machine's time, against
    which the second factor must be fresh.

    Raises PackageChanged, SamePerson, Forbidden(second_factor_required), or a wrong-state Conflict.
    """
    deliverables = _check_package(request, actor, sha256)
    actor.require_second_factor(real_now)
    for row in deliverables:
        files.read(files.get_file(file_id=row.file_id))
    approval = _decide(request, actor, now, "approved", "", sha256)
    move(request, "approve", actor=actor, now=now)
    _deliver(request, deliverables, actor=actor, now=now)
    db.session.flush()
    return approval


def refuse(
    *, request: ServiceRequest, actor: Actor, now: datetime, sha256: str, reason: str
) -> Approval:
    _check_package(request, actor, sha256)
    approval = _decide(request, actor, now, "refused", reason, sha256)
    move(request, "refuse", actor=actor, now=now, reason=reason)
    db.session.flush()
    return approval


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


def _check_package(request: ServiceRequest, actor: Actor, sha256: str) -> list[Deliverable]:
    if actor.side != "client":
        raise Forbidden
    actor.require("request.approve", request.line)
    if actor.user_id == request.preparer_id:
        raise SamePerson
    deliverables = list_current_deliverables(request_id=request.id)
    if package_hash(deliverables) != sha256:
        raise PackageChanged
    return deliverables


def _decide(
    request: ServiceRequest, actor: Actor, now: datetime, decision: str, reason: str, sha256: str
) -> Approval:
    row = Approval(
        id=uuid7(), request_id=request.id, decision=decision, reason=reason, sha256=sha256,
        preparer_id=request.preparer_id, approver_id=actor.user_id, approver_name=actor.name,
        second_factor_at=actor.second_factor_at, at=now,
    )  # fmt: skip
    db.session.add(row)
    return row


def _deliver(
    request: ServiceRequest, deliverables: list[Deliverable], *, actor: Actor, now: datetime
) -> None:
    bill_accepted_offer(request=request, actor=actor, now=now)
    minutes = recorded_minutes(request, billable=True)
    bill_delivery(request, deliverables, minutes=minutes, actor=actor, now=now)
    request.delivered_at = now
