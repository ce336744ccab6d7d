"""What programs left behind: old idempotency keys, and files that no request or message took."""

from collections.abc import Iterator
from typing import Any

from app.service_requests.services import waiting_files
from tenants import files, idempotency
from tenants.core import clock
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(queue="batch", states=ANY_STATE, unseen="it clears away what nobody uses any more")
def prune(*, job: JobRun, **_: Any) -> Iterator[list[str]]:
    hashes = job.position
    if hashes is None:
        idempotency.prune(now=clock.real_now())
        hashes = waiting_files.forget_old(now=clock.real_now())
    yield hashes
    for sha256 in hashes:
        files.drop_bytes(sha256=sha256)
