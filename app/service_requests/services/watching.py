"""Following a request: told like who raised it, or like who works on it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.service_requests.models import ServiceRequest
from app.service_requests.watchers.models import Watcher
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import find_member_of_user, list_grants

ONE = ("tenant_id", "request_id", "user_id")


def watch(*, request: ServiceRequest, actor: Actor, now: datetime, user_id: UUID) -> None:
    """Oneself, or a colleague of one's own side who may see the request."""
    _require(request, actor)
    name = actor.name if user_id == actor.user_id else _colleague(request, actor, now, user_id)
    found = insert(Watcher).values(
        tenant_id=request.tenant_id, id=uuid7(), request_id=request.id, user_id=user_id,
        name=name, side=actor.side, added_by_name=actor.name, at=now,
    )  # fmt: skip
    came = db.session.execute(
        found.on_conflict_do_update(
            index_elements=ONE,
            set_={name: found.excluded[name] for name in ("name", "side", "added_by_name", "at")}
            | {"left_at": None},
            where=Watcher.left_at.is_not(None),
        ).returning(Watcher.id)
    ).scalar_one_or_none()
    if came is not None:
        _record("added", request, actor, now, user_id)


def unwatch(*, request: ServiceRequest, actor: Actor, now: datetime, user_id: UUID) -> None:
    """Anybody of one's own side; of the other side nobody."""
    _require(request, actor)
    left = db.session.execute(
        update(Watcher)
        .where(
            Watcher.tenant_id == request.tenant_id,
            Watcher.request_id == request.id,
            Watcher.user_id == user_id,
            Watcher.side == actor.side,
            Watcher.left_at.is_(None),
        )
        .values(left_at=now)
        .returning(Watcher.id)
    ).scalar_one_or_none()
    if left is not None:
        _record("removed", request, actor, now, user_id)


def follow_along(
    request: ServiceRequest, into: ServiceRequest, *, actor: Actor, now: datetime
) -> None:
    """Who followed what goes on in `into`, and for whom it was raised, follow that; nobody who
    stopped following there before. What they may see of it is asked when they are told."""
    found = db.session.execute(
        select(Watcher.user_id, Watcher.name, Watcher.side).where(
            Watcher.tenant_id == request.tenant_id,
            Watcher.request_id == request.id,
            Watcher.left_at.is_(None),
        )
    ).all()
    people = {row.user_id: (row.name, row.side) for row in found}
    asked = _who_asked(request)
    if asked is not None and asked != _who_asked(into):
        people.setdefault(asked[0], (asked[1], "client"))
    for user_id, (name, side) in people.items():
        came = db.session.execute(
            insert(Watcher)
            .values(
                tenant_id=into.tenant_id, id=uuid7(), request_id=into.id, user_id=user_id,
                name=name, side=side, added_by_name=actor.name, at=now,
            )
            .on_conflict_do_nothing(index_elements=ONE)
            .returning(Watcher.id)
        ).scalar_one_or_none()  # fmt: skip
        if came is not None:
            _record("added", into, actor, now, user_id, merged=request.number)


def _who_asked(request: ServiceRequest) -> tuple[UUID, str] | None:
    if request.raised_side == "client":
        return (request.raised_by, request.raised_by_name) if request.raised_by else None
    return (request.requester_id, request.requester_name) if request.requester_id else None


def _require(request: ServiceRequest, actor: Actor) -> None:
    if actor.side not in ("client", "provider") or actor.user_id is None:
        raise Forbidden
    actor.require("guest.ask" if actor.is_guest else "request.read", request.line)


def _colleague(request: ServiceRequest, actor: Actor, now: datetime, user_id: UUID) -> str:
    if actor.side == "client":
        member = find_member_of_user(user_id=user_id)
        if member and member.takes_part(request.line):
            return member.display_name
    else:
        for grant in list_grants(live_at=now, user_id=user_id):
            if grant.line == request.line:
                return grant.display_name
    raise Invalid(field_errors={"user_id": [
        _m("This person may not see the request: they don't take part in its service line.")
    ]})  # fmt: skip


def _record(
    verb: str, request: ServiceRequest, actor: Actor, now: datetime, user_id: UUID, **facts: object
) -> None:
    audit.record(
        f"service_requests.watcher.{verb}", actor=actor, now=now, object_type="request",
        object_id=request.id, watcher=user_id, **facts,
    )  # fmt: skip
