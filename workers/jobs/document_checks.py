from typing import Any
from uuid import UUID

from app.documents.services import rechecking
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import Actor
from workers.registry import job
from workers.run import JobRun


@job(memory_mb=256, kind="heavy", title=_m("Checking a document by the rules of today"))
def check_again(*, version_id: str, actor_name: str, job: JobRun, **_: Any) -> str:
    return rechecking.check_again(
        version_id=UUID(version_id),
        # The system checks, whoever asked for it stands on the slip.
        actor=Actor(user_id=job.actor_id, name=actor_name, side="system", tenant_id=job.tenant_id),
        now=clock.now(),
        progress=job.progress,
    )
