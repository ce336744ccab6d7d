"""What a reviewer finds: noted with the return, fixed by the preparer, confirmed by a reviewer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.service_requests.checking.kinds import SEVERITIES, kinds_of
from app.service_requests.checking.models import ReviewFinding
from app.service_requests.checking.queries import get_finding, list_open_findings
from app.service_requests.models import Review, ServiceRequest
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

MOST = 20


@dataclass(frozen=True, slots=True)
class Noted:
    """`place` ends the names of the fields in which it was written."""

    kind: str
    severity: str
    body: str
    place: str = ""


class FindingsToFix(Conflict):
    code = "findings_to_fix"
    message = _m(
        "Findings of the quality check are open: %(count)s. Fix them and tick them, then hand over."
    )


class FindingsToConfirm(Conflict):
    code = "findings_to_confirm"
    message = _m("Confirm that every earlier finding is fixed, or return the work.")


class FindingsFixed(Conflict):
    code = "findings_fixed"
    message = _m("Findings are ticked while the work is in progress.")


class OwnFinding(Forbidden):
    code = "own_finding"
    message = _m("You fixed one of these findings yourself. Somebody else has to confirm it.")


def check_noted(noted: Sequence[Noted], *, line: str) -> None:
    """Invalid at the field of a finding that is not complete."""
    if len(noted) > MOST:
        raise Invalid(_m("%(most)s findings at once at most."), most=MOST)
    for one in noted:
        wrong = {
            "kind": _m("Choose what is wrong.") if one.kind not in kinds_of(line) else "",
            "severity": _m("Choose how bad it is.") if one.severity not in SEVERITIES else "",
            "findings": _m("Say what has to change.") if not one.body.strip() else "",
        }
        errors = {f"{name}{one.place}": [said] for name, said in wrong.items() if said}
        if errors:
            raise Invalid(field_errors=errors)


def note(
    request: ServiceRequest, review: Review, noted: Sequence[Noted], *, actor: Actor, now: datetime
) -> None:
    actor.require("request.review", request.line)
    for position, one in enumerate(noted, start=1):
        db.session.add(
            ReviewFinding(
                id=uuid7(), request_id=request.id, review_id=review.id, position=position, at=now,
                operator_id=review.preparer_id, line=request.line, item=request.item,
                kind=one.kind, severity=one.severity, body=one.body,
            )
        )  # fmt: skip
    audit.record(
        "service_requests.review.found", actor=actor, now=now, object_type="request",
        object_id=request.id, review=review.id, kinds=[one.kind for one in noted],
        severities=[one.severity for one in noted],
    )  # fmt: skip
    db.session.flush()


def mark_fixed(
    *, request: ServiceRequest, finding_id: UUID, actor: Actor, now: datetime
) -> ReviewFinding:
    row = _to_tick(request, finding_id, actor)
    if row.fixed_at is None:
        row.fixed_at, row.fixed_by, row.fixed_by_name = now, actor.user_id, actor.name
        _log("fixed", request, row, actor, now)
    db.session.flush()
    return row


def mark_open(
    *, request: ServiceRequest, finding_id: UUID, actor: Actor, now: datetime
) -> ReviewFinding:
    row = _to_tick(request, finding_id, actor)
    if row.fixed_at is not None:
        _open_again(row)
        _log("opened", request, row, actor, now)
    db.session.flush()
    return row


def require_fixed(request: ServiceRequest) -> None:
    """Before work is handed over again."""
    waiting = [one for one in list_open_findings(request_id=request.id) if one.fixed_at is None]
    if waiting:
        raise FindingsToFix(count=len(waiting))


def confirm(
    request: ServiceRequest, confirmed: Collection[UUID], *, actor: Actor, now: datetime
) -> list[ReviewFinding]:
    """What the reviewer found to be fixed; the others, which are answered, are open again."""
    actor.require("request.review", request.line)
    left = []
    for row in list_open_findings(request_id=request.id):
        if row.id not in confirmed:
            _open_again(row)
            left.append(row)
            continue
        if row.fixed_by == actor.user_id:
            raise OwnFinding
        row.confirmed_at, row.confirmed_by, row.confirmed_by_name = now, actor.user_id, actor.name
        _log("confirmed", request, row, actor, now)
    db.session.flush()
    return left


def confirm_all(
    request: ServiceRequest, confirmed: Collection[UUID], *, actor: Actor, now: datetime
) -> None:
    actor.require("request.review", request.line)
    if any(one.id not in confirmed for one in list_open_findings(request_id=request.id)):
        raise FindingsToConfirm
    confirm(request, confirmed, actor=actor, now=now)


def _to_tick(request: ServiceRequest, finding_id: UUID, actor: Actor) -> ReviewFinding:
    actor.require("request.work", request.line)
    if actor.side != "provider":
        raise Forbidden
    if request.state != "in_progress":
        raise FindingsFixed
    row = get_finding(request_id=request.id, finding_id=finding_id)
    if not row.is_open:
        raise FindingsFixed
    return row


def _open_again(row: ReviewFinding) -> None:
    row.fixed_at, row.fixed_by, row.fixed_by_name = None, None, ""


def _log(
    verb: str, request: ServiceRequest, row: ReviewFinding, actor: Actor, now: datetime
) -> None:
    audit.record(
        f"service_requests.finding.{verb}", actor=actor, now=now, object_type="request",
        object_id=request.id, finding=row.id, kind=row.kind, severity=row.severity,
    )  # fmt: skip
