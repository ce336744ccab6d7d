"""Hours on their way to Stripe: claimed and committed, then sent, then noted as sent.

A crash at any point repeats the same claim under the same identifier, which Stripe takes once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import case, or_, select, text, tuple_, update

from billing import queries
from billing.adjustments.rules import TAKEN_FOR
from billing.gateway import StripeGateway, StripeRefused
from billing.models import ENDED, UsageBucket
from billing.sinks import Name, Sink, sink_of
from tenants.core.db import db
from tenants.scoping import current_scope

CHUNK = 100
# An hour is left alone while it is young, since every change of it is a call.
YOUNG = timedelta(minutes=5)
# Stripe knows an identifier for a day: after this it is asked what it holds before a difference is
# sent once more.
KNOWN = timedelta(hours=20)
# Stripe counts some time after it has answered.
COUNTED = timedelta(minutes=15)
# One sender per client: the later of two revisions is then the last that Stripe hears.
ONE_SENDER = text("SELECT pg_advisory_xact_lock(hashtextextended(:tenant, 7))")
B = UsageBucket
UNCLAIMED: Mapping[str, Any] = {
    "claimed_revision": None, "claimed_total": None, "claimed_at": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """`total` is what Stripe holds of the hour once it took `value`; `behind`: more has been used
    since it was claimed, and is due after it. `first_tried` is when it may first have gone out;
    `old`: Stripe takes the hour no more, and says what it has of it."""

    customer: str
    meter: str
    hour: datetime
    value: int
    total: int
    revision: int
    identifier: str
    first_tried: datetime
    behind: bool
    old: bool = False

    @property
    def timestamp(self) -> int:
        """Inside the hour, and rising with the revision."""
        return int(self.hour.timestamp()) + min(self.revision, 3599)


def claim(
    *,
    now: datetime,
    default: Name,
    flush: bool = False,
    after: tuple[datetime, str] | None = None,
) -> list[Claim]:
    """What is due, oldest first; with `flush` the hours that still run as well. Hours before the
    first subscription are settled without sending: nobody is billed for them. Those of a
    subscription that has ended go as long as its last invoice isn't final, and what is too old
    for Stripe not at all: see billing.adjustments."""
    account, until = queries.find_account(), _until()
    if account is None or account.stripe_customer_id is None or until is None:
        return []
    tenant_id = current_scope().tenant_id
    db.session.execute(
        update(B)
        .where(B.tenant_id == tenant_id, B.state == "dirty", B.hour < queries.first_hour())
        .values(state="closed", error="before_subscription")
        .execution_options(synchronize_session=False)
    )
    query = select(B).where(
        B.tenant_id == tenant_id,
        B.state.in_(("dirty", "sending")),
        B.hour < until,
        or_(B.hour >= now - TAKEN_FOR, B.claimed_revision.is_not(None)),
    )
    if not flush:
        query = query.where(B.hour < now - YOUNG)
    if after is not None:
        query = query.where(tuple_(B.hour, B.meter_key) > after)
    buckets = (
        db.session.execute(query.order_by(B.hour, B.meter_key).limit(CHUNK).with_for_update())
        .scalars()
        .all()
    )
    made = queries.sinks_at_stripe()
    claims = [
        _claim(b, sink_of(made.get(b.meter_key), default), account.stripe_customer_id, now)
        for b in buckets
    ]
    db.session.flush()
    return claims


def _until() -> datetime | None:
    """None: nothing is charged any more."""
    subscription = queries.find_subscription()
    if subscription is None:
        return None
    if subscription.status not in ENDED:
        return datetime.max.replace(tzinfo=UTC)
    return max((row.period_end for row in queries.list_drafts()), default=None)


def _claim(bucket: UsageBucket, sink: Sink, customer: str, now: datetime) -> Claim:
    old = bucket.hour < now - TAKEN_FOR
    if not old:
        sink.claim(bucket, now=now)
    bucket.state = "sending"
    revision, total = bucket.claimed_revision, bucket.claimed_total
    assert revision is not None
    assert total is not None
    return Claim(
        customer, bucket.meter_key, bucket.hour, sink.value(bucket), total, revision,
        bucket.identifier, bucket.claimed_at or now, behind=revision != bucket.revision, old=old,
    )  # fmt: skip


def send(gateway: StripeGateway, claimed: Claim, *, now: datetime) -> None:
    """One call, or two; StripeUnavailable leaves the hour due."""
    tenant_id = current_scope().tenant_id
    db.session.execute(ONE_SENDER, {"tenant": str(tenant_id)})
    here = (B.tenant_id == tenant_id, B.meter_key == claimed.meter, B.hour == claimed.hour)
    current = db.session.execute(
        select(B.identifier, B.sent_total).where(*here, B.sent_revision < claimed.revision)
    ).one_or_none()
    if current is None or current.identifier != claimed.identifier:
        # a later revision, or another sender, took care of it
        return
    held = _held(gateway, claimed, now=now)
    if held is not None and (claimed.old or held not in (claimed.total, current.sent_total)):
        _believe(claimed.meter, {claimed.hour: held})
        return
    try:
        if held != claimed.total or held is None:
            _call(gateway, claimed)
    except StripeRefused as refusal:
        early = refusal.code == "timestamp_in_future"
        still = B.revision == claimed.revision
        values: dict[str, Any] = {
            "state": case((still, "dirty" if early else "rejected"), else_="dirty"),
            "error": refusal.code, **UNCLAIMED,
        }  # fmt: skip
    else:
        values = {
            "state": case((B.revision == claimed.revision, "sent"), else_="dirty"),
            "sent_total": claimed.total,
            "sent_revision": claimed.revision,
            "sent_at": now,
            "error": "",
            **UNCLAIMED,
        }
    open_ones = or_(B.state == "sending", B.state == "dirty")
    db.session.execute(
        update(B)
        .where(*here, open_ones, B.identifier == claimed.identifier)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _call(gateway: StripeGateway, claimed: Claim) -> None:
    """Nothing, where the difference is nothing: that of a total of nothing is one."""
    if claimed.value or not claimed.identifier.startswith("d1:"):
        gateway.send_meter_event(
            claimed.meter, claimed.customer, claimed.value, claimed.identifier,
            claimed.timestamp, claimed.identifier,
        )  # fmt: skip


def _held(gateway: StripeGateway, claimed: Claim, *, now: datetime) -> int | None:
    """What Stripe holds of the hour, where a repeat could count twice; None where it couldn't."""
    known = queries.list_catalogue()
    sink = queries.sinks_at_stripe(known).get(claimed.meter)
    doubtful = sink == "deltas" and now - claimed.first_tried >= KNOWN
    if not (doubtful or claimed.old) or claimed.meter not in queries.meters_at_stripe(known):
        return None
    hour = int(claimed.hour.timestamp())
    meter_id = queries.meters_at_stripe(known)[claimed.meter]
    return gateway.meter_totals(meter_id, claimed.customer, hour, hour + 3600).get(hour, 0)


def send_again(*, meter: str, theirs: Mapping[datetime, int], now: datetime) -> None:
    """These hours read so at Stripe, and differently here. A total takes the place of what it holds;
    a difference is counted from there, once Stripe has had the time to count what it took."""
    if queries.sinks_at_stripe().get(meter) == "deltas":
        settled = _settled_hours(meter, list(theirs), now=now)
        _believe(meter, {hour: theirs[hour] for hour in settled})
        return
    db.session.execute(
        update(B)
        .where(
            B.tenant_id == current_scope().tenant_id,
            B.meter_key == meter,
            B.hour.in_(list(theirs)),
            B.state != "closed",
        )
        .values(state="dirty", revision=B.revision + 1)
        .execution_options(synchronize_session=False)
    )


def _settled_hours(meter: str, hours: list[datetime], *, now: datetime) -> list[datetime]:
    found = db.session.execute(
        select(B.hour).where(
            B.tenant_id == current_scope().tenant_id,
            B.meter_key == meter,
            B.hour.in_(hours),
            B.state == "sent",
            B.sent_at < now - COUNTED,
        )
    )
    return list(found.scalars())


def _believe(meter: str, held: Mapping[datetime, int]) -> None:
    """What Stripe says that it holds is what the next difference starts from."""
    for hour, total in held.items():
        db.session.execute(
            update(B)
            .where(
                B.tenant_id == current_scope().tenant_id,
                B.meter_key == meter,
                B.hour == hour,
                B.state != "closed",
            )
            .values(state="dirty", revision=B.revision + 1, sent_total=total, **UNCLAIMED)
            .execution_options(synchronize_session=False)
        )
