"""What arrives from Stripe: kept once, with a job that looks again. It is a hint, no more."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from billing.models import WebhookEvent
from tenants.core.db import db
from tenants.jobs import enqueue
from tenants.scoping import current_scope

Json = dict[str, Any]


def receive_event(*, event: Json, job: str = "billing.sync_customer") -> None:
    """Keep an event of the client in scope once, and look by job."""
    _keep(event, state="new")
    enqueue(
        job,
        queue="billing",
        key=f"event:{event['id']}",
        event_id=event["id"],
        max_attempts=12,
    )


def park_event(*, event: Json) -> None:
    """Nobody's: without a customer it is of no interest, with an unknown one somebody looks."""
    _keep(event, state="parked" if customer_of(event) else "ignored")


def subject_of(event: Json) -> Json:
    found: Json = (event.get("data") or {}).get("object") or {}
    return found


def customer_of(event: Json) -> str:
    """'' for an event that concerns no customer."""
    subject = subject_of(event) or event.get("related_object") or {}
    if subject.get("object") == "customer":
        return str(subject.get("id") or "")
    customer = subject.get("customer")
    return customer if isinstance(customer, str) else ""


def moment_of(event: Json) -> datetime:
    created = event.get("created")
    if isinstance(created, int):
        return datetime.fromtimestamp(created, UTC)
    return datetime.fromisoformat(str(created))


def _keep(event: Json, *, state: str) -> None:
    subject = subject_of(event)
    db.session.execute(
        insert(WebhookEvent)
        .values(
            livemode=bool(event["livemode"]),
            event_id=str(event["id"]),
            type=str(event["type"]),
            api_version=str(event.get("api_version") or ""),
            stripe_created=moment_of(event),
            object_type=str(subject.get("object") or ""),
            object_id=str(subject.get("id") or ""),
            customer_id=customer_of(event),
            owner_tenant=current_scope().tenant_id,
            payload=event,
            state=state,
        )
        .on_conflict_do_nothing()
    )
