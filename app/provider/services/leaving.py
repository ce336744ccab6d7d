"""A person of the provider leaves: access ends at once, the rest client by client."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.provider import queries
from app.provider.queries import Reach
from app.service_requests.queries import list_open_of_assignee
from app.service_requests.services.giving import give_new
from app.service_requests.services.work import hand_back
from app.tokens.services import end_tokens_of
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.jobs import ENDED
from tenants.models import Departure
from tenants.permissions import Actor
from tenants.queries import find_member_of_user
from tenants.services import grants, staff


@dataclass(frozen=True, slots=True)
class Closing:
    """One client's balance: what went in has ended, had ended before, or is left."""

    slug: str
    name: str
    code: str
    grants_in: int
    ended_before: int
    ended: int
    grants_left: int
    assignments_in: int
    handed_back: int
    assignments_left: int
    state: str

    @property
    def done(self) -> bool:
        return not self.grants_left and not self.assignments_left

    @property
    def stuck(self) -> bool:
        return not self.done and (self.state == "" or self.state in ENDED)


def leave(*, user_id: UUID, actor: Actor, now: datetime, request_id: str = "") -> Departure:
    """Their access ends with this transaction, their sessions too. One job a client then ends the
    grants and hands open work back. May run again: it takes up what is left."""
    actor.require("provider.administer")
    staff.hold_administrators(actor)
    was_here = queries.get_staff(user_id=user_id, lock=True).active
    staff.end_staff(user_id=user_id, actor=actor, now=now)
    earlier = queries.find_departure(user_id=user_id)
    reach = queries.list_reach(user_id=user_id)
    if earlier is not None and not was_here and not _to_do_again(earlier, reach):
        return earlier
    departure = Departure(
        id=uuid7(),
        user_id=user_id,
        started_at=now,
        started_by=actor.name,
        sessions_ended=_scalar(func.end_staff_sessions(user_id)),
        clients=[_kept(one) for one in reach],
    )
    db.session.add(departure)
    db.session.flush()
    waiting = [one.tenant_id for one in reach if one.open]
    _scalar(func.start_departure(user_id, departure.id, waiting, request_id))
    _scalar(func.pg_notify("jobs", ""))
    return departure


def end_at_client(*, user_id: UUID, actor: Actor, now: datetime) -> tuple[int, int]:
    """In one client's scope: how many grants ended, how many requests went back to the queue.
    Their tokens end, too, unless they are one of the client's own people."""
    ended = grants.end_grants_of(user_id=user_id, actor=actor, now=now)
    member = find_member_of_user(user_id=user_id)
    if member is None or not member.is_colleague:
        end_tokens_of(user_id=user_id, actor=actor, now=now)
    requests = list_open_of_assignee(user_id=user_id)
    for request in requests:
        hand_back(request=request, actor=actor, now=now)
        give_new(request_id=request.id, actor=actor, now=now)
    return ended, len(requests)


def closing_of(departure: Departure) -> list[Closing]:
    """What stood open when it began against what stands open now."""
    now = {str(one.tenant_id): one for one in queries.list_reach(user_id=departure.user_id)}
    states = queries.departure_states(departure_id=departure.id)
    return [
        _closing(before, now.get(before["tenant_id"]), states.get(UUID(before["tenant_id"]), ""))
        for before in departure.clients
    ]


def _closing(before: Mapping[str, Any], now: Reach | None, state: str) -> Closing:
    came_in = before["live"] + before["expired"] + before["ended"]
    left = now.unended if now else 0
    work_left = now.assignments if now else 0
    return Closing(
        slug=before["slug"],
        name=before["name"],
        code=before["code"],
        grants_in=came_in,
        ended_before=before["ended"],
        ended=max(came_in - before["ended"] - left, 0),
        grants_left=left,
        assignments_in=before["assignments"],
        handed_back=max(before["assignments"] - work_left, 0),
        assignments_left=work_left,
        state=state,
    )


def _to_do_again(departure: Departure, reach: list[Reach]) -> bool:
    """Something is left, and no job is on its way to end it."""
    open_ids = {one.tenant_id for one in reach if one.open}
    states = queries.departure_states(departure_id=departure.id)
    return any(states.get(one, "cancelled") in ENDED for one in open_ids)


def _kept(reach: Reach) -> dict[str, Any]:
    return {**asdict(reach), "tenant_id": str(reach.tenant_id)}


def _scalar(call: Any) -> Any:
    return db.session.execute(select(call)).scalar_one()
