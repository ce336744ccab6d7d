from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from app.service_levels.rounds import WORKS
from app.service_levels.services import crediting, preparing
from billing.credits import issuing
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(title=WORKS["prepare"].title)
def prepare(*, job: JobRun, period: str = "", **_: Any) -> dict[str, Any]:
    """The months before this one; without it all that are over."""
    found = preparing.prepare_months(
        before=date.fromisoformat(f"{period}-01") if period else None,
        actor=system_actor(job.tenant_id), now=clock.now(),
    )  # fmt: skip
    return {"prepared": _named(found)}


@job(title=WORKS["count"].title)
def count_again(*, job: JobRun, **_: Any) -> dict[str, Any]:
    """The months that wait for their sign-off, as they count now."""
    found = preparing.count_again(actor=system_actor(job.tenant_id), now=clock.now())
    return {
        "counted": _named(found),
        "changed": _named(month for month, changed in found.items() if changed),
    }


@job(queue="billing", states=ANY_STATE, unseen="the page of credits shows what came of it")
def give_credits(*, job: JobRun, period: str = "", **_: Any) -> Iterator[str]:
    """What nobody can contest any more, and whatever of it found its invoice."""
    crediting.hand_over_credits(actor=system_actor(job.tenant_id), now=clock.now())
    yield "handed over"
    issuing.issue_approved(now=clock.now())


def _named(months: Iterable[date]) -> list[str]:
    return [one.strftime("%Y-%m") for one in months]
