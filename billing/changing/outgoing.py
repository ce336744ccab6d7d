"""What Stripe is told of changes, ends and payments, and what its answers mean."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func

from billing import catalogue
from billing import queries as billing
from billing.change_models import PlanChange
from billing.changing.previewing import base_change
from billing.changing.queries import base_item, find_newest, get_change, list_payable
from billing.changing.rules import Choice
from billing.gateway import StripeGateway, StripeRefused
from billing.models import Subscription
from billing.plans import METERED_KEYS, plan_of
from billing.prices import effects as prices
from billing.telling import tell
from tenants import audit, outbox
from tenants.core.db import db
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id

Json = dict[str, Any]
CHANGE, TRIAL, TURN, METERS = "change_plan", "change_trial", "change_at_turn", "change_meters"
RELEASE, DROP = "release_plan", "drop_unpaid_change"
END, END_NOW, KEEP, PAY, RESUME = (
    "end_subscription", "end_subscription_now", "keep_subscription", "pay_open",
    "resume_subscription",
)  # fmt: skip
VERBS = (CHANGE, TRIAL, TURN, METERS, RELEASE, DROP, END, END_NOW, KEEP, PAY, RESUME)
UNPAID = "unpaid"


def has_prices(wanted: Choice) -> bool:
    known = billing.list_catalogue()
    return all(part.lookup_key in known for part in wanted.plan.priced(wanted.interval))


def promise_prices(wanted: Choice, *, now: datetime) -> None:
    plan = wanted.plan
    outbox.send(
        kind="stripe", verb="open_catalogue",
        dedupe_key=f"billing:open_plan:{plan.key}:{plan.version}:{now:%Y%m%d%H}",
        params={"plan": plan.key, "version": plan.version, "prices_only": True},
        queue="billing",
    )  # fmt: skip


def promise_change(row: PlanChange, wanted: Choice) -> None:
    subscription = billing.find_subscription()
    assert subscription is not None
    base = base_item(subscription)
    assert base is not None
    ident = row.stripe_subscription_id
    if row.effective_at is not None:
        change = {"start": int(row.effective_at.timestamp()), "items": _items_of(wanted)}
        _promise(TURN, row, {"subscription": ident, "changes": [change]})
    elif row.proration_date is None:
        items = [*base_change(base, wanted), *_meter_changes(subscription, wanted)]
        _promise(TRIAL, row, {"subscription": ident, "items": items, "metadata": _named(wanted)})
    else:
        moment = int(row.proration_date.timestamp())
        _promise(CHANGE, row, {"subscription": ident, "items": base_change(base, wanted),
                               "proration_date": moment})  # fmt: skip


def promise_withdrawal(row: PlanChange, *, unpaid: bool) -> None:
    if unpaid:
        _promise(DROP, row, {"invoice": row.stripe_invoice_id})
    else:
        _promise(RELEASE, row, {"subscription": row.stripe_subscription_id})


def promise_errand(row: PlanChange) -> None:
    ident = row.stripe_subscription_id
    if row.kind == "keep":
        held = billing.find_subscription()
        _promise(KEEP, row, {"subscription": ident, "by_flag": held is not None
                             and held.cancel_at is None})  # fmt: skip
    elif row.kind == "resume":
        _promise(RESUME, row, {"subscription": ident})
    elif row.kind == "pay":
        invoices = [one.stripe_invoice_id for one in list_payable()]
        _promise(PAY, row, {"subscription": ident, "invoices": invoices})
    else:
        _promise(END if row.effective_at else END_NOW, row, {"subscription": ident})


def promise_meters(row: PlanChange) -> None:
    """The base has changed; the prices of usage follow, for the whole period that runs."""
    subscription = billing.find_subscription()
    if subscription is None:
        return
    wanted = Choice(
        plan_of(row.to_plan, row.to_version), "year" if row.to_interval == "year" else "month"
    )
    items = _meter_changes(subscription, wanted)
    if items:
        _promise(METERS, row, {"subscription": row.stripe_subscription_id, "items": items,
                               "metadata": _named(wanted)})  # fmt: skip


def perform(stripe: StripeGateway, *, verb: str, params: Json, key: str) -> Any:
    """Call Stripe; touches no table. What Stripe refuses is an answer too."""
    try:
        return _PERFORMED[verb](stripe, params, key)
    except StripeRefused as refusal:
        return {"refused": refusal.code, "message": refusal.message}


def settle(*, verb: str, params: Json, result: Any, now: datetime) -> None:
    row = get_change(change_id=UUID(params["change"]))
    # by the database's clock: see billing.changing.following
    row.settled_at = func.clock_timestamp()
    refused = str(result.get("refused") or "")
    if verb not in (METERS, RELEASE, DROP):
        _settle(verb, row, result, refused, now)
    db.session.flush()
    audit.record(
        f"billing.plan_change.{'refused' if refused else 'answered'}",
        actor=system_actor(scoped_tenant_id()), now=now, object_type="plan_change",
        object_id=row.id, verb=verb, state=row.state, problem=row.problem,
    )  # fmt: skip
    enqueue("billing.sync_customer", queue="billing", key=f"changed:{verb}:{row.id}")


def _settle(verb: str, row: PlanChange, result: Json, refused: str, now: datetime) -> None:
    if refused:
        row.state, row.problem, row.ended_at = "refused", refused, now
    elif result.get("pending"):
        row.problem, row.stripe_invoice_id = UNPAID, result["invoice"]
        tell("billing.change_unpaid", key=str(row.id), actor=system_actor(scoped_tenant_id()),
             link="subscription/change")  # fmt: skip
    elif verb in (TURN, END):
        row.state = "planned"
        if result.get("ends"):
            row.effective_at = datetime.fromtimestamp(result["ends"], UTC)
    else:
        row.state, row.ended_at = "done", now
        if verb == CHANGE:
            promise_meters(row)
        elif verb == KEEP:
            _no_longer_ending(row, now)


def _no_longer_ending(row: PlanChange, now: datetime) -> None:
    """Agreed prices to come are said again: the end had taken their schedule away."""
    ended = find_newest(kinds=("end",))
    if ended is not None and ended.state in ("sent", "planned"):
        ended.state, ended.ended_at = "withdrawn", now
    prices.arrange(now=now, after=f"kept:{row.id}")


def _change(stripe: StripeGateway, params: Json, key: str) -> Json:
    changed = stripe.change_items(
        params["subscription"], params["items"], key, proration_date=params["proration_date"]
    )
    return {"pending": changed["pending_update"] is not None, "invoice": changed["latest_invoice"]}


def _set(stripe: StripeGateway, params: Json, key: str) -> Json:
    stripe.set_items(params["subscription"], params["items"], key, metadata=params["metadata"])
    return {}


def _turn(stripe: StripeGateway, params: Json, key: str) -> Json:
    return {"schedule": stripe.change_prices(params["subscription"], params["changes"], key)["id"]}


def _release(stripe: StripeGateway, params: Json, key: str) -> Json:
    return {"released": stripe.release_held(params["subscription"], key)}


def _drop(stripe: StripeGateway, params: Json, key: str) -> Json:
    return {"status": stripe.void_invoice(params["invoice"], key)["status"]}


def _end(stripe: StripeGateway, params: Json, key: str) -> Json:
    return {"ends": stripe.end_subscription(params["subscription"], key)["cancel_at"]}


def _end_now(stripe: StripeGateway, params: Json, key: str) -> Json:
    return {"status": stripe.cancel_now(params["subscription"], key)["status"]}


def _keep(stripe: StripeGateway, params: Json, key: str) -> Json:
    stripe.keep_subscription(params["subscription"], key, by_flag=params["by_flag"])
    return {}


def _resume(stripe: StripeGateway, params: Json, key: str) -> Json:
    return {"status": stripe.resume_subscription(params["subscription"], key)["status"]}


def _pay(stripe: StripeGateway, params: Json, key: str) -> Json:
    """Oldest first, as far as the card goes."""
    paid: list[str] = []
    for invoice in params["invoices"]:
        try:
            stripe.collect_invoice(invoice, key)
        except StripeRefused as refusal:
            return {"paid": paid, "refused": refusal.code, "message": refusal.message}
        paid.append(invoice)
    return {"paid": paid}


_PERFORMED = {
    CHANGE: _change, TRIAL: _set, METERS: _set, TURN: _turn, RELEASE: _release, DROP: _drop,
    END: _end, END_NOW: _end_now, KEEP: _keep, PAY: _pay, RESUME: _resume,
}  # fmt: skip


def _promise(verb: str, row: PlanChange, params: Json) -> None:
    outbox.send(
        kind="stripe", verb=verb, dedupe_key=f"billing:{verb}:{row.id}",
        params={**params, "change": str(row.id)}, queue="billing",
    )  # fmt: skip


def _named(wanted: Choice) -> Mapping[str, str]:
    return catalogue.metadata_of(wanted.plan)


def _items_of(wanted: Choice) -> list[Json]:
    known = billing.list_catalogue()
    return [
        {"price": known[part.lookup_key].stripe_price_id} | ({} if part.meter else {"quantity": 1})
        for part in wanted.plan.priced(wanted.interval)
    ]


def _meter_changes(subscription: Subscription, wanted: Choice) -> list[Json]:
    """The same meters at the other plan's prices, so that what was used stays counted."""
    known = billing.list_catalogue()
    items = billing.list_items(stripe_subscription_id=subscription.stripe_subscription_id)
    held = {METERED_KEYS[one.lookup_key]: one for one in items if one.lookup_key in METERED_KEYS}
    changes: list[Json] = []
    for part in wanted.plan.metered:
        price = known[part.lookup_key].stripe_price_id
        item = held.pop(part.meter or "", None)
        if item is None:
            changes.append({"price": price})
        elif item.lookup_key != part.lookup_key:
            changes.append({"id": item.stripe_item_id, "price": price})
    return changes + [{"id": one.stripe_item_id, "deleted": True} for one in held.values()]
