"""Invoices that come again: begun, changed, paused, ended."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.years import out_of_range
from app.finance.sales_invoices import customers
from app.finance.sales_invoices import queries as invoices
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.schedules import placeholders, queries
from app.finance.sales_invoices.schedules.keeping import (
    counted_from,
    covered_until,
    next_period,
    span_on,
    stored,
)
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from app.finance.sales_invoices.schedules.recurrence import Days, day_about
from app.finance.sales_invoices.services.correcting import CREDIT_NOTE, INVOICE
from app.finance.sales_invoices.services.drafting import MOST_LINES, WORK, Wish, wish_of
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.scoping import current_scope

OBJECT = "invoice_schedule"
MOST_OF_TEXT = {"name": 300, "description": 2000, "item": 100, "note": 2000, "payment_terms": 500}


class ScheduleChanged(Conflict):
    code = "invoice_schedule_changed"
    message = _m(
        "Somebody changed this recurring invoice in the meantime. Look at it again, then go on."
    )


class ScheduleEnded(Conflict):
    code = "invoice_schedule_ended"
    message = _m("This recurring invoice has ended. Begin a new one.")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """When it comes, and which months its texts are about."""

    name: str
    months: int
    day: int
    starts_on: date
    ends_on: date | None = None
    about: str = "begins"
    says_period: bool = True


def begin(*, terms: Terms, wish: Wish, actor: Actor, now: datetime) -> InvoiceSchedule:
    """What lies before today isn't made up for."""
    actor.require(WORK, "finance")
    row = InvoiceSchedule(
        id=uuid7(), tenant_id=current_scope().tenant_id, version=1, made=0, paused=False,
        problem="",
    )  # fmt: skip
    _write(row, terms, wish, actor, now)
    row.next_on = queries.days_of(row).first(local_day(now))
    if row.next_on is None:
        raise Invalid(field_errors={"ends_on": [_m("No invoice falls due until then.")]})
    db.session.add(row)
    db.session.flush()
    _said("begun", row, actor, now)
    _hurry(row, now)
    return row


def change(
    *, schedule_id: UUID, terms: Terms, wish: Wish, expected_version: int, actor: Actor,
    now: datetime,
) -> InvoiceSchedule:  # fmt: skip
    """What waits for being made still is, by the new days. A changed rhythm begins with the period
    that would have come next: none is left out and none comes twice."""
    row = _open(schedule_id, expected_version, actor)
    waiting, customer_id, following = row.next_on, row.customer_id, next_period(row)
    before, started = _rhythm(row), row.starts_on
    _write(row, terms, wish, actor, now)
    row.version += 1
    if _rhythm(row) != before:
        begins = _begins(row, following, moved=row.starts_on != started)
        row.wish = row.wish | {"counts_from": begins.isoformat() if begins else None}
        waiting = min(filter(None, (waiting, begins)), default=None)
    since = min(waiting, local_day(now)) if waiting else local_day(now)
    row.next_on = _first(row, since)
    if row.problem == "refused" or (row.problem == "archived" and row.customer_id != customer_id):
        row.problem = ""
    db.session.flush()
    _said("changed", row, actor, now)
    _hurry(row, now)
    return row


def pause(*, schedule_id: UUID, expected_version: int, actor: Actor, now: datetime) -> None:
    row = _open(schedule_id, expected_version, actor)
    if row.paused:
        return
    _mark(row, actor, now, paused=True)
    _said("paused", row, actor, now)


def resume(*, schedule_id: UUID, expected_version: int, actor: Actor, now: datetime) -> None:
    """From today on: what fell due meanwhile isn't made."""
    row = _open(schedule_id, expected_version, actor)
    if not row.paused:
        return
    _mark(row, actor, now, paused=False, next_on=_first(row, local_day(now)))
    _said("resumed", row, actor, now)
    _hurry(row, now)


def end(*, schedule_id: UUID, expected_version: int, actor: Actor, now: datetime) -> None:
    """For good; what it made stays."""
    row = _open(schedule_id, expected_version, actor)
    _mark(row, actor, now, ended_at=now, next_on=None, problem="")
    _said("ended", row, actor, now)


def retry(*, schedule_id: UUID, actor: Actor, now: datetime) -> None:
    """Of one that stands still: at once, not with tomorrow's round."""
    actor.require(WORK, "finance")
    row = queries.get_schedule(schedule_id=schedule_id, for_change=True)
    if row.state == "waits":
        start_making(row.id, key=f"again:{now.isoformat(timespec='minutes')}")


def wish_from(*, invoice_id: UUID, actor: Actor) -> Wish:
    """An invoice as it would come again: without its dates and what it deducts."""
    actor.require(WORK, "finance")
    row = invoices.get_invoice(invoice_id=invoice_id).invoice
    if row.type == CREDIT_NOTE:
        raise Conflict(_m("A credit note doesn't come again."), code="not_recurring")
    wish = wish_of(row)
    content = replace(
        wish.content, deposits=(), reason="", delivered_on=None, period_start=None,
        period_end=None,
    )  # fmt: skip
    return replace(wish, type=INVOICE, content=content, issued_on=None, due_on=None, rate=None)


def local_day(now: datetime) -> date:
    return now.astimezone(ZoneInfo(get_tenant().time_zone)).date()


def start_making(schedule_id: UUID, *, key: str) -> None:
    enqueue(
        "sales_invoices.make_scheduled", key=f"invoice_schedule:{schedule_id}:{key}",
        schedule_id=schedule_id,
    )  # fmt: skip


def _open(schedule_id: UUID, expected_version: int, actor: Actor) -> InvoiceSchedule:
    actor.require(WORK, "finance")
    row = queries.get_schedule(schedule_id=schedule_id, for_change=True)
    if row.ended_at is not None:
        raise ScheduleEnded
    if row.version != expected_version:
        raise ScheduleChanged
    return row


def _rhythm(row: InvoiceSchedule) -> tuple[int, int, str, date]:
    return row.months, row.day, row.about, row.starts_on


def _begins(row: InvoiceSchedule, following: date | None, *, moved: bool) -> date | None:
    """The day of the first invoice of a changed rhythm; None where its first days are counted from
    `starts_on`: that was moved to a later period, or nothing was made and it lies before that."""
    if following is None:
        return None
    found = day_about(following, months=row.months, day=row.day, about=row.about)
    if covered_until(row) is None and (moved or found < row.starts_on):
        return None
    if moved:
        first = Days(row.months, row.day, row.starts_on).first(row.starts_on)
        if first is not None and span_on(row, first).first >= following:
            return None
    return found


def _first(row: InvoiceSchedule, since: date) -> date | None:
    """The first day whose period begins after all that drafts were made for."""
    until = covered_until(row)
    return next(
        (
            one for one in queries.days_of(row).since(since)
            if until is None or span_on(row, one).first > until
        ),
        None,
    )  # fmt: skip


def _hurry(row: InvoiceSchedule, now: datetime) -> None:
    """What is due already doesn't wait for tomorrow's round."""
    if row.state in ("active", "waits") and row.next_on and row.next_on <= local_day(now):
        start_making(row.id, key=f"v{row.version}")


def _write(row: InvoiceSchedule, terms: Terms, wish: Wish, actor: Actor, now: datetime) -> None:
    _check(terms, wish)
    until, counts_from = covered_until(row), counted_from(row)
    for one in fields(terms):
        setattr(row, one.name, getattr(terms, one.name))
    buyer = customers.get_buyer(wish.customer_id) if wish.customer_id else None
    row.customer_id = buyer.id if buyer else None
    row.customer_name = (
        buyer.party.name if buyer else wish.content.buyer.name if wish.content.buyer else ""
    )
    row.wish = stored(wish, covered_until=until, counts_from=counts_from)
    row.changed_by_name, row.changed_at = actor.name, now


def _mark(row: InvoiceSchedule, actor: Actor, now: datetime, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.changed_by_name, row.changed_at = actor.name, now
    db.session.flush()


def _check(terms: Terms, wish: Wish) -> None:
    errors = _wrong_days(terms)
    if not 1 <= len(terms.name) <= 120:
        errors["name"] = [_m("Please fill in this field.")]
    if wish.type != INVOICE or wish.form not in FORMS:
        errors["form"] = [_m("Choose one of the list.")]
    if not 1 <= len(wish.content.lines) <= MOST_LINES:
        errors["lines"] = [_m("An invoice has at least one line.")]
    if wish.customer_id is None and wish.content.buyer is None:
        errors["customer"] = [_m("Choose a customer.")]
    errors |= wrong_texts(wish.content)
    if errors:
        raise Invalid(field_errors=errors)


def _wrong_days(terms: Terms) -> dict[str, list[str]]:
    errors = out_of_range(starts_on=terms.starts_on, ends_on=terms.ends_on)
    if not errors and terms.ends_on is not None and terms.ends_on < terms.starts_on:
        errors["ends_on"] = [_m("It can't end before it begins.")]
    return errors


def wrong_texts(content: Draft) -> dict[str, list[str]]:
    """Placeholders that don't exist, and texts that get too long; of lines the first one."""
    errors = {
        name: [found]
        for name in placeholders.TEXTS
        if (found := wrong_text(name, getattr(content, name)))
    }
    for line in content.lines:
        for part in placeholders.LINE_TEXTS:
            if found := wrong_text(part, getattr(line, part)):
                errors.setdefault("lines", [found])
    return errors


def wrong_text(part: str, text: str) -> str:
    found = placeholders.wrong_in(text)
    if not found and placeholders.longest(text) > MOST_OF_TEXT.get(part, 300):
        found = _m("With its placeholders filled in this gets too long.")
    return found


def _said(verb: str, row: InvoiceSchedule, actor: Actor, now: datetime) -> None:
    audit.record(
        f"finance.invoice_schedule.{verb}", actor=actor, now=now, object_type=OBJECT,
        object_id=row.id, version=row.version,
        next_on=row.next_on.isoformat() if row.next_on else "",
    )  # fmt: skip
