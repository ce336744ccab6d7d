"""Mails that clients send: read once they are kept, and forgotten after their time."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.mail_in.services import landing, pruning
from app.mail_in.settings import mail_rules
from tenants import files
from tenants.core import clock
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(
    queue="interactive",
    memory_mb=512,
    output_mb=64,
    unseen="the request that it lands on says so, and what waits stands in the list of mails",
)
def read(*, mail_id: str, job: JobRun, **_: Any) -> None:
    landing.read_mail(
        mail_id=UUID(mail_id), rules=mail_rules(), now=clock.now(), last_try=job.last_try
    )


@job(queue="batch", states=ANY_STATE, unseen="our own tidying up")
def prune(*, job: JobRun, **_: Any) -> Iterator[list[str]]:
    hashes = job.position
    if hashes is None:
        hashes = pruning.forget_old(now=clock.now())
    yield hashes
    for sha256 in hashes:
        files.drop_bytes(sha256=sha256)
