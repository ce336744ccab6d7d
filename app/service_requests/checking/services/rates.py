"""The rates that a supervisor sets. They hold at every client."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.catalogue.memory import ITEMS
from app.service_requests.checking.models import ReviewRate
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import list_staff


class AlwaysChecked(Conflict):
    code = "always_checked"
    message = _m(
        "The catalogue asks for a check of every result of this kind; no rate lowers that."
    )


class OwnRate(Forbidden):
    code = "own_rate"
    message = _m("How much of your own work is checked, another supervisor decides.")


def set_rate(
    *, actor: Actor, now: datetime, item: str, user_id: UUID | None, rate: int, reason: str
) -> ReviewRate:
    """Without a person for everybody. A later one stands instead."""
    actor.require("desk.supervise")
    assert actor.user_id is not None
    if item not in ITEMS:
        raise Invalid(field_errors={"item": [_m("Choose a kind of work.")]})
    if ITEMS[item].review == "always":
        raise AlwaysChecked(field_errors={"item": [AlwaysChecked.message]})
    if user_id == actor.user_id:
        raise OwnRate(field_errors={"operator": [OwnRate.message]})
    if user_id is not None and user_id not in {one.user_id for one in list_staff()}:
        raise Invalid(field_errors={"operator": [_m("Choose one of our operators.")]})
    row = db.session.execute(
        select(ReviewRate).where(
            ReviewRate.item == item, ReviewRate.user_id.is_not_distinct_from(user_id)
        )
    ).scalar_one_or_none()
    before = row.rate if row else None
    if row is None:
        row = ReviewRate(id=uuid7(), item=item, user_id=user_id)
        db.session.add(row)
    row.rate, row.reason, row.set_at = rate, reason, now
    row.set_by, row.set_by_name = actor.user_id, actor.name
    _record("set", row, actor, now, before=before)
    db.session.flush()
    return row


def take_back_rate(*, row: ReviewRate, actor: Actor, now: datetime) -> None:
    actor.require("desk.supervise")
    if row.user_id == actor.user_id:
        raise OwnRate
    _record("taken_back", row, actor, now, before=row.rate)
    db.session.delete(row)
    db.session.flush()


def _record(verb: str, row: ReviewRate, actor: Actor, now: datetime, *, before: int | None) -> None:
    audit.record(
        f"service_requests.review_rate.{verb}", actor=actor, now=now, object_type="review_rate",
        object_id=row.id, item=row.item, operator=row.user_id, rate=row.rate, before=before,
    )  # fmt: skip
