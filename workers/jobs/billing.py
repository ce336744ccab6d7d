"""Usage on its way to Stripe, and Stripe's state on its way to us."""

from collections.abc import Iterator
from typing import Any

from billing import services
from billing.reconcile.services import call_totals, compare_totals, look_at_ledger
from tenants.core import clock
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows the hours themselves")
def send_usage(*, job: JobRun, flush: bool = False, **_: Any) -> Iterator[str]:
    yield from _send(flush=flush)


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows the prices themselves")
def arrange_prices(*, job: JobRun, **_: Any) -> None:
    services.arrange_prices(now=clock.now())


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
    if drafts:
        yield from _complete(drafts)


@job(queue="billing", states=ANY_STATE, unseen="findings stand on the provider's own page")
def reconcile(*, job: JobRun, period: str = "", **_: Any) -> Iterator[str]:
    """What we hold against what Stripe holds; usage that is due goes there first."""
    yield from _send(flush=False)
    look_at_ledger(now=clock.now())
    yield "ledger"
    theirs = call_totals(now=clock.now())
    yield "asked"
    compare_totals(theirs=theirs, now=clock.now())


def _complete(drafts: Any) -> Iterator[str]:
    yield from _send(flush=True)
    for draft in drafts:
        if services.call_compare_draft(stripe_invoice_id=draft):
            continue
        yield "differing"
        yield from _send(flush=True)
        if not services.call_compare_draft(stripe_invoice_id=draft):
            services.postpone_draft(stripe_invoice_id=draft, now=clock.now())
            yield "postponed"
            raise UsageDiffers(draft)


def _send(*, flush: bool) -> Iterator[str]:
    claims = services.claim_usage(now=clock.now(), flush=flush)
    while claims:
        yield "sending"
        for claimed in claims:
            services.call_send_usage(claimed=claimed, now=clock.now())
            yield "sending"
        last = (claims[-1].hour, claims[-1].meter)
        claims = services.claim_usage(now=clock.now(), flush=flush, after=last)


class UsageDiffers(Exception):
    """Stripe's hours of a period are not ours, even after sending them again."""
