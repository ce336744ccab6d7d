"""What one request's page shows, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.service_requests.links.queries import select_linked, with_merged
from app.service_requests.models import (
    Approval,
    ClientMessage,
    InternalNote,
    Question,
    RequestMove,
    Review,
    ServiceRequest,
)
from app.service_requests.queries import select_all, select_deliverables, select_files
from app.timesheets.queries import select_entries
from tenants.core.together import read_together
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything of one request's page; notes, reviews and time only for the provider's side."""

    messages: Sequence[ClientMessage]
    questions: Sequence[Question]
    moves: Sequence[RequestMove]
    files: Sequence[Any]
    deliverables: Sequence[Any]
    approvals: Sequence[Approval]
    time_entries: Sequence[Any]
    linked: Sequence[Any]
    notes: Sequence[InternalNote] = ()
    reviews: Sequence[Review] = ()


def get_conversation(*, actor: Actor, request: ServiceRequest) -> Conversation:
    parts = {
        "messages": select_all(model=ClientMessage, request=request, merged=True),
        "questions": select_all(model=Question, request=request, merged=True),
        "moves": select_all(model=RequestMove, request=request),
        "files": select_files(request_id=request.id),
        "deliverables": select_deliverables(actor=actor, request=request),
        "approvals": select_all(model=Approval, request=request),
        "time_entries": select_entries(request_ids=with_merged(request)),
        "linked": select_linked(actor=actor, request=request),
    }
    if actor.side == "provider":
        parts["notes"] = select_all(model=InternalNote, request=request, merged=True)
        parts["reviews"] = select_all(model=Review, request=request)
    return Conversation(**read_together(**parts))
