"""Usage on its way to Stripe, and Stripe's state on its way to us."""

from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any

from billing import services
from billing.backfill import rejected
from billing.backfill import services as backfilling
from billing.changing.services.leaving import promise_after_usage
from billing.contests import services as contests
from billing.credits import issuing as credits
from billing.disputes import services as disputes
from billing.figures.noting import note_revenue
from billing.figures.services import release_hour
from billing.reconcile.checks import Difference
from billing.reconcile.services import (
    call_look_at_provider,
    call_totals,
    compare_totals,
    look_at_ledger,
    note,
)
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows the hours themselves")
def send_usage(*, job: JobRun, flush: bool = False, **_: Any) -> Iterator[str]:
    services.adjust_usage(now=clock.now())
    yield "adjusted"
    yield from _send(flush=flush)


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows the prices themselves")
def arrange_prices(*, job: JobRun, **_: Any) -> None:
    services.arrange_prices(now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="the contest's own page shows what came of it")
def settle_contests(*, job: JobRun, **_: Any) -> Iterator[str]:
    """And what of it became a credit goes on its way."""
    contests.settle_contests(actor=system_actor(job.tenant_id), now=clock.now())
    yield "settled"
    credits.issue_approved(now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="the page of credits shows what came of it")
def issue_credits(*, job: JobRun, **_: Any) -> None:
    credits.issue_approved(now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows what came of it")
def look_at_access(*, job: JobRun, **_: Any) -> None:
    services.look_at_access(now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows what came of it")
def sync_customer(*, job: JobRun, event_id: str | None = None, **_: Any) -> Iterator[str]:
    """Stripe's state as a whole; a renewal that is about to become final gets its usage first."""
    begun = services.begin_sync(event_id=event_id)
    if begun is None:
        return
    while begun is not None:
        yield "fetching"
        state = services.call_fetch_state(begun=begun, now=clock.now())
        if services.apply_sync(begun=begun, state=state, now=clock.now()):
            break
        begun = services.begin_sync()
    drafts = services.list_draft_ids()
    yield "mirrored"
    if disputes.call_refresh(now=clock.now()):
        services.look_at_access(now=clock.now())
    if drafts:
        yield from _complete(drafts)


@job(queue="billing", states=ANY_STATE, unseen="findings stand on the provider's own page")
def take_back_rejected(*, job: JobRun, identifiers: dict[str, str], **_: Any) -> Iterator[str]:
    """Usage of this company that Stripe took and found wrong afterwards."""
    rejected.call_take_back(identifiers=identifiers, now=clock.now())
    yield "taken back"
    look_at_ledger(now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="findings stand on the provider's own page")
def note_dispute(*, job: JobRun, dispute: str, invoice: str, **_: Any) -> None:
    disputes.call_note(dispute=dispute, invoice=invoice, now=clock.now())
    services.look_at_access(now=clock.now())


# The provider's own: what Stripe tells nobody else.


@job(queue="billing", states=ANY_STATE, unseen="the provider's own work")
def backfill(*, job: JobRun, **_: Any) -> Iterator[str]:
    """Events that never arrived, filed as if they had."""
    now = clock.now()
    since = backfilling.since(now=now)
    yield "asking"
    for events in backfilling.call_events(since=since):
        backfilling.file_events(events=events)
        yield "filed"
    backfilling.note_reached(at=now)


@job(queue="billing", states=ANY_STATE, unseen="the provider's own work")
def read_meter_report(*, job: JobRun, event_id: str, **_: Any) -> None:
    backfilling.call_read_report(event_id=event_id, now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="the provider's own work")
def read_dispute(*, job: JobRun, event_id: str, **_: Any) -> None:
    stranger = backfilling.call_read_dispute(event_id=event_id, now=clock.now())
    if stranger:
        note(Difference("orphan", stranger, "a company", "none"), now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="the provider's own work")
def reconcile_provider(*, job: JobRun, period: str = "", **_: Any) -> None:
    call_look_at_provider(now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="findings stand on the provider's own page")
def reconcile(*, job: JobRun, period: str = "", **_: Any) -> Iterator[str]:
    """What we hold against what Stripe holds; usage that is due goes there first. By the way the
    month's revenue is noted."""
    note_revenue(now=clock.now())
    yield from _send(flush=False)
    look_at_ledger(now=clock.now())
    yield "ledger"
    theirs = call_totals(now=clock.now())
    yield "asked"
    compare_totals(theirs=theirs, now=clock.now())


@job(queue="billing", states=ANY_STATE, unseen="the provider's page shows what Stripe refused")
def send_rejected(*, job: JobRun, meter: str, hour: str, **_: Any) -> Iterator[str]:
    release_hour(meter=meter, hour=datetime.fromisoformat(hour))
    yield "released"
    yield from _send(flush=True)


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows what came of it")
def tell_after_usage(*, job: JobRun, change_id: str, **_: Any) -> Iterator[str]:
    """An end at once, or a payment: what was used until now is at Stripe before."""
    yield from _send(flush=True)
    promise_after_usage(change_id=change_id)


def _complete(drafts: Any) -> Iterator[str]:
    yield from _send(flush=True)
    for draft in drafts:
        if services.call_compare_draft(stripe_invoice_id=draft, now=clock.now()):
            continue
        yield "differing"
        yield from _send(flush=True)
        if not services.call_compare_draft(stripe_invoice_id=draft, now=clock.now()):
            services.postpone_draft(stripe_invoice_id=draft, now=clock.now())
            yield "postponed"
            raise UsageDiffers(draft)


def _send(*, flush: bool) -> Iterator[str]:
    behind = yield from _send_due(flush=flush)
    if behind:
        yield from _send_due(flush=flush)


def _send_due(*, flush: bool) -> Generator[str, None, bool]:
    """Whether some of it was an earlier claim, and more is due behind it."""
    behind = False
    claims = services.claim_usage(now=clock.now(), flush=flush)
    while claims:
        behind = behind or any(one.behind for one in claims)
        yield "sending"
        for claimed in claims:
            services.call_send_usage(claimed=claimed, now=clock.now())
            yield "sending"
        last = (claims[-1].hour, claims[-1].meter)
        claims = services.claim_usage(now=clock.now(), flush=flush, after=last)
    return behind


class UsageDiffers(Exception):
    """Stripe's hours of a period are not ours, even after sending them again."""
