"""A negotiated price: one administrator of the provider proposes it, another one decides."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from billing.change_models import PLANS
from billing.plan_changes import find_lasting, lock_account
from billing.plans import BY_KEY, CURRENCY
from billing.prices.in_force import Proposal
from billing.prices.models import PriceDecision, PriceOverride
from billing.prices.queries import get_proposal, list_proposals, subscribed_parts
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

RIGHT = "provider.administer"
# Stripe has to hear of a price before its first month begins.
LEAD = timedelta(hours=1)


def begins_in_time(starts_on: date, *, now: datetime) -> bool:
    return now + LEAD <= datetime.combine(starts_on, time(), UTC)


def propose_price(
    *,
    lookup_key: str,
    unit_amount: Decimal,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> PriceOverride:
    """In minor units, from the first of a month on; `ends_on` is the first of a month as well, the
    first that it doesn't count for any more."""
    actor.require(RIGHT)
    if lookup_key not in {part.lookup_key for part in subscribed_parts()}:
        raise Invalid(field_errors={"price": [_m("Choose one of the list.")]})
    if not begins_in_time(starts_on, now=now):
        raise Invalid(field_errors={"starts_on": [_m("This month has begun. Choose a later one.")]})
    if ends_on is not None and ends_on <= starts_on:
        raise Invalid(
            field_errors={"ends_on": [_m("The last month can't lie before the first one.")]}
        )
    if any(one.state == "proposed" and one.row.lookup_key == lookup_key
           for one in list_proposals()):  # fmt: skip
        raise Conflict(
            _m("A proposal for this price waits for its decision. Decide on that one first."),
            code="price_proposed",
        )
    assert actor.user_id is not None
    row = PriceOverride(
        id=uuid7(), lookup_key=lookup_key, unit_amount=unit_amount, currency=CURRENCY,
        starts_on=starts_on, ends_on=ends_on, reason=reason, proposed_by=actor.user_id,
        proposed_by_name=actor.name, proposed_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _note("proposed", row, reason, actor, now)
    return row


def approve_price(*, override_id: UUID, actor: Actor, now: datetime) -> None:
    """Stripe hears of it by the workers."""
    actor.require(RIGHT)
    found = get_proposal(override_id=override_id)
    if found.row.proposed_by == actor.user_id:
        raise Forbidden(
            _m("Somebody else has to approve a price that you proposed."), code="own_proposal"
        )
    if found.decision is None and not begins_in_time(found.row.starts_on, now=now):
        raise Conflict(
            _m("Its first month has begun. Refuse it and propose it again from a later month."),
            code="price_too_late",
        )
    _decide(found, "approved", "", actor, now)
    _refuse_beside_change()
    enqueue(
        "billing.arrange_prices", queue="billing", key=f"price:{override_id}",
        actor_id=actor.user_id,
    )  # fmt: skip


def refuse_price(*, override_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Whoever proposed it takes it back with this."""
    actor.require(RIGHT)
    found = get_proposal(override_id=override_id)
    own = found.row.proposed_by == actor.user_id
    if not own and not reason:
        raise Invalid(field_errors={"reason": [_m("Say why.")]})
    _decide(found, "withdrawn" if own else "refused", reason, actor, now)


def _refuse_beside_change() -> None:
    """A subscription has one schedule at Stripe: either prices turn by it, or the plan."""
    lock_account()
    change = find_lasting()
    if change is not None and change.kind in PLANS and change.state != "asked":
        raise Conflict(
            _m("This company is about to change its plan. Agree a price for the new plan once "
               "that has come."),
            code="plan_change_planned",
        )  # fmt: skip


def _decide(found: Proposal, verdict: str, reason: str, actor: Actor, now: datetime) -> None:
    added = db.session.execute(
        insert(PriceDecision)
        .values(
            tenant_id=scoped_tenant_id(), id=uuid7(), override_id=found.row.id,
            proposed_by=found.row.proposed_by, verdict=verdict, reason=reason,
            decided_by=actor.user_id, decided_by_name=actor.name, decided_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "override_id"])
        .returning(PriceDecision.id)
    ).scalar_one_or_none()  # fmt: skip
    if added is None:
        raise Conflict(_m("This price was decided on already."), code="price_decided")
    _note(verdict, found.row, reason, actor, now)


def _note(verb: str, row: PriceOverride, reason: str, actor: Actor, now: datetime) -> None:
    audit.record(
        f"billing.price.{verb}", actor=actor, now=now, object_type="price_override",
        object_id=row.id, part=BY_KEY[row.lookup_key].lookup_key, amount=str(row.unit_amount),
        currency=row.currency, starts_on=row.starts_on, ends_on=row.ends_on, reason=reason,
    )  # fmt: skip
