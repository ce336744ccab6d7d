"""Everything that is recorded of one request, and its files' bytes as they are now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from app.service_requests.billed import recorded_minutes
from app.service_requests.catalogue import item_of
from app.service_requests.checking.models import ReviewDraw
from app.service_requests.checking.queries import list_draws
from app.service_requests.client_time import select_shown_entries
from app.service_requests.evidence import Chain, FileProof
from app.service_requests.models import (
    Approval,
    Deliverable,
    RequestMove,
    ServiceRequest,
)
from app.service_requests.queries import HANDED_OVER, get_request, list_all
from app.timesheets.models import TimeEntry
from billing.tracing import list_billed
from tenants import files
from tenants.core.db import db
from tenants.models import AuditEvent, StoredFile
from tenants.permissions import Actor

# Read with the page; beyond it the reader asks for the check.
INLINE_BYTES = 64 * 1024 * 1024
# The provider's own; its existence is not the client's business either.
INTERNAL = ("service_requests.note.written",)
CHECKS = ("service_requests.review.%", "service_requests.finding.%")
TIME = "timesheets.%"
D, F = Deliverable, StoredFile


def get_request_to_prove(*, actor: Actor, number: int) -> ServiceRequest:
    """The client's administrator answers for the bill and so reaches every line of it; what the
    request is about stays with those who hold its line."""
    answers = actor.side == "client" and actor.can("evidence.read")
    return get_request(actor=actor, number=number, any_line=answers)


def get_chain(
    *, actor: Actor, request: ServiceRequest, now: datetime, read_all: bool = False
) -> Chain:
    """Reads the files' bytes up to a limit, beyond it only when told to."""
    handed_over = _list_handed_over(actor, request)
    size = sum(row.size for row in handed_over if row.certificate is None)
    proofs = [_proof(row, read=read_all or size <= INLINE_BYTES) for row in handed_over]
    sources = [("request", request.id), *(("deliverable", one.id) for one in proofs)]
    moves = list_all(model=RequestMove, request=request)
    approvals = [
        row for row in list_all(model=Approval, request=request) if row.decision == "approved"
    ]
    return Chain(
        gated=item_of(request).gated,
        delivered_at=request.delivered_at,
        records=list_billed(sources),
        entries=_list_time(actor, request, now),
        recorded=recorded_minutes(request, billable=True),
        time_step=request.time_step,
        moves=moves,
        files=proofs,
        passed=next((row for row in reversed(moves) if row.verb in HANDED_OVER), None),
        approval=approvals[-1] if approvals else None,
        audit=_list_audit(actor, request),
        draw=_last_draw(actor, request),
    )


def _last_draw(actor: Actor, request: ServiceRequest) -> ReviewDraw | None:
    if actor.side == "client":
        return None
    draws = list_draws(request_id=request.id)
    return draws[-1] if draws else None


def _list_time(actor: Actor, request: ServiceRequest, now: datetime) -> Sequence[Any]:
    if actor.side == "client":
        return db.session.execute(select_shown_entries(request=request, now=now)).all()
    return list_all(model=TimeEntry, request=request, merged=True)


def _list_handed_over(actor: Actor, request: ServiceRequest) -> Sequence[Any]:
    """The client sees what passed the quality check."""
    if actor.side == "client" and request.delivered_at is None:
        return []
    return db.session.execute(
        select(
            D.id, D.file_id, D.kind, D.version, D.title, D.sha256, D.measures, D.added_by_name,
            D.at, F.name, F.size, F.certificate,
        )
        .join(F, and_(F.tenant_id == D.tenant_id, F.id == D.file_id))
        .where(
            D.tenant_id == request.tenant_id,
            D.request_id == request.id,
            D.superseded_at.is_(None),
        )
        .order_by(D.kind, D.version)
    ).all()  # fmt: skip


def _proof(row: Any, *, read: bool) -> FileProof:
    return FileProof(
        id=row.id, file_id=row.file_id, kind=row.kind, version=row.version, title=row.title,
        name=row.name, size=row.size, sha256=row.sha256, measures=row.measures,
        by=row.added_by_name, at=row.at, read=read, certificate=row.certificate,
        found=files.sha256_now(row.sha256) if read and row.certificate is None else None,
    )  # fmt: skip


def _list_audit(actor: Actor, request: ServiceRequest) -> Sequence[AuditEvent]:
    query = select(AuditEvent).where(
        AuditEvent.tenant_id == request.tenant_id, AuditEvent.object_id == request.id
    )
    if actor.side == "client":
        # Whose minutes they are is for the list of entries to say, as far as the contract shows it.
        query = query.where(
            AuditEvent.name.not_in(INTERNAL),
            *(AuditEvent.name.not_like(one) for one in (TIME, *CHECKS)),
        )
    return db.session.execute(query.order_by(AuditEvent.at, AuditEvent.id)).scalars().all()
