"""Usage that Stripe took and found wrong afterwards, in the scope of the company whose it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from billing import queries
from billing.backfill.rules import FINAL_REASONS, place_of
from billing.connection import gateway
from billing.gateway import StripeRefused
from billing.models import UsageBucket
from billing.sending import ONE_SENDER
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

B = UsageBucket


class OnItsWay(Exception):
    """Nobody knows yet what became of this hour's last call: later."""


def call_take_back(*, identifiers: Mapping[str, str], now: datetime) -> None:
    """Hours that Stripe holds otherwise than we noted: due again where the reason can be mended,
    else rejected, which is a finding."""
    account = queries.find_account()
    if account is None or account.stripe_customer_id is None:
        return
    db.session.execute(ONE_SENDER, {"tenant": str(scoped_tenant_id())})
    meters = queries.meters_at_stripe(queries.list_catalogue())
    for identifier, reason in identifiers.items():
        place = place_of(identifier)
        bucket = _bucket(place.meter, place.hour) if place else None
        if place is None or bucket is None or bucket.state == "closed":
            continue
        if bucket.claimed_revision is not None and bucket.claimed_revision > place.revision:
            raise OnItsWay(identifier)
        held = _held(meters.get(place.meter), account.stripe_customer_id, place.hour)
        if bucket.sent_revision >= place.revision and held == bucket.sent_total:
            # Overtaken by what came after it.
            continue
        _take_back(bucket, held, reason)
    db.session.flush()


def _take_back(bucket: UsageBucket, held: int | None, reason: str) -> None:
    final = reason in FINAL_REASONS
    bucket.state, bucket.error = ("rejected" if final else "dirty"), reason
    bucket.revision += 1
    bucket.claimed_revision = bucket.claimed_total = bucket.claimed_at = None
    if held is not None:
        bucket.sent_total = held


def _bucket(meter: str, hour: datetime) -> Any:
    return db.session.execute(
        select(B)
        .where(B.tenant_id == scoped_tenant_id(), B.meter_key == meter, B.hour == hour)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _held(meter_id: str | None, customer: str, hour: datetime) -> int | None:
    """None where Stripe can't say, since customer or meter is gone."""
    if meter_id is None:
        return None
    start = int(hour.timestamp())
    try:
        return gateway().meter_totals(meter_id, customer, start, start + 3600).get(start, 0)
    except StripeRefused:
        return None
