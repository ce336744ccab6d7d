from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.documents.language import translator
from app.finance.queries import get_control
from app.finance.services import reading, reporting
from app.service_requests.queries import get_request_by_id
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import Actor, system_actor
from tenants.queries import get_tenant
from workers.registry import job
from workers.run import JobRun


@job(
    queue="interactive", memory_mb=384, output_mb=25, kind="heavy",
    title=_m("Reading the files of request %(number)s"),
)  # fmt: skip
def prepare_payment_control(*, request_id: str, job: JobRun, **_: Any) -> Iterator[Any]:
    yield from reading.take_files(
        request=get_request_by_id(request_id=UUID(request_id)),
        actor=system_actor(job.tenant_id),
        now=clock.now(),
        progress=job.progress,
        position=job.position,
    )


@job(
    queue="interactive", memory_mb=384, output_mb=25, kind="heavy",
    title=_m("Writing the report of request %(number)s"),
)  # fmt: skip
def write_report(*, request_id: str, actor_name: str, job: JobRun, **_: Any) -> None:
    request = get_request_by_id(request_id=UUID(request_id))
    reporting.write_report(
        request=request,
        control=get_control(request_id=request.id),
        # The system types it, the operator answers for it: their id makes them the preparer.
        actor=Actor(user_id=job.actor_id, name=actor_name, side="system", tenant_id=job.tenant_id),
        now=clock.now(),
        translate=translator(get_tenant().document_language),
        progress=job.progress,
    )
