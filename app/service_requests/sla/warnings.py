"""Warnings before a clock runs out: who is told grows with the share that is used."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.service_requests import telling
from app.service_requests.models import ServiceRequest
from app.service_requests.sla import caching, ledger
from app.service_requests.sla.clock import cycles
from app.service_requests.sla.models import SlaEvent
from app.service_requests.sla.queries import event_of, list_rows
from app.service_requests.transitions import OPEN
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

# At a time; the next run takes the rest.
MANY = 500
R, E = ServiceRequest, SlaEvent


def warn(*, actor: Actor, now: datetime) -> int:
    """Of the client in scope: whoever has to know that a clock passed a threshold is told once for
    each; answers how many requests there were. What somebody is working on waits for the next run."""
    found = _locked(R.warn_at <= now, by=R.warn_at)
    terms = get_terms(now) if found else None
    for request in found:
        assert terms is not None
        _warn(request, terms, actor=actor, now=now)
    return len(found)


def _locked(*conditions: ColumnElement[bool], by: Any = R.id) -> Sequence[ServiceRequest]:
    return (
        db.session.execute(
            select(R)
            .where(R.tenant_id == current_scope().tenant_id, *conditions)
            .order_by(by, R.id)
            .limit(MANY)
            .with_for_update(key_share=True, skip_locked=True)
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )


def _warn(request: ServiceRequest, terms: ContractTerms, *, actor: Actor, now: datetime) -> None:
    events = [event_of(row) for row in list_rows(request_id=request.id)]
    readings = caching.readings(request, events, terms, now)
    untold, told = caching.untold(request, events), dict(request.warned)
    for clock, reading in readings.items():
        share = caching.passed(reading, terms.calendar, now)
        if share in untold[clock]:
            run = len(cycles(events, clock))
            telling.clock_warning(request, clock=clock, share=share, run=run, actor=actor)
            untold[clock].remove(share)
            key = caching.run_key(events, clock)
            told[key] = [*told.get(key, ()), share]
    _note(request.id, told, caching.next_warning(readings, untold, terms.calendar, now))


def _note(request_id: UUID, told: dict[str, list[int]], following: datetime | None) -> None:
    """Past the version of the request: nobody's open form becomes stale by a warning."""
    table = R.__table__
    db.session.execute(
        update(R)
        .where(table.c.tenant_id == current_scope().tenant_id, table.c.id == request_id)
        .values(warn_at=following, warned=told)
        .execution_options(synchronize_session=False)
    )


def follow_contract(*, actor: Actor, now: datetime) -> int:
    """Open requests that are counted by another version of the contract than the one in force are
    counted anew from their start, and those from before there was a ledger get theirs; answers how
    many. What somebody is working on waits for the next run."""
    number = get_terms(now).number
    counted = (
        select(E.id)
        .where(E.tenant_id == current_scope().tenant_id, E.request_id == R.id)
        .correlate(R)
        .exists()
    )
    found = _locked(
        R.state.in_(OPEN),
        R.state != "delivered",
        or_(R.terms_number.is_distinct_from(number), ~counted),
    )
    for request in found:
        ledger.recompute(request, actor=actor, now=now)
    db.session.flush()
    return len(found)
