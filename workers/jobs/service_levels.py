from collections.abc import Iterable
from datetime import date
from typing import Any

from app.service_levels.rounds import WORKS
from app.service_levels.services import preparing
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
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


def _named(months: Iterable[date]) -> list[str]:
    return [one.strftime("%Y-%m") for one in months]
