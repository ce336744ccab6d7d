"""An invoice that is sent by mail waits some seconds before it leaves. Until then nothing was said to
anybody, and it can be taken back; that both happened stays in its history."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from app.finance.sales_invoices import queries
from app.finance.sales_invoices.models import InvoiceStanding
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.drafting import WORK
from app.finance.sales_invoices.services.sending import (
    NotSendable,
    require_sendable,
    send_invoice,
    stay,
)
from app.finance.sales_invoices.services.validating import note_event
from app.finance.sales_invoices.transitions import MoveRefused
from app.notifications.audiences import operators, people
from app.notifications.services import tell
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor

# What has not left by then does not leave any more: its job broke, or the company stood still.
LEAVES_WITHIN = timedelta(minutes=10)


class LeavesAlready(Conflict):
    code = "invoice_leaves_already"
    message = _m("It is about to leave already.")


class LeftAlready(Conflict):
    code = "invoice_left"
    message = _m("This invoice has left already.")


def hold_invoice(
    *, invoice_id: UUID, to: str, actor: Actor, now: datetime, leaves_at: datetime
) -> Kept:
    """`leaves_at` is by the machine's clock, as jobs are."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    standing = kept.standing
    if is_leaving(standing, leaves_at):
        raise LeavesAlready
    to = require_sendable(kept, to)
    standing.leaves_at, standing.leaves_to, standing.leaves_by_name = leaves_at, to, actor.name
    standing.version += 1
    enqueue(
        "sales_invoices.send_held", queue="interactive", run_at=leaves_at, actor_id=actor.user_id,
        key=f"sales_invoice.held:{invoice_id}:{leaves_at.isoformat()}",
        invoice_id=invoice_id, leaves_at=leaves_at.isoformat(), actor_name=actor.name,
    )  # fmt: skip
    _note("leaving", kept, actor, now, to=to)
    return kept


def take_back(*, invoice_id: UUID, actor: Actor, now: datetime) -> Kept:
    """Whoever works on invoices here may, not its sender alone."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    if kept.standing.leaves_at is None:
        raise LeftAlready
    stay(kept.standing)
    kept.standing.version += 1
    _note("taken_back", kept, actor, now)
    return kept


def is_leaving(standing: InvoiceStanding, real_now: datetime) -> bool:
    return standing.leaves_at is not None and real_now - standing.leaves_at < LEAVES_WITHIN


def send_held(
    *, invoice_id: UUID, leaves_at: datetime, actor: Actor, now: datetime, real_now: datetime
) -> bool:
    """Whoever sent it had the right then. One that can't leave any more stays: its history says so,
    and its sender is told."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    if kept.standing.leaves_at != leaves_at:
        return False
    to, in_time = kept.standing.leaves_to, is_leaving(kept.standing, real_now)
    stay(kept.standing)
    try:
        require_sendable(kept, to)
    except (NotSendable, MoveRefused, Invalid):
        in_time = False
    if not in_time:
        kept.standing.version += 1
        _note("not_sent", kept, actor, now)
        tell(
            "sales_invoice.not_sent", key=f"{invoice_id}:{leaves_at.isoformat()}", actor=actor,
            audience=people([actor.user_id], line="finance").or_else(operators("finance")),
            link=f"sales-invoices/{invoice_id}", about=invoice_id, number=kept.invoice.number,
        )  # fmt: skip
        return False
    send_invoice(invoice_id=invoice_id, to=to, actor=actor, now=now)
    return True


def _note(verb: str, kept: Kept, actor: Actor, now: datetime, **facts: str) -> None:
    kept.standing.changed_at = now
    note_event(kept.invoice.id, verb, actor.name, now, **facts)
    audit.record(
        f"finance.sales_invoice.{verb}", actor=actor, now=now, object_type="sales_invoice",
        object_id=kept.invoice.id,
    )  # fmt: skip
    db.session.flush()
