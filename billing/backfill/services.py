"""What happened at Stripe while nothing of it reached us: asked for, and filed as if it had come. In
the provider's own scope; what it is about is told on to the companies by two functions of the
database that do nothing else."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from billing.backfill.models import BillingCursor
from billing.backfill.rules import place_of, provider_job, rejected_in
from billing.connection import gateway
from billing.gateway import API_VERSION, StripeRefused
from billing.inbox import customer_of, moment_of, subject_of
from billing.models import WebhookEvent
from billing.queries import find_customer_owner
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.jobs import wake_dispatcher
from tenants.scoping import scoped_tenant_id

Json = dict[str, Any]
EVENTS = "events"
# Stripe files some events late, and keeps them for thirty days.
OVERLAP, KEPT = timedelta(hours=1), timedelta(days=30)
CHUNK = 200
FILE = text("SELECT tenant_id FROM file_stripe_events(CAST(:events AS jsonb))")
TELL = text("SELECT tenant_id FROM tell_billing(CAST(:told AS jsonb))")


def since(*, now: datetime) -> datetime:
    """From when on Stripe is asked."""
    reached: datetime | None = db.session.execute(
        select(BillingCursor.reached_at).where(
            BillingCursor.tenant_id == scoped_tenant_id(), BillingCursor.name == EVENTS
        )
    ).scalar_one_or_none()
    return max(reached - OVERLAP, now - KEPT) if reached else now - KEPT


def call_events(*, since: datetime) -> list[list[Json]]:
    """All of them, in portions."""
    stamp = int(since.timestamp())
    thin = [event for event in gateway().thin_events_since(stamp) if provider_job(event)]
    found = [*gateway().events_since(stamp), *reversed(thin)]
    return [found[start : start + CHUNK] for start in range(0, len(found), CHUNK)]


def file_events(*, events: Sequence[Json]) -> int:
    """Answers how many were new and are somebody's."""
    rows = [_row(event) for event in events]
    added = db.session.execute(FILE, {"events": json.dumps(rows)}).all()
    if added:
        wake_dispatcher()
    return len(added)


def note_reached(*, at: datetime) -> None:
    row = insert(BillingCursor).values(
        tenant_id=scoped_tenant_id(), id=uuid7(), name=EVENTS, reached_at=at
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "name"], set_={"reached_at": row.excluded.reached_at}
        )
    )


def call_read_report(*, event_id: str, now: datetime) -> None:
    """Stripe names samples alone: the nightly sums find what it didn't name."""
    try:
        report = gateway().fetch_thin_event(event_id)
    except StripeRefused:
        # Older than Stripe keeps them: asking again changes nothing.
        report = {}
    by_tenant: dict[UUID, dict[str, str]] = {}
    for identifier, code in rejected_in(report).items():
        place = place_of(identifier)
        if place is not None:
            by_tenant.setdefault(place.tenant_id, {})[identifier] = code
    tell("billing.take_back_rejected", f"rejected:{event_id}",
         {tenant: {"identifiers": found} for tenant, found in by_tenant.items()})  # fmt: skip
    done(event_id=event_id, now=now)


def call_read_dispute(*, event_id: str, now: datetime) -> str:
    """Which company's payment it is about; '' once that is told, else whose nobody knows."""
    dispute = db.session.execute(
        select(WebhookEvent.object_id).where(WebhookEvent.event_id == event_id)
    ).scalar_one()
    invoice = gateway().disputed_invoice(dispute)
    owner = find_customer_owner(invoice["customer"]) if invoice else None
    done(event_id=event_id, now=now)
    if invoice is None or owner is None:
        return str(dispute)
    args = {"dispute": dispute, "invoice": invoice["id"]}
    tell("billing.note_dispute", f"dispute:{event_id}", {owner: args})
    return ""


def tell(job: str, key: str, args: Mapping[UUID, Json]) -> None:
    """A job in each of these companies, once for its key."""
    told = [
        {"tenant_id": str(tenant), "job": job, "key": key, "args": given}
        for tenant, given in args.items()
    ]
    if told and db.session.execute(TELL, {"told": json.dumps(told)}).all():
        wake_dispatcher()


def done(*, event_id: str, now: datetime) -> None:
    db.session.execute(
        update(WebhookEvent)
        .where(
            WebhookEvent.owner_tenant == scoped_tenant_id(),
            WebhookEvent.event_id == event_id,
            WebhookEvent.state == "new",
        )
        .values(state="done", done_at=now)
        .execution_options(synchronize_session=False)
    )


def _row(event: Json) -> Json:
    subject = subject_of(event)
    return {
        "livemode": bool(event["livemode"]),
        "event_id": event["id"],
        "type": event["type"],
        "api_version": event.get("api_version") or "",
        "ours": event.get("api_version") in (None, API_VERSION),
        "stripe_created": moment_of(event).astimezone(UTC).isoformat(),
        "object_type": str(subject.get("object") or ""),
        "object_id": str(subject.get("id") or ""),
        "customer_id": customer_of(event),
        "payload": event,
        "job": provider_job(event),
    }
