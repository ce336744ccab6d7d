"""Warnings before a clock runs out: who is told grows with the share that is used."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.service_requests import telling
from app.service_requests.models import ServiceRequest
from app.service_requests.sla import caching, ledger
from app.service_requests.sla.caching import THRESHOLDS
from app.service_requests.sla.clock import Reading, cycles
from app.service_requests.sla.queries import event_of, list_rows
from app.service_requests.transitions import OPEN
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

# At a time; the next run takes the rest.
MANY = 500
R = ServiceRequest


def warn(*, actor: Actor, now: datetime) -> int:
    """Of the client in scope: whoever has to know that a clock passed a threshold is told once for
    each; answers how many requests there were."""
    found = (
        db.session.execute(
            select(R)
            .where(R.tenant_id == current_scope().tenant_id, R.warn_at <= now)
            .order_by(R.warn_at, R.id)
            .limit(MANY)
        )
        .scalars()
        .all()
    )
    terms = get_terms(now) if found else None
    for request in found:
        assert terms is not None
        _warn(request, terms, actor=actor, now=now)
    return len(found)


def _warn(request: ServiceRequest, terms: ContractTerms, *, actor: Actor, now: datetime) -> None:
    events = [event_of(row) for row in list_rows(request_id=request.id)]
    readings = caching.readings(request, events, terms, now)
    for clock, reading in readings.items():
        run = len(cycles(events, clock))
        for share in _reached(reading, terms, since=request.warn_at or now, now=now):
            telling.clock_warning(request, clock=clock, share=share, run=run, actor=actor)
    _plan_next(request.id, caching.next_warning(readings, terms.calendar, now))


def _reached(
    reading: Reading, terms: ContractTerms, *, since: datetime, now: datetime
) -> Iterator[int]:
    """Only the highest of several that were passed since the last look."""
    if reading.state != "running" or reading.target is None:
        return
    passed = [
        share
        for share in THRESHOLDS
        if since <= caching.threshold_at(reading, share, terms.calendar) <= now
    ]
    yield from passed[-1:]


def _plan_next(request_id: UUID, at: datetime | None) -> None:
    """Past the version of the request: nobody's open form becomes stale by a warning."""
    table = R.__table__
    db.session.execute(
        update(R)
        .where(table.c.tenant_id == current_scope().tenant_id, table.c.id == request_id)
        .values(warn_at=at)
        .execution_options(synchronize_session=False)
    )


def follow_contract(*, actor: Actor, now: datetime) -> int:
    """Open requests that are counted by another version of the contract than the one in force are
    counted anew from their start; answers how many."""
    number = get_terms(now).number
    found = (
        db.session.execute(
            select(R)
            .where(
                R.tenant_id == current_scope().tenant_id,
                R.state.in_(OPEN),
                R.state != "delivered",
                R.terms_number.is_distinct_from(number),
            )
            .order_by(R.id)
            .limit(MANY)
        )
        .scalars()
        .all()
    )
    for request in found:
        ledger.recompute(request, actor=actor, now=now)
    db.session.flush()
    return len(found)
