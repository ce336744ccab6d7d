"""What falls due as time passes, done in order and at its own moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from billing.sim.charging import attempt_payment, end_subscription
from billing.sim.checkout import expire
from billing.sim.events import emit, record
from billing.sim.invoicing import finalize, overdue, void
from billing.sim.meter_errors import report, report_due
from billing.sim.previews import upcoming
from billing.sim.renewal import ending_at, renew, upcoming_moment
from billing.sim.state import DAY, Obj, Store
from billing.sim.tax_ids import verified_at, verify
from billing.sim.trials import TOLD_BEFORE, cancels_without_card, end_trial, will_end
from billing.sim.updates import expire_pending, pending_due

INCOMPLETE_FOR = 23 * 3600
ANNOUNCED_BEFORE = 7 * DAY
RENEWING = ("active", "past_due", "unpaid")


class Due(NamedTuple):
    moment: int
    kind: str
    ident: str


def _invoices_due(store: Store) -> Iterator[Due]:
    for invoice in store.table("invoices").values():
        if not invoice["auto_advance"]:
            continue
        if invoice["status"] == "draft" and invoice["automatically_finalizes_at"]:
            yield Due(invoice["automatically_finalizes_at"], "finalize", invoice["id"])
        elif invoice["status"] == "open" and invoice["next_payment_attempt"]:
            yield Due(invoice["next_payment_attempt"], "retry", invoice["id"])
        elif invoice["status"] == "open" and invoice["due_date"] and not invoice.get("_overdue"):
            yield Due(invoice["due_date"], "overdue", invoice["id"])


def _subscriptions_due(store: Store) -> Iterator[Due]:
    for subscription in store.table("subscriptions").values():
        ident, status = subscription["id"], subscription["status"]
        if status in RENEWING:
            turn = upcoming_moment(subscription)
            yield Due(turn, "renew", ident)
            soon = turn - ANNOUNCED_BEFORE
            begun = max(item["current_period_start"] for item in subscription["_items"])
            if subscription.get("_announced") != turn and begun <= soon:
                yield Due(max(soon, subscription["created"]), "upcoming", ident)
            if (expires := pending_due(subscription)) is not None:
                yield Due(expires, "unpaid_update", ident)
        elif status == "trialing":
            yield Due(upcoming_moment(subscription), "trial", ident)
            if not subscription.get("_trial_told"):
                yield Due(subscription["trial_end"] - TOLD_BEFORE, "trial_told", ident)
        elif status == "incomplete":
            yield Due(subscription["created"] + INCOMPLETE_FOR, "expire", ident)


def _others_due(store: Store) -> Iterator[Due]:
    for session in store.table("checkout_sessions").values():
        if session["status"] == "open":
            yield Due(session["expires_at"], "checkout", session["id"])
    if (moment := report_due(store)) is not None:
        yield Due(moment, "report", "")
    for row in store.table("tax_ids").values():
        if (moment := verified_at(row)) is not None:
            yield Due(moment, "tax_id", row["id"])


def _next_due(store: Store, until: int) -> Due | None:
    due = [*_invoices_due(store), *_subscriptions_due(store), *_others_due(store)]
    ready = [one for one in due if one.moment <= until]
    return min(ready, key=lambda one: (one.moment, one.kind)) if ready else None


def _expire(store: Store, subscription: Obj) -> None:
    subscription["status"] = "incomplete_expired"
    subscription["ended_at"] = store.now()
    emit(store, "customer.subscription.updated", subscription, {"status": "incomplete"})
    if subscription["latest_invoice"]:
        invoice = store.get("invoices", subscription["latest_invoice"])
        if invoice["status"] == "open":
            void(store, invoice)


def _trial_over(store: Store, subscription: Obj) -> Obj | None:
    if ending_at(subscription, store.now()) is not None:
        end_subscription(store, subscription, "cancellation_requested")
    elif cancels_without_card(store, subscription):
        end_subscription(store, subscription, "payment_failed")
    else:
        return end_trial(store, subscription)
    return None


def _announce(store: Store, subscription: Obj) -> None:
    subscription["_announced"] = turn = upcoming_moment(subscription)
    invoice = upcoming(store, subscription)
    if invoice is not None and turn > store.now():
        record(store, "invoice.upcoming", {k: v for k, v in invoice.items() if k != "id"})


DOING: dict[str, tuple[str, Callable[[Store, Obj], object]]] = {
    "checkout": ("checkout_sessions", expire),
    "tax_id": ("tax_ids", verify),
    "upcoming": ("subscriptions", _announce),
    "unpaid_update": ("subscriptions", expire_pending),
    "trial_told": ("subscriptions", will_end),
    "expire": ("subscriptions", _expire),
    "finalize": ("invoices", finalize),
    "overdue": ("invoices", overdue),
    "retry": ("invoices", attempt_payment),
}


def _do(store: Store, due: Due) -> str | None:
    """The draft that this made, if it made one."""
    if due.kind in ("renew", "trial"):
        turn = renew if due.kind == "renew" else _trial_over
        invoice = turn(store, store.get("subscriptions", due.ident))
        return invoice["id"] if invoice else None
    if due.kind == "report":
        report(store)
        return None
    table, act = DOING[due.kind]
    act(store, store.get(table, due.ident))
    return None


def settle(store: Store) -> bool:
    """Catch up with the real clock; true when something was due."""
    acted = False
    while (due := _next_due(store, store.now())) is not None:
        with store.at(due.moment):
            _do(store, due)
        acted = True
    return acted


def advance(store: Store, seconds: int, *, stop_at_draft: bool = False) -> dict[str, Any]:
    """Stopped at a draft, the target is kept: the next call with `stop_at_draft` goes on to it
    whatever amount it names; one without starts anew from now."""
    settle(store)
    target = store.data["target"] if stop_at_draft else None
    if target is None:
        target = store.now() + seconds
    drafts: list[str] = []
    stopped_at: int | None = None
    while (due := _next_due(store, target)) is not None:
        if stopped_at is not None and due.moment > stopped_at:
            break
        store.move_to(due.moment)
        with store.at(due.moment):
            draft = _do(store, due)
        if draft is not None:
            drafts.append(draft)
            stopped_at = due.moment if stop_at_draft else None
    reached = stopped_at is None
    if reached:
        store.move_to(target)
    store.data["target"] = None if reached else target
    return {"now": store.now(), "target": target, "reached": reached, "drafts": drafts}
