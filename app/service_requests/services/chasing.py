"""Reminding the client of what is open, and giving it to a supervisor when that doesn't help."""

from datetime import datetime

from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.service_requests import telling
from app.service_requests.queries import get_request_by_id
from app.service_requests.reminders import rules
from app.service_requests.reminders.models import Reminder
from app.service_requests.reminders.queries import Waiting, last_steps, list_waiting
from app.service_requests.services.supervision import close_answered, open_task
from app.service_requests.supervision.queries import chased_already
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.core.ids import uuid7
from tenants.permissions import Actor


def chase(*, actor: Actor, now: datetime) -> int:
    """Only while the client's calendar is open; answers how many were reminded of. Steps that were
    missed while nothing ran are not made up for: one mail says enough. At any hour supervisors are
    rid of what was answered."""
    if actor.side != "system":
        raise Forbidden
    close_answered(actor=actor, now=now)
    terms = get_terms(now)
    if not terms.calendar.is_open(now):
        return 0
    found = list_waiting()
    if not found:
        return 0
    about_ids = [one.about_id for one in found]
    sent, known = last_steps(about_ids=about_ids), chased_already(about_ids=about_ids)
    count = 0
    for one in found:
        last = sent.get(one.about_id, -1)
        step = _step_due(one, last, terms, now)
        if step is not None:
            _remind(one, step, actor=actor, now=now)
            count += 1
        elif one.about_id not in known and _is_given_up(one, last, terms, now):
            _give_up(one, terms, actor=actor, now=now)
    return count


def _step_due(one: Waiting, last: int, terms: ContractTerms, now: datetime) -> int | None:
    step = rules.due_step(
        asked_at=one.asked_at, days=sorted(terms.reminder_days), calendar=terms.calendar, now=now
    )
    return step if step is not None and step > last else None


def _is_given_up(one: Waiting, last: int, terms: ContractTerms, now: datetime) -> bool:
    days = terms.reminder_days
    at = rules.supervisor_at(asked_at=one.asked_at, days=days, calendar=terms.calendar)
    return at is not None and last >= len(days) - 1 and now >= at


def _give_up(one: Waiting, terms: ContractTerms, *, actor: Actor, now: datetime) -> None:
    open_task(
        request=get_request_by_id(request_id=one.request_id), kind="chased", about_id=one.about_id,
        calendar=terms.calendar, actor=actor, now=now,
    )  # fmt: skip


def _remind(one: Waiting, step: int, *, actor: Actor, now: datetime) -> None:
    request = get_request_by_id(request_id=one.request_id)
    row = Reminder(
        id=uuid7(), request_id=request.id, kind=one.kind, about_id=one.about_id, step=step, at=now
    )
    db.session.add(row)
    audit.record(
        "service_requests.client.reminded", actor=actor, now=now, object_type="request",
        object_id=request.id, about=one.about_id, step=step,
    )  # fmt: skip
    telling.reminded(
        request, about={one.kind: one.about_id}, key=f"{one.about_id}:{step}",
        since=one.asked_at, actor=actor,
    )  # fmt: skip
    db.session.flush()
