"""Everything that is known of a request's past, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.service_requests.documents.models import DocumentLine
from app.service_requests.history.words import NAMES
from app.service_requests.models import Approval, Deliverable, RequestMove, ServiceRequest
from app.service_requests.queries import select_all
from app.service_requests.watchers.models import Watcher
from tenants.core.together import read_together
from tenants.models import AuditEvent, StaffMember
from tenants.permissions import Actor

A, D, L, W = AuditEvent, Deliverable, DocumentLine, Watcher


@dataclass(frozen=True, slots=True)
class Past:
    """`named` are what the audit trail knows by its id: documents, results, followers, our people."""

    moves: Sequence[RequestMove]
    audited: Sequence[Any]
    approvals: Sequence[Approval]
    documents: Sequence[Any]
    results: Sequence[Any]
    followers: Sequence[Any]
    staff: Sequence[Any]

    @property
    def named(self) -> dict[str, str]:
        rows = (*self.documents, *self.results, *self.followers, *self.staff)
        return {str(row.id): row.name for row in rows}


def get_past(*, actor: Actor, request: ServiceRequest) -> Past:
    """As far as the reader's side may know it."""
    audited: tuple[Any, ...] = (A.id, A.at, A.actor_id, A.actor_name, A.actor_side, A.name, A.facts)
    people: tuple[Any, ...] = (
        StaffMember.user_id.label("id"),
        StaffMember.display_name.label("name"),
    )

    def of(model: Any, *columns: Any) -> Any:
        return select(*columns).where(
            model.tenant_id == request.tenant_id, model.request_id == request.id
        )

    return Past(
        **read_together(
            moves=select_all(model=RequestMove, request=request),
            audited=select(*audited)
            .where(
                A.tenant_id == request.tenant_id,
                A.object_id == request.id,
                A.name.in_(NAMES[actor.side]),
            )
            .order_by(A.at, A.id),
            approvals=select_all(model=Approval, request=request),
            documents=of(L, L.id, L.name),
            results=of(D, D.id, D.title.label("name")),
            followers=of(W, W.user_id.label("id"), W.name),
            staff=select(*people),
        )
    )
