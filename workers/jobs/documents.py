"""Documents whose time is over."""

from collections.abc import Iterator
from typing import Any

from app.documents.services import disposing
from tenants import files
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(queue="batch", unseen="what may be deleted, and what was, stands under Documents")
def look_at_retention(*, job: JobRun, period: str = "", **_: Any) -> Iterator[list[str]]:
    """Lists what may go, and deletes what two people released."""
    hashes = job.position
    if hashes is None:
        hashes = disposing.look_at_retention(
            actor=system_actor(job.tenant_id), now=clock.now()
        ).hashes
    yield hashes
    for sha256 in hashes:
        files.drop_bytes(sha256=sha256)
