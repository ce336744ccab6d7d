"""What is billable is recorded once, and sent to Stripe as hour totals.

Exactly once: the fact and its row share a transaction, rows are unique by their source, an hour's
total stays due until Stripe took its current revision, and repeating a revision changes nothing.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from billing.models import METERS, BillingAccount, Subscription, UsageBucket, UsageEvent
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.queries import get_access
from tenants.scoping import ScopeError, current_scope


def hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def record_usage(
    *,
    meter: str,
    quantity: int,
    source_type: str,
    source_id: UUID,
    source_rev: int = 1,
    occurred_at: datetime,
    actor: Actor,
) -> None:
    """Add a billable fact in the caller's transaction; the same source and revision again, or a
    quantity of nothing, changes nothing. A correction is a negative quantity under the next
    revision of the source. Nobody is billed for an hour that stands on a final invoice: such a
    fact counts for the first hour after it, unless it is of a trial, which is free for ever."""
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise ScopeError("usage belongs to a tenant")
    if meter not in METERS:
        raise ValueError(f"there is no meter {meter}")
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise TypeError("usage is counted in whole numbers")
    if quantity == 0:
        return
    hour = hour_of(occurred_at)
    # Held against the closing of a period: see billing.closing.
    invoiced_until = db.session.execute(
        select(BillingAccount.invoiced_until)
        .where(BillingAccount.tenant_id == tenant_id)
        .with_for_update(read=True)
    ).scalar_one_or_none()
    free = False
    if invoiced_until is not None and hour < hour_of(invoiced_until):
        free = _was_on_trial(hour)
        hour = hour if free else hour_of(invoiced_until)
    added = db.session.execute(
        insert(UsageEvent)
        .values(
            tenant_id=tenant_id, id=uuid7(), meter_key=meter, quantity=quantity,
            occurred_at=occurred_at, hour=hour, source_type=source_type, source_id=source_id,
            source_rev=source_rev, recorded_by=actor.user_id,
        )
        .on_conflict_do_nothing(
            index_elements=["tenant_id", "meter_key", "source_type", "source_id", "source_rev"]
        )
        .returning(UsageEvent.id)
    ).scalar_one_or_none()  # fmt: skip
    if added is None:
        return
    add_to_bucket(
        tenant_id=tenant_id, meter=meter, hour=hour, quantity=quantity,
        state="closed" if free else "dirty",
    )  # fmt: skip
    _look_at_trial(added)


def bring_usage_to(
    *,
    meter: str,
    quantity: int,
    source_type: str,
    source_id: UUID,
    occurred_at: datetime,
    actor: Actor,
) -> None:
    """Record what lacks of `quantity` for this source, or take back what is too much, latest hours
    first. The caller holds a lock on the source: its revisions follow each other."""
    event = UsageEvent
    mine = (
        event.tenant_id == current_scope().tenant_id,
        event.meter_key == meter,
        event.source_type == source_type,
        event.source_id == source_id,
    )
    hours = db.session.execute(
        select(event.hour, func.sum(event.quantity), func.max(event.source_rev))
        .where(*mine)
        .group_by(event.hour)
        .order_by(event.hour.desc())
    ).all()
    revision = max((last for _, _, last in hours), default=0)
    difference = quantity - sum(int(total) for _, total, _ in hours)
    steps = [(occurred_at, difference)] if difference > 0 else []
    for hour, total, _ in hours:
        taken = min(max(-difference, 0), max(int(total), 0))
        steps += [(hour, -taken)] if taken else []
        difference += taken
    for at, change in steps:
        revision += 1
        record_usage(
            meter=meter, quantity=change, source_type=source_type, source_id=source_id,
            source_rev=revision, occurred_at=at, actor=actor,
        )  # fmt: skip


def _was_on_trial(hour: datetime) -> bool:
    """Then it is free, however late somebody notes it."""
    found = select(Subscription.id).where(
        Subscription.tenant_id == current_scope().tenant_id, Subscription.trial_end > hour
    )
    return db.session.execute(found.limit(1)).first() is not None


def _look_at_trial(added: UUID) -> None:
    """What was just recorded may have used it up."""
    state, new_work = get_access()
    if state == "trialing" and new_work:
        enqueue("billing.look_at_access", queue="billing", key=f"trial:{added}")


def add_to_bucket(
    *, tenant_id: UUID, meter: str, hour: datetime, quantity: int, state: str = "dirty"
) -> None:
    """Beside the row that it counts, in the same transaction. Less than nothing is a Conflict."""
    if quantity < 0:
        # the row proposed by an upsert would break the check on `total` before it is merged
        _take_from_bucket(
            tenant_id=tenant_id, meter=meter, hour=hour, quantity=quantity, state=state
        )
        return
    bucket = insert(UsageBucket).values(
        tenant_id=tenant_id, id=uuid7(), meter_key=meter, hour=hour, total=quantity, revision=1,
        state=state,
    )  # fmt: skip
    db.session.execute(
        bucket.on_conflict_do_update(
            index_elements=["tenant_id", "meter_key", "hour"],
            set_={
                "total": UsageBucket.total + bucket.excluded.total,
                "revision": UsageBucket.revision + 1,
                "state": state,
            },
        )
    )


def _take_from_bucket(
    *, tenant_id: UUID, meter: str, hour: datetime, quantity: int, state: str
) -> None:
    taken = db.session.execute(
        update(UsageBucket)
        .where(
            UsageBucket.tenant_id == tenant_id,
            UsageBucket.meter_key == meter,
            UsageBucket.hour == hour,
            UsageBucket.total + quantity >= 0,
        )
        .values(total=UsageBucket.total + quantity, revision=UsageBucket.revision + 1, state=state)
        .returning(UsageBucket.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        raise Conflict(_m("This correction takes more than was recorded."), code="negative_usage")
