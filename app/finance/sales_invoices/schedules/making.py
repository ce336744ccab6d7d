"""The drafts of invoices that come again: one for each of their days, however often this runs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.directory.queries import get_current_party
from app.finance.sales_invoices.models import SalesInvoice
from app.finance.sales_invoices.schedules import queries, services
from app.finance.sales_invoices.schedules.keeping import note_made, span_on, wish_on
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from app.finance.sales_invoices.services import drafting, validating
from app.finance.sales_invoices.services.settings import NoSettings
from app.notifications import audiences
from app.notifications.services import tell
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden
from tenants.permissions import Actor

# Asked for at validation in any case: of a foreign currency it is the day's.
_LATER = "rate"


def look(*, period: str, actor: Actor, now: datetime) -> int:
    """Every day: a job for each schedule with something due, so that none holds up another. Answers
    how many. `period` is the day that it is done for."""
    if actor.side != "system":
        raise Forbidden
    due = queries.list_due(today=services.local_day(now))
    for schedule_id in due:
        services.start_making(schedule_id, key=period)
    return len(due)


def make_due(*, schedule_id: UUID, actor: Actor, now: datetime) -> int:
    """All that is due, in order, also what was missed; how many drafts there are more. Where one
    can't be made, the later ones wait for it."""
    if actor.side != "system":
        raise Forbidden
    # Others wait here until this is through, and then find nothing left.
    row = queries.get_schedule(schedule_id=schedule_id, for_change=True)
    today, made = services.local_day(now), 0
    while not row.paused and row.ended_at is None and row.next_on and row.next_on <= today:
        day = row.next_on
        draft = _make(row, day, actor, now)
        if draft is None:
            break
        note_made(row, day)
        row.next_on = queries.days_of(row).after(day)
        row.made += 1
        made += 1
        _note(row, day, "incomplete" if _incomplete(draft, now) else "", actor)
    db.session.flush()
    return made


def _make(row: InvoiceSchedule, day: date, actor: Actor, now: datetime) -> SalesInvoice | None:
    if _archived(row):
        _note(row, day, "archived", actor)
        return None
    try:
        with db.session.begin_nested():
            draft = drafting.create_draft(
                wish=wish_on(row, day), actor=actor, now=now,
                source_key=queries.source_of(row.id, day, span_on(row, day).first),
            )  # fmt: skip
    except CoulisseError:
        _note(row, day, "refused", actor)
        return None
    audit.record(
        "finance.invoice_schedule.made", actor=actor, now=now, object_type=services.OBJECT,
        object_id=row.id, day=day.isoformat(), invoice=draft.id,
    )  # fmt: skip
    return draft


def _archived(row: InvoiceSchedule) -> bool:
    if row.customer_id is None:
        return False
    return get_current_party(party_id=row.customer_id).archived_at is not None


def _incomplete(draft: SalesInvoice, now: datetime) -> bool:
    try:
        _, found = validating.preview(draft, now=now)
    except NoSettings:
        return True
    return any(field != _LATER for field, _ in found)


def _note(row: InvoiceSchedule, day: date, problem: str, actor: Actor) -> None:
    """Of each day once, whatever runs again."""
    row.problem = problem
    if not problem:
        return
    tell(
        "invoice_schedule.incomplete" if problem == "incomplete" else "invoice_schedule.waits",
        audience=audiences.operators("finance"), actor=actor, key=f"{row.id}:{day}:{problem}",
        link=f"sales-invoices/recurring/{row.id}", about=row.id,
    )  # fmt: skip
