"""An approved price at Stripe: a Price of its own under the same product and meter, which a
subscription goes over to at the turn of a period, and away from at another.

The whole course to come is said anew after each approval: saying it twice changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import update

from billing import catalogue, queries
from billing.gateway import StripeGateway
from billing.models import ENDED
from billing.plans import BY_KEY, Part
from billing.prices.in_force import Proposal, day_of, in_force, newest_approval, turns
from billing.prices.models import PriceOverride
from billing.prices.queries import list_proposals, subscribed_parts
from tenants import audit, outbox
from tenants.core.db import db
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id

OPEN, CHANGE = "open_agreed_price", "change_prices"
VERBS = (OPEN, CHANGE)
Json = dict[str, Any]


def arrange(*, now: datetime, after: str = "") -> None:
    """What is approved becomes effects, each of them once; and once more `after` an earlier course
    that reached Stripe late."""
    agreed = list_proposals(approved=True)
    unknown = [one for one in agreed if one.row.stripe_price_id is None]
    for one in unknown:
        _open(one)
    newest, days = newest_approval(agreed), turns(agreed, day_of(now))
    subscription = _running() if days and not unknown else None
    if subscription is None or newest is None:
        return
    priced = subscribed_parts()
    course = [_change(priced, agreed, day) for day in days]
    outbox.send(
        kind="stripe",
        verb=CHANGE,
        dedupe_key=f"billing:prices:{subscription}:{newest.id}{after and f':after:{after}'}",
        params={"subscription": subscription, "changes": course, "approval": str(newest.id)},
        queue="billing",
    )


def items_from(priced: Sequence[Part], agreed: Sequence[Proposal], day: date) -> list[Json]:
    """Of a subscription's period that this day lies in, as Stripe takes them."""
    known = queries.list_catalogue()
    items: list[Json] = []
    for part in priced:
        found = in_force(agreed, part, day)
        own = found.row.stripe_price_id if found else None
        item: Json = {"price": own or known[part.lookup_key].stripe_price_id}
        items.append(item if part.meter else item | {"quantity": 1})
    return items


def perform(stripe: StripeGateway, *, verb: str, params: Json, key: str) -> Any:
    """Call Stripe; touches no table."""
    if verb == CHANGE:
        return stripe.change_prices(params["subscription"], params["changes"], key)
    part = replace(
        BY_KEY[params["part"]],
        lookup_key=params["lookup_key"],
        unit_amount=Decimal(params["unit_amount"]),
    )
    [entry] = catalogue.open_at_stripe(stripe, [part], nickname=params["nickname"])
    return entry["stripe_price_id"]


def settle(*, verb: str, params: Json, result: Any, now: datetime) -> None:
    tenant_id = scoped_tenant_id()
    if verb == OPEN:
        db.session.execute(
            update(PriceOverride)
            .where(
                PriceOverride.tenant_id == tenant_id,
                PriceOverride.id == UUID(params["override_id"]),
            )
            .values(stripe_price_id=result)
            .execution_options(synchronize_session=False)
        )
        arrange(now=now)
        return
    audit.record(
        "billing.prices.arranged", actor=system_actor(tenant_id), now=now,
        object_type="billing_account", subscription=params["subscription"],
        schedule=result["id"], late=result["late"],
    )  # fmt: skip
    newest = newest_approval(list_proposals(approved=True))
    if newest is not None and str(newest.id) != params["approval"]:
        arrange(now=now, after=params["approval"])


def _open(one: Proposal) -> None:
    row = one.row
    days = f"from {row.starts_on}" + (f" to {one.last_day}" if row.ends_on else "")
    outbox.send(
        kind="stripe",
        verb=OPEN,
        dedupe_key=f"billing:agreed_price:{row.id}",
        params={
            "override_id": str(row.id), "part": row.lookup_key,
            "lookup_key": f"{row.lookup_key}_agreed_{row.id.hex}",
            "unit_amount": str(row.unit_amount), "nickname": f"Agreed {days}",
        },
        queue="billing",
    )  # fmt: skip


def _change(priced: Sequence[Part], agreed: Sequence[Proposal], day: date) -> Json:
    start = int(datetime.combine(day, time(), UTC).timestamp())
    return {"start": start, "items": items_from(priced, agreed, day)}


def _running() -> str | None:
    found = queries.find_subscription()
    return None if found is None or found.status in ENDED else found.stripe_subscription_id
