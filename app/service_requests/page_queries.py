"""What one request's page shows, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.contracts.queries import select_terms
from app.playbooks.models import Playbook
from app.playbooks.queries import select_for_work
from app.service_requests.approvals.models import ApprovalRound
from app.service_requests.approvals.queries import select_open_round
from app.service_requests.checking.models import ReviewDraw, ReviewFinding
from app.service_requests.checking.queries import select_draws, select_findings
from app.service_requests.checklists.models import ChecklistStep
from app.service_requests.checklists.queries import select_steps
from app.service_requests.client_time import select_shown_entries, select_shown_sums
from app.service_requests.documents.models import DocumentLine
from app.service_requests.documents.queries import select_lines
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
from app.service_requests.ratings.models import Rating
from app.service_requests.ratings.queries import select_ratings
from app.service_requests.sla.models import SlaEvent
from app.service_requests.sla.queries import select_rows
from app.service_requests.supervision.models import SupervisorTask
from app.service_requests.supervision.queries import select_tasks
from app.service_requests.watchers.queries import select_watchers
from app.timesheets.queries import select_entries
from tenants.core.together import read_together
from tenants.models import Member
from tenants.permissions import Actor
from tenants.queries import select_members


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything of one request's page; what has a default is for the provider's side only, ratings
    for closed requests, `time_sums` for the client."""

    messages: Sequence[ClientMessage]
    questions: Sequence[Question]
    moves: Sequence[RequestMove]
    files: Sequence[Any]
    deliverables: Sequence[Any]
    approvals: Sequence[Approval]
    time_entries: Sequence[Any]
    linked: Sequence[Any]
    ledger: Sequence[SlaEvent]
    terms: Sequence[Any]
    documents: Sequence[DocumentLine]
    watchers: Sequence[Any]
    rounds: Sequence[ApprovalRound]
    ratings: Sequence[Rating] = ()
    notes: Sequence[InternalNote] = ()
    reviews: Sequence[Review] = ()
    tasks: Sequence[SupervisorTask] = ()
    findings: Sequence[ReviewFinding] = ()
    draws: Sequence[ReviewDraw] = ()
    steps: Sequence[ChecklistStep] = ()
    playbooks: Sequence[Playbook] = ()
    members: Sequence[Member] = ()
    time_sums: Sequence[Any] = ()


def get_conversation(*, actor: Actor, request: ServiceRequest, now: datetime) -> Conversation:
    parts = {
        "messages": select_all(model=ClientMessage, request=request, merged=True),
        "questions": select_all(model=Question, request=request, merged=True),
        "moves": select_all(model=RequestMove, request=request),
        "files": select_files(request_id=request.id),
        "deliverables": select_deliverables(actor=actor, request=request),
        "approvals": select_all(model=Approval, request=request),
        "linked": select_linked(actor=actor, request=request),
        "documents": select_lines(request_id=request.id),
        "watchers": select_watchers(request=request, now=now),
        "rounds": select_open_round(request_id=request.id),
        "ledger": select_rows(request_id=request.id),
        "terms": select_terms(now),
    }
    if request.state == "closed":
        parts["ratings"] = select_ratings(request_id=request.id)
    if actor.side == "provider":
        parts["time_entries"] = select_entries(request_ids=with_merged(request))
        parts["notes"] = select_all(model=InternalNote, request=request, merged=True)
        parts["reviews"] = select_all(model=Review, request=request)
        parts["findings"] = select_findings(request_id=request.id)
        parts["draws"] = select_draws(request_id=request.id)
        parts["tasks"] = select_tasks(request_id=request.id)
        parts["steps"] = select_steps(request_id=request.id)
        parts["playbooks"] = select_for_work(line=request.line, item=request.item)
        parts["members"] = select_members(with_guests=True)
    else:
        parts["time_entries"] = select_shown_entries(request=request, now=now)
        parts["time_sums"] = select_shown_sums(request=request, now=now)
    return Conversation(**read_together(**parts))
