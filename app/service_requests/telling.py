"""Who is told by mail of what happens to a request: one table of its moves, one of what is said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.catalogue.memory import ITEMS
from app.notifications import audiences, waiting
from app.notifications.audiences import Audience
from app.notifications.services import tell
from app.service_requests.approvals.queries import list_delegates
from app.service_requests.documents.models import DocumentLine
from app.service_requests.documents.queries import find_open_line
from app.service_requests.models import NEVER, Question, ServiceRequest
from app.service_requests.queries import find_question, find_request_by_id
from app.service_requests.watchers.queries import watcher_ids
from tenants.core import clock
from tenants.permissions import Actor
from tenants.queries import get_tenant

Whom = Callable[[ServiceRequest], Audience | None]


def operators(request: ServiceRequest) -> Audience:
    return audiences.operators(request.line)


def reviewers(request: ServiceRequest) -> Audience:
    return audiences.operators(request.line, level="review").but(request.preparer_id)


def supervisors(request: ServiceRequest) -> Audience:
    return audiences.operators(request.line, level="review")


def approvers(request: ServiceRequest) -> Audience:
    also = list_delegates(line=request.line, now=clock.now())
    return audiences.approvers(request.line).plus(also, line=request.line)


def who_accepts_prices(request: ServiceRequest) -> Audience:
    """A price is the approvers' own to accept: their delegates decide on results only."""
    return audiences.approvers(request.line)


def client(request: ServiceRequest) -> Audience:
    """Everybody there who may answer."""
    return audiences.members(request.line)


def _followed(whom: Audience, request: ServiceRequest, side: str) -> Audience:
    return whom.plus(watcher_ids(request_id=request.id, side=side), line=request.line)


def client_if_raised_for_them(request: ServiceRequest) -> Audience | None:
    return who_raised(request) if request.raised_side == "provider" else None


def who_raised(request: ServiceRequest) -> Audience:
    """Or for whom it was raised; when that is nobody, or somebody who left, whoever of the client
    may read it."""
    person = request.raised_by if request.raised_side == "client" else request.requester_id
    if request.raised_by_guest:
        # Who follows what they asked; the company's own people answer for it.
        return _followed(client(request), request, "client")
    if person is None:
        return client(request)
    raised = audiences.people([person], line=request.line).or_else(client(request))
    return _followed(raised, request, "client")


def who_works(request: ServiceRequest) -> Audience:
    named = audiences.people([request.assignee_id], line=request.line)
    return _followed(named.or_else(operators(request)), request, "provider")


def who_prepared(request: ServiceRequest) -> Audience:
    named = audiences.people([request.preparer_id], line=request.line)
    return named.or_else(who_works(request))


def who_made_it(request: ServiceRequest) -> Audience:
    made = audiences.people([request.assignee_id, request.preparer_id], line=request.line)
    return _followed(made.or_else(operators(request)), request, "provider")


def assignee(request: ServiceRequest) -> Audience | None:
    if request.assignee_id is None:
        return None
    return audiences.people([request.assignee_id], line=request.line)


@dataclass(frozen=True, slots=True)
class Told:
    event: str
    whom: Whom
    due: bool = False


MOVES: Mapping[tuple[str, str], tuple[Told, ...]] = {
    ("raise", "new"): (
        Told("request.raised", operators, due=True),
        Told("request.raised_for_you", client_if_raised_for_them, due=True),
    ),
    ("submit", "in_review"): (Told("request.to_review", reviewers, due=True),),
    ("return", "in_progress"): (Told("request.returned", who_prepared, due=True),),
    ("pass", "awaiting_approval"): (Told("request.to_approve", approvers, due=True),),
    ("pass", "delivered"): (Told("request.delivered", who_raised),),
    ("approve", "delivered"): (
        Told("request.approved", who_made_it),
        Told("request.delivered", who_raised),
    ),
    ("refuse", "in_progress"): (Told("request.refused", who_made_it, due=True),),
    ("deliver", "awaiting_approval"): (Told("request.to_approve", approvers, due=True),),
    ("deliver", "delivered"): (Told("request.delivered", who_raised),),
    ("cancel", "cancelled"): (Told("request.cancelled", assignee),),
    ("plan", "planned"): (Told("request.planned", who_raised),),
    ("fall_due", "assigned"): (Told("request.day_has_come", who_works, due=True),),
    ("quote", "quote_needed"): (Told("request.quoted", who_accepts_prices),),
    ("accept_quote", "assigned"): (Told("request.quote_accepted", who_works, due=True),),
    ("accept_quote", "planned"): (Told("request.quote_accepted", who_works, due=True),),
    ("decline_quote", "cancelled"): (Told("request.quote_declined", who_works),),
    ("reject", "rejected"): (Told("request.rejected", who_raised),),
    ("reopen", "reopened"): (Told("request.reopened", who_made_it),),
}
# Beside those, where the provider decided.
DECIDED: Mapping[str, Told] = {"cancel": Told("request.cancelled", who_raised)}
# By the side that spoke.
MESSAGES: Mapping[str, Told] = {
    "client": Told("request.client_wrote", who_works),
    "provider": Told("request.provider_wrote", who_raised),
}


def moved(
    request: ServiceRequest, verb: str, target: str, *, move_id: UUID, actor: Actor, now: datetime
) -> None:
    for told in MOVES.get((verb, target), ()):
        _tell(told, request, key=move_id, actor=actor, state=target, since=now)
    if actor.side == "provider" and verb in DECIDED:
        _tell(DECIDED[verb], request, key=f"{move_id}:client", actor=actor)


def merged(request: ServiceRequest, into: ServiceRequest, *, actor: Actor) -> None:
    """Whoever asked for what ended so reads where it goes on."""
    told = Told("request.merged", who_raised)
    _tell(told, request, key=request.id, actor=actor, other=into.number)


def split(request: ServiceRequest, made: ServiceRequest, *, actor: Actor) -> None:
    told = Told("request.split", who_raised)
    _tell(told, made, key=made.id, actor=actor, other=request.number)


def wrote(request: ServiceRequest, *, message_id: UUID, actor: Actor) -> None:
    if actor.side in MESSAGES:
        _tell(MESSAGES[actor.side], request, key=message_id, actor=actor, place=f"#m-{message_id}")


def asked(request: ServiceRequest, question: Question, *, actor: Actor) -> None:
    _tell(
        Told("request.asked", client, due=True), request, key=question.id, actor=actor,
        place=f"#q-{question.id}", question=question.id,
    )  # fmt: skip


def answered(request: ServiceRequest, question: Question, *, actor: Actor) -> None:
    told = Told("request.answered", who_works)
    _tell(told, request, key=question.id, actor=actor, place=f"#q-{question.id}")


def documents_asked(request: ServiceRequest, *, list_id: UUID, count: int, actor: Actor) -> None:
    told = Told("request.documents_asked", client, due=True)
    _tell(
        told, request, key=list_id, actor=actor, place="#documents", documents=list_id, count=count
    )


def document_returned(request: ServiceRequest, *, line: DocumentLine, actor: Actor) -> None:
    told = Told("request.document_returned", client, due=True)
    _tell(told, request, key=line.list_id, actor=actor, place="#documents", documents=line.list_id)


def documents_given(request: ServiceRequest, *, list_id: UUID, actor: Actor) -> None:
    told = Told("request.documents_given", who_works)
    _tell(told, request, key=list_id, actor=actor, place="#documents")


def reminded(
    request: ServiceRequest, *, about: Mapping[str, Any], key: str, since: datetime, actor: Actor
) -> None:
    """`about` is {'question': id} or {'documents': id}."""
    told = Told("request.reminder", client, due=True)
    _tell(told, request, key=key, actor=actor, asked_at=since, **about)


def how_did_it_go(
    request: ServiceRequest, *, user_id: UUID, key: str, link: str, actor: Actor
) -> None:
    told = Told("request.rate", lambda row: audiences.people([user_id], line=row.line))
    _tell(told, request, key=key, actor=actor, link=link)


def rated_low(request: ServiceRequest, *, key: UUID, actor: Actor) -> None:
    told = Told("request.rated_low", supervisors)
    _tell(told, request, key=key, actor=actor)


def assigned(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Nobody is told of what they took themselves."""
    if request.assignee_id not in (None, actor.user_id):
        told = Told("request.assigned", assignee, due=True)
        _tell(told, request, key=f"{request.id}:{now.isoformat()}", actor=actor)


def to_approve_again(request: ServiceRequest, *, round_id: UUID, actor: Actor) -> None:
    told = Told("request.to_approve", approvers, due=True)
    _tell(told, request, key=round_id, actor=actor, state=request.state, since=request.state_since)


def approval_expired(request: ServiceRequest, *, round_id: UUID, actor: Actor) -> None:
    _tell(Told("request.approval_expired", who_made_it), request, key=round_id, actor=actor)


def contested(request: ServiceRequest, *, contest_id: UUID, actor: Actor) -> None:
    told = Told("request.pause_contested", reviewers)
    _tell(told, request, key=contest_id, actor=actor, place="/clock")


def contest_decided(request: ServiceRequest, *, contest_id: UUID, by: UUID | None,
                    actor: Actor) -> None:  # fmt: skip
    whom = audiences.people([by], line=request.line).or_else(client(request))
    told = Told("request.contest_decided", lambda _: whom)
    _tell(told, request, key=contest_id, actor=actor, place="/clock")


def clock_warning(
    request: ServiceRequest, *, clock: str, share: int, run: int, actor: Actor
) -> None:
    """Of a share of 50 the operator, of 75 the reviewers too, of 90 they alone, of 100 the
    provider's administrators with them."""
    audience = {
        50: (who_works,), 75: (who_works, reviewers), 90: (reviewers,), 100: (who_works, reviewers),
    }  # fmt: skip
    key = f"{request.id}:{clock}:{run}:{share}"
    event = f"request.{clock}_{'missed' if share == 100 else 'warning'}"
    for n, whom in enumerate(audience[share]):
        _tell(
            Told(event, whom, due=True), request, key=f"{key}:{n}", actor=actor, clock=clock,
            share=f"{share}\u00a0%",
        )  # fmt: skip
    if share == 100:
        tell(
            "clock.missed", audience=audiences.provider_administrators(), actor=actor, key=key,
            link=f"/provider/companies/{get_tenant().slug}", about=request.id,
            number=request.number,
        )  # fmt: skip


def _tell(
    told: Told, request: ServiceRequest, *, key: UUID | str, actor: Actor, place: str = "",
    link: str = "", **facts: Any,
) -> None:  # fmt: skip
    whom = told.whom(request)
    if whom is None:
        return
    item = ITEMS.get(request.item)
    tell(
        told.event,
        audience=whom,
        link=link or f"requests/{request.number}{place}",
        key=str(key),
        actor=actor,
        about=request.id,
        number=request.number,
        item=item.title if item else request.item,
        due=request.due_at if told.due else None,
        **facts,
    )


def still_waits(event: str, about: UUID, facts: Mapping[str, Any]) -> bool:
    """A question until it is answered or withdrawn; a state as long as it is the same one."""
    if facts.get("question"):
        question = find_question(request_id=about, question_id=UUID(facts["question"]))
        return question is not None and question.is_open
    if facts.get("documents"):
        listed = UUID(facts["documents"])
        return find_open_line(request_id=about, list_id=listed) is not None
    request = find_request_by_id(request_id=about)
    if request is not None and facts.get("clock"):
        return request.respond_by is not None if facts["clock"] == "first_response" else (
            request.breach_at < NEVER
        )  # fmt: skip
    return request is not None and (
        request.state == facts["state"]
        and request.state_since == datetime.fromisoformat(facts["since"])
    )


def init_telling() -> None:
    waiting.register("request", still_waits)
