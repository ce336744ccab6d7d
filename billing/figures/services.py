"""What the provider's administrators set right: in the company's scope, or in the provider's own for
what is nobody's yet."""

from datetime import datetime

from sqlalchemy import text, update

from billing.models import METERS, UsageBucket
from billing.usage import hour_of
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

LONGEST_REASON = 500
B = UsageBucket


def look_again(*, actor: Actor, now: datetime) -> None:
    """Ledger, hours, Stripe and invoices of the company in scope, by a job; twice in a minute is
    once."""
    actor.require("provider.administer")
    enqueue("billing.reconcile", queue="billing", key=f"look-again:{now:%Y-%m-%dT%H:%M}")
    audit.record("billing.reconcile.asked", actor=actor, now=now, object_type="billing_account")


def send_rejected_again(*, meter: str, hour: datetime, actor: Actor, now: datetime) -> None:
    """An hour that Stripe refused goes there once more, by a job; an hour that isn't refused any
    more stays as it is."""
    actor.require("provider.administer")
    if meter not in METERS:
        raise NotFound
    place = f"{meter}:{hour_of(hour).isoformat()}"
    enqueue(
        "billing.send_rejected", queue="billing", key=f"rejected:{place}:{now:%Y-%m-%dT%H:%M}",
        meter=meter, hour=hour_of(hour).isoformat(),
    )  # fmt: skip
    audit.record(
        "billing.usage.sent_again", actor=actor, now=now, object_type="billing_account",
        meter=meter, hour=hour_of(hour).isoformat(),
    )  # fmt: skip


def release_hour(*, meter: str, hour: datetime) -> None:
    """Due again under its next revision."""
    db.session.execute(
        update(B)
        .where(
            B.tenant_id == scoped_tenant_id(), B.meter_key == meter, B.hour == hour,
            B.state == "rejected",
        )
        .values(state="dirty", revision=B.revision + 1, error="")
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def unpark(*, event_id: str, actor: Actor, now: datetime) -> None:
    """Its customer is known by now: the company hears of it as if it had come today."""
    actor.require("provider.administer")
    if not _count("SELECT unpark_event(:event)", event_id):
        raise Conflict(
            _m("Nobody's: no company has this customer of Stripe's. Link it first, or put the event aside."),
            code="unknown_customer",
        )  # fmt: skip
    audit.record("billing.event.unparked", actor=actor, now=now, object_type="webhook_event",
                 event=event_id)  # fmt: skip


def put_aside(*, event_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Nobody looks at it any more; the reason stays in the audit."""
    actor.require("provider.administer")
    if not reason.strip():
        raise Invalid(field_errors={"reason": [_m("Say why nobody needs to look at it.")]})
    if len(reason) > LONGEST_REASON:
        raise Invalid(field_errors={"reason": [_m("Use at most 500 characters.")]})
    if not _count("SELECT put_event_aside(:event)", event_id):
        raise NotFound
    audit.record("billing.event.put_aside", actor=actor, now=now, object_type="webhook_event",
                 event=event_id, reason=reason.strip())  # fmt: skip


def _count(statement: str, event_id: str) -> int:
    return int(db.session.execute(text(statement), {"event": event_id}).scalar_one())
