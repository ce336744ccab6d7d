from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.directory.importing import services, undoing
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import Actor
from workers.registry import job
from workers.run import JobRun


@job(queue="interactive", memory_mb=384, output_mb=25, kind="heavy", title=_m("Reading “%(name)s”"))
def read_import(*, import_id: str, job: JobRun, **_: Any) -> Iterator[Any]:
    yield from services.read_import(
        import_id=UUID(import_id), progress=job.progress, position=job.position
    )


@job(
    queue="interactive", memory_mb=384, output_mb=25, kind="heavy",
    title=_m("Taking “%(name)s” into the directory"),
)  # fmt: skip
def take_import(*, import_id: str, actor_name: str, job: JobRun, **_: Any) -> Iterator[Any]:
    yield from services.write_import(
        import_id=UUID(import_id), actor=_who(job, actor_name), now=clock.now(),
        progress=job.progress, position=job.position,
    )  # fmt: skip


@job(
    queue="interactive", memory_mb=384, output_mb=25, kind="heavy",
    title=_m("Taking “%(name)s” back out of the directory"),
)  # fmt: skip
def undo_import(*, import_id: str, actor_name: str, job: JobRun, **_: Any) -> Iterator[Any]:
    yield from undoing.unwrite_import(
        import_id=UUID(import_id), actor=_who(job, actor_name), now=clock.now(),
        progress=job.progress, position=job.position,
    )  # fmt: skip


def _who(job: JobRun, name: str) -> Actor:
    """Whoever asked for it has entered the accounts: somebody else releases them."""
    return Actor(user_id=job.actor_id, name=name, side="system", tenant_id=job.tenant_id)
