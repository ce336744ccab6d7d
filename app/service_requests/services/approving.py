"""The client's decision: by as many people as agreed, on exactly the files that they saw."""

from collections.abc import Sequence
from datetime import datetime

from app.service_requests import telling
from app.service_requests.approvals import rounds
from app.service_requests.approvals.models import ApprovalRound
from app.service_requests.approvals.queries import (
    find_open_round,
    list_expired_unnoticed,
    list_given,
)
from app.service_requests.approvals.rights import Voice, find_voice
from app.service_requests.models import Approval, Deliverable, ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import get_request_by_id, list_current_deliverables
from app.service_requests.services.decisions import SamePerson, deliver
from app.service_requests.services.moves import RequestMoveRefused, log_move, move, touch
from app.service_requests.transitions import STATES
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class PackageChanged(Conflict):
    code = "package_changed"
    message = _m("The files changed since you opened this page. Look at them again, then decide.")


class ApprovalExpired(Conflict):
    code = "approval_expired"
    message = _m(
        "The time for this approval is over. Write to us: we ask you again for the same files."
    )


class ApprovedAlready(Conflict):
    code = "approved_already"
    message = _m("You approved this already. Now somebody else of your company has to.")


class VoiceUsed(Conflict):
    code = "voice_used"
    message = _m("This was approved for %(name)s already. A second approver has to decide.")


class NotExpired(Conflict):
    code = "not_expired"
    message = _m("The client can still decide: nothing has to be asked again.")


def approve(
    *, request: ServiceRequest, actor: Actor, now: datetime, real_now: datetime, sha256: str
) -> Approval:
    """`sha256` is the package hash that the approver saw; `real_now` the machine's time, against
    which the second factor must be fresh. Delivered with the last approval that is needed.

    Raises PackageChanged, SamePerson, Forbidden(second_factor_required), or a Conflict that says
    why this approval doesn't count.
    """
    voice, deliverables = _decide(request, actor, now, sha256)
    asked = rounds.current(request, sha256=sha256, now=now)
    if asked.is_expired(now):
        raise ApprovalExpired
    given = list_given(round_id=asked.id)
    used = {row.voice_id for row in given}
    voice = find_voice(actor=actor, line=request.line, now=now, used=used) or voice
    _check_voice(voice, given)
    if asked.asks_code:
        actor.require_second_factor(real_now)
    for row in deliverables:
        files.read(files.get_file(file_id=row.file_id))
    approval = _record(request, voice, asked, "approved", "", now)
    if len(given) + 1 < asked.needed:
        state = request.state
        log_move(request, "approve_first", actor=voice.actor, now=now, source=state, target=state)
        touch(request)
    else:
        move(request, "approve", actor=voice.actor, now=now)
        deliver(request, deliverables, actor=voice.actor, now=now)
    db.session.flush()
    return approval


def refuse(
    *, request: ServiceRequest, actor: Actor, now: datetime, sha256: str, reason: str
) -> Approval:
    """At any time before the last approval, and when its time is over too."""
    voice, _ = _decide(request, actor, now, sha256)
    asked = rounds.current(request, sha256=sha256, now=now)
    approval = _record(request, voice, asked, "refused", reason, now)
    move(request, "refuse", actor=voice.actor, now=now, reason=reason)
    db.session.flush()
    return approval


def ask_again(*, request: ServiceRequest, actor: Actor, now: datetime) -> ApprovalRound:
    """After nobody decided in time: a round of its own, in which nothing is approved yet."""
    actor.require("request.work", request.line)
    _lock(request)
    asked = find_open_round(request_id=request.id)
    if request.state != rounds.WAITS:
        raise RequestMoveRefused(state=STATES[request.state])
    if asked is not None and not asked.is_expired(now):
        raise NotExpired
    rounds.end(request, "renewed", now=now)
    row = rounds.begin(request, now=now)
    state = request.state
    log_move(request, "ask_approval_again", actor=actor, now=now, source=state, target=state)
    touch(request)
    telling.to_approve_again(request, round_id=row.id, actor=actor)
    db.session.flush()
    return row


def notice_expired(*, actor: Actor, now: datetime) -> int:
    """Whoever works on it is told once; only the system notices."""
    if actor.side != "system":
        raise Forbidden
    found = list_expired_unnoticed(now=now)
    for row in found:
        request = get_request_by_id(request_id=row.request_id)
        row.expired_at = now
        state = request.state
        log_move(request, "expire_approval", actor=actor, now=now, source=state, target=state)
        touch(request)
        telling.approval_expired(request, round_id=row.id, actor=actor)
    db.session.flush()
    return len(found)


def _lock(request: ServiceRequest) -> None:
    """Of two who decide at once the second one sees what the first one made of it."""
    db.session.refresh(request, with_for_update={"key_share": True})


def _decide(
    request: ServiceRequest, actor: Actor, now: datetime, sha256: str
) -> tuple[Voice, list[Deliverable]]:
    voice = find_voice(actor=actor, line=request.line, now=now)
    if voice is None:
        raise Forbidden
    _lock(request)
    if request.state != rounds.WAITS:
        raise RequestMoveRefused(state=STATES[request.state])
    if actor.user_id == request.preparer_id:
        raise SamePerson
    deliverables = list_current_deliverables(request_id=request.id)
    if package_hash(deliverables) != sha256:
        raise PackageChanged
    return voice, deliverables


def _check_voice(voice: Voice, given: Sequence[Approval]) -> None:
    if voice.actor.user_id in {row.approver_id for row in given}:
        raise ApprovedAlready
    if voice.of_id in {row.voice_id for row in given}:
        raise VoiceUsed(name=voice.of_name or voice.actor.name)


def _record(
    request: ServiceRequest, voice: Voice, asked: ApprovalRound, decision: str, reason: str,
    now: datetime,
) -> Approval:  # fmt: skip
    actor = voice.actor
    row = Approval(
        id=uuid7(), request_id=request.id, round_id=asked.id, decision=decision, reason=reason,
        sha256=asked.sha256, preparer_id=request.preparer_id, approver_id=actor.user_id,
        approver_name=actor.name, voice_id=voice.of_id, voice_name=voice.of_name,
        asks_code=asked.asks_code, second_factor_at=actor.second_factor_at, at=now,
    )  # fmt: skip
    db.session.add(row)
    audit.record(
        f"service_requests.approval.{decision}", actor=actor, now=now, object_type="request",
        object_id=request.id, approval=row.id, round=asked.id, sha256=asked.sha256,
        voice=voice.of_id,
    )  # fmt: skip
    db.session.flush()
    return row
