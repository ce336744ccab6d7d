"""Hour totals on their way to Stripe: claimed and committed, then sent, then noted as sent.

A crash at any point repeats the same revision under the same identifier, which Stripe takes once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, or_, select, text, tuple_, update

from billing import queries
from billing.gateway import StripeGateway, StripeRefused
from billing.models import ENDED, UsageBucket
from billing.usage import hour_of
from tenants.core.db import db
from tenants.scoping import current_scope

CHUNK = 100
# An hour is left alone while it is young, since every change of it is a call.
YOUNG = timedelta(minutes=5)
# One sender per client: the later of two revisions is then the last that Stripe hears.
ONE_SENDER = text("SELECT pg_advisory_xact_lock(hashtextextended(:tenant, 7))")
B = UsageBucket


@dataclass(frozen=True, slots=True)
class Claim:
    customer: str
    meter: str
    hour: datetime
    total: int
    revision: int
    identifier: str

    @property
    def timestamp(self) -> int:
        """Inside the hour, and rising with the revision."""
        return int(self.hour.timestamp()) + min(self.revision, 3599)


def claim(
    *, now: datetime, flush: bool = False, after: tuple[datetime, str] | None = None
) -> list[Claim]:
    """What is due, oldest first; with `flush` the hours that still run as well. Hours before the
    subscription are settled without sending: nobody is billed for them."""
    account, subscription = queries.find_account(), queries.find_subscription()
    if account is None or account.stripe_customer_id is None or subscription is None:
        return []
    if subscription.status in ENDED:
        return []
    tenant_id = current_scope().tenant_id
    db.session.execute(
        update(B)
        .where(
            B.tenant_id == tenant_id,
            B.state == "dirty",
            B.hour < hour_of(subscription.started_at),
        )
        .values(state="closed", error="before_subscription")
        .execution_options(synchronize_session=False)
    )
    query = select(B).where(B.tenant_id == tenant_id, B.state.in_(("dirty", "sending")))
    if not flush:
        query = query.where(B.hour < now - YOUNG)
    if after is not None:
        query = query.where(tuple_(B.hour, B.meter_key) > after)
    buckets = (
        db.session.execute(query.order_by(B.hour, B.meter_key).limit(CHUNK).with_for_update())
        .scalars()
        .all()
    )
    for bucket in buckets:
        bucket.state = "sending"
        bucket.identifier = _identifier(bucket)
    db.session.flush()
    return [
        Claim(account.stripe_customer_id, b.meter_key, b.hour, b.total, b.revision, b.identifier)
        for b in buckets
    ]


def send(gateway: StripeGateway, claimed: Claim, *, now: datetime) -> None:
    """One call; StripeUnavailable leaves the hour due."""
    tenant_id = current_scope().tenant_id
    db.session.execute(ONE_SENDER, {"tenant": str(tenant_id)})
    here = (B.tenant_id == tenant_id, B.meter_key == claimed.meter, B.hour == claimed.hour)
    current = db.session.execute(
        select(B.identifier).where(*here, B.sent_revision < claimed.revision)
    ).scalar_one_or_none()
    if current != claimed.identifier:
        # a later revision, or another sender, took care of it
        return
    try:
        gateway.send_meter_event(
            claimed.meter,
            claimed.customer,
            claimed.total,
            claimed.identifier,
            claimed.timestamp,
            claimed.identifier,
        )
    except StripeRefused as refusal:
        early = refusal.code == "timestamp_in_future"
        values: dict[str, Any] = {"state": "dirty" if early else "rejected", "error": refusal.code}
        still = B.revision == claimed.revision
    else:
        still = or_(B.state == "sending", B.state == "dirty")
        values = {
            "state": case((B.revision == claimed.revision, "sent"), else_=B.state),
            "sent_total": claimed.total,
            "sent_revision": claimed.revision,
            "sent_at": now,
            "error": "",
        }
    db.session.execute(
        update(B).where(*here, still).values(values).execution_options(synchronize_session=False)
    )


def send_again(*, meter: str, hours: list[datetime]) -> None:
    """These hours read differently at Stripe: a new revision replaces what it holds."""
    db.session.execute(
        update(B)
        .where(
            B.tenant_id == current_scope().tenant_id,
            B.meter_key == meter,
            B.hour.in_(hours),
            B.state != "closed",
        )
        .values(state="dirty", revision=B.revision + 1)
        .execution_options(synchronize_session=False)
    )


def _identifier(bucket: UsageBucket) -> str:
    hour = int(bucket.hour.timestamp())
    return f"u1:{bucket.tenant_id}:{bucket.meter_key}:{hour}:{bucket.revision}"
