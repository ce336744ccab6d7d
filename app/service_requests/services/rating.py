"""How it went: asked once after closing, said by who was asked, and by nobody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from app.contracts.queries import get_terms
from app.service_requests import telling
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request_by_id
from app.service_requests.ratings.links import Claim, read, token_of
from app.service_requests.ratings.models import Rating, RatingInvitation
from app.service_requests.ratings.queries import (
    find_invitation,
    find_rating,
    get_rating,
    was_asked_since,
)
from app.service_requests.services.supervision import open_task
from tenants import audit, scoping
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.models import Member
from tenants.permissions import Actor
from tenants.queries import find_member_of_user
from tenants.services.checks import one_at_a_time

REST = timedelta(days=14)
ANSWERED_WITHIN = timedelta(days=30)
CHANGED_WITHIN = timedelta(days=7)
LOW = 2
_DEAD = _m("This link doesn't work any more. Sign in to see your requests.")


class RatingFinal(Conflict):
    code = "rating_final"
    message = _m("Your rating stands for longer than 7 days and can't be changed any more.")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a valid link opens: one request's rating by one person."""

    request: ServiceRequest
    member: Member
    asked_at: datetime
    rating: Rating | None


@dataclass(frozen=True, slots=True)
class Said:
    score: int
    comment: str = ""
    speed: int | None = None
    quality: int | None = None


def invite(*, request: ServiceRequest, user_id: UUID, actor: Actor, now: datetime) -> bool:
    """Nobody more often than once in 14 days, and who lost the line not at all. Closed once more
    after that, the same request is asked about again."""
    if actor.side != "system":
        raise Forbidden
    member = _member(request, user_id)
    if member is None or request.state != "closed":
        return False
    one_at_a_time(f"rating/{user_id}")
    if was_asked_since(user_id=user_id, since=now - REST):
        return False
    row = find_invitation(request_id=request.id, user_id=user_id)
    if row is None:
        row = RatingInvitation(id=uuid7(), request_id=request.id, user_id=user_id)
        db.session.add(row)
    row.at, row.expires_at = now, now + ANSWERED_WITHIN
    db.session.flush()
    telling.how_did_it_go(
        request, user_id=user_id, key=f"{row.id}:{now.isoformat()}",
        link=f"/rate/{token_of(claim_of(request, row))}", actor=actor,
    )  # fmt: skip
    return True


def claim_of(request: ServiceRequest, row: RatingInvitation) -> Claim:
    return Claim(request.tenant_id, request.id, row.user_id, row.expires_at)


def open_link(*, token: str, now: datetime) -> Opened:
    """Enters the client as the person whose link it is, for this request alone. NotFound for a
    foreign, changed or old link, and for one of somebody who may not see the request any more."""
    claim = read(token, now=now)
    if claim is None:
        raise NotFound(_DEAD)
    scoping.leave()
    scoping.enter(scoping.Scope(tenant_id=claim.tenant_id, user_id=claim.user_id, side="client"))
    invitation = find_invitation(request_id=claim.request_id, user_id=claim.user_id)
    if invitation is None:
        raise NotFound(_DEAD)
    request = get_request_by_id(request_id=claim.request_id)
    member = _member(request, claim.user_id)
    if member is None:
        raise NotFound(_DEAD)
    rating = find_rating(request_id=request.id, user_id=claim.user_id)
    return Opened(request, member, invitation.at, rating)


def rate(*, opened: Opened, said: Said, now: datetime) -> Rating:
    """The first time, or another word within 7 days; and anew by who was asked again since."""
    request, member = opened.request, opened.member
    row = find_rating(request_id=request.id, user_id=member.user_id, for_change=True)
    if row is None:
        row = Rating(
            id=uuid7(), request_id=request.id, user_id=member.user_id,
            user_name=member.display_name, rated_at=now,
        )  # fmt: skip
        db.session.add(row)
    elif opened.asked_at > row.rated_at:
        row.rated_at = now
    elif now - row.rated_at > CHANGED_WITHIN:
        raise RatingFinal
    row.score, row.comment, row.changed_at = said.score, said.comment, now
    row.speed, row.quality = said.speed, said.quality
    actor = Actor(
        user_id=member.user_id, name=member.display_name, side="client",
        tenant_id=request.tenant_id, role=member.role,
    )  # fmt: skip
    audit.record(
        "service_requests.request.rated", actor=actor, now=now, object_type="request",
        object_id=request.id, rating=row.id, score=said.score,
    )  # fmt: skip
    db.session.flush()
    if said.score <= LOW:
        enqueue("ratings.react", key=f"rated-low:{_occasion(row)}", rating_id=row.id)
    return row


def react(*, rating_id: UUID, actor: Actor, now: datetime) -> None:
    """A low score is looked at by a supervisor, once for each time that somebody was asked."""
    if actor.side != "system":
        raise Forbidden
    rating = get_rating(rating_id=rating_id)
    request = get_request_by_id(request_id=rating.request_id)
    new = open_task(
        request=request, kind="rating", about_id=_occasion(rating),
        calendar=get_terms(now).calendar, actor=actor, now=now,
    )  # fmt: skip
    if new:
        telling.rated_low(request, key=_occasion(rating), actor=actor)


def _occasion(rating: Rating) -> UUID:
    """One for a rating and its changes, another once it is given anew."""
    return uuid5(rating.id, str(rating.rated_at.timestamp()))


def _member(request: ServiceRequest, user_id: UUID) -> Member | None:
    member = find_member_of_user(user_id=user_id)
    if member is None or not member.takes_part(request.line):
        return None
    return member
