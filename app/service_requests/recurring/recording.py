"""What became of a period, written down once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.service_requests.models import ServiceRequest
from app.service_requests.recurring import telling
from app.service_requests.recurring.models import Recurrence, RecurrenceInstance
from app.service_requests.recurring.rules import Planned
from tenants import audit
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Settled:
    state: str
    reason: str = ""
    words: str = ""
    request: ServiceRequest | None = None


def write_down(
    row: Recurrence, one: Planned, settled: Settled, *, actor: Actor, now: datetime
) -> RecurrenceInstance:
    request = settled.request
    instance = RecurrenceInstance(
        id=uuid7(), recurrence_id=row.id, revision=row.revision, period=one.period.name,
        about=one.about.name, item=row.item, title=request.title if request else row.title,
        due_on=one.due_on, raise_on=one.raise_on, state=settled.state,
        request_id=request.id if request else None, reason=settled.reason, words=settled.words,
        at=now, by_id=actor.user_id, by_name=actor.name,
    )  # fmt: skip
    db.session.add(instance)
    record(row, settled.state, actor=actor, now=now, period=one.period.name,
           reason=settled.reason, request=request.id if request else None)  # fmt: skip
    if settled.state == "blocked":
        telling.blocked(row, period=one.period.name, actor=actor)
    db.session.flush()
    return instance


def record(row: Recurrence, what: str, *, actor: Actor, now: datetime, **facts: Any) -> None:
    audit.record(
        f"service_requests.recurrence.{what}", actor=actor, now=now, object_type="recurrence",
        object_id=row.id, number=row.number, revision=row.revision, **facts,
    )  # fmt: skip
