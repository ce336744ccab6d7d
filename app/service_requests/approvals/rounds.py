"""Rounds of approval: opened and ended by the request's state, and by nothing else."""

from datetime import datetime

from app.contracts.queries import get_terms
from app.service_requests.approvals import rules
from app.service_requests.approvals.models import ApprovalRound
from app.service_requests.approvals.queries import find_open_round
from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import list_current_deliverables
from tenants.core.db import db
from tenants.core.ids import uuid7

WAITS = "awaiting_approval"
_OUTCOMES = {"delivered": "approved", "in_progress": "refused"}


def follow(request: ServiceRequest, source: str | None, target: str, *, now: datetime) -> None:
    if target == WAITS:
        begin(request, now=now)
    elif source == WAITS:
        end(request, _OUTCOMES.get(target, "ended"), now=now)


def begin(request: ServiceRequest, *, now: datetime) -> ApprovalRound:
    item, terms = item_of(request), get_terms(now)
    deliverables = list_current_deliverables(request_id=request.id)
    amount = rules.amount_of(deliverables)
    row = ApprovalRound(
        id=uuid7(), request_id=request.id, sha256=package_hash(deliverables), amount=amount,
        needed=rules.needed(item, amount=amount, limit=terms.approval_limit(request.line)),
        asks_code=rules.asks_code(item), asked_at=now,
        expires_at=rules.expiry(
            asked_at=now, days=terms.approval_days, calendar=terms.calendar
        ),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def end(request: ServiceRequest, outcome: str, *, now: datetime) -> None:
    row = find_open_round(request_id=request.id)
    if row is not None:
        row.ended_at, row.outcome = now, outcome
        db.session.flush()


def current(request: ServiceRequest, *, sha256: str, now: datetime) -> ApprovalRound:
    """The round about this package. Of other files nothing is approved yet, whatever was before."""
    row = find_open_round(request_id=request.id)
    if row is not None and row.sha256 == sha256:
        return row
    end(request, "replaced", now=now)
    return begin(request, now=now)
