"""How an hour reaches Stripe's meter: as its total, which takes the place of the one before, or as
what has changed of it since. A meter keeps the way that it was made for.

`sent_total` is in both what Stripe holds of the hour by what we know. A claim is stored before the
call and repeated as it is until its outcome is known.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from billing.models import UsageBucket

Name = Literal["totals", "deltas"]
Window = Literal["hour"]


class Sink(Protocol):
    name: Name
    # of the meter's pre-aggregation; None: each event counts for itself
    window: Window | None

    def claim(self, bucket: UsageBucket, *, now: datetime) -> None:
        """Decide what is sent of this hour, in the bucket's columns."""
        ...

    def value(self, bucket: UsageBucket) -> int: ...


class Totals:
    name: Name = "totals"
    window: Window | None = "hour"

    def claim(self, bucket: UsageBucket, *, now: datetime) -> None:
        """The newest total: whether an older one arrived doesn't matter."""
        _claim(bucket, "u1", now)

    def value(self, bucket: UsageBucket) -> int:
        return bucket.claimed_total or 0


class Deltas:
    name: Name = "deltas"
    window: Window | None = None

    def claim(self, bucket: UsageBucket, *, now: datetime) -> None:
        """A difference whose outcome is unknown goes first, as it was."""
        if bucket.claimed_revision is None:
            _claim(bucket, "d1", now)

    def value(self, bucket: UsageBucket) -> int:
        return (bucket.claimed_total or 0) - bucket.sent_total


SINKS: Mapping[Name, Sink] = {"totals": Totals(), "deltas": Deltas()}


def sink_of(name: str | None, default: Name) -> Sink:
    """Of a meter that Stripe has been told of, else what the setting says."""
    return next((sink for key, sink in SINKS.items() if key == name), SINKS[default])


def _claim(bucket: UsageBucket, prefix: str, now: datetime) -> None:
    hour = int(bucket.hour.timestamp())
    bucket.claimed_revision, bucket.claimed_total = bucket.revision, bucket.total
    bucket.claimed_at = now
    bucket.identifier = f"{prefix}:{bucket.tenant_id}:{bucket.meter_key}:{hour}:{bucket.revision}"
