from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from app.documents.verifying.address import verify_address
from app.finance.sales_invoices import subscription
from app.finance.sales_invoices.batches import services as batches
from app.finance.sales_invoices.schedules import making as scheduled
from app.finance.sales_invoices.services import leaving, making
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import Actor, system_actor
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(memory_mb=384, output_mb=25, kind="heavy", title=_m("Writing the files of an invoice"))
def make_files(*, invoice_id: str, actor_name: str, job: JobRun, **_: Any) -> str:
    return making.make_files(
        invoice_id=UUID(invoice_id),
        # The system writes them, whoever validated the invoice answers for it.
        actor=Actor(user_id=job.actor_id, name=actor_name, side="system", tenant_id=job.tenant_id),
        now=clock.now(),
        progress=job.progress,
        verify_address=verify_address(),
    )


@job(
    memory_mb=384, output_mb=25, kind="heavy", states=ANY_STATE,
    title=_m("Writing the subscription invoice as a file"),
)  # fmt: skip
def write_subscription(*, record_id: str, job: JobRun, again: bool = False, **_: Any) -> str:
    return subscription.write_record(
        record_id=UUID(record_id), actor=system_actor(job.tenant_id), now=clock.now(), again=again
    )


@job(queue="interactive", memory_mb=384, output_mb=25, kind="heavy", title=_m("Reading “%(name)s”"))
def read_batch(*, batch_id: str, job: JobRun, **_: Any) -> None:
    batches.read_batch(batch_id=UUID(batch_id), now=clock.now(), progress=job.progress)


@job(
    memory_mb=384, output_mb=25, kind="heavy", title=_m("Issuing the invoices of “%(name)s”")
)  # fmt: skip
def issue_batch(*, batch_id: str, actor_name: str, job: JobRun, **_: Any) -> Iterator[Any]:
    yield from batches.make_batch(
        batch_id=UUID(batch_id),
        # The system makes them, whoever started it answers for it.
        actor=Actor(user_id=job.actor_id, name=actor_name, side="system", tenant_id=job.tenant_id),
        now=clock.now(), progress=job.progress,
    )  # fmt: skip


@job(queue="interactive", unseen="until it leaves, it can be taken back")
def send_held(*, invoice_id: str, leaves_at: str, actor_name: str, job: JobRun, **_: Any) -> bool:
    return leaving.send_held(
        invoice_id=UUID(invoice_id), leaves_at=datetime.fromisoformat(leaves_at),
        actor=Actor(user_id=job.actor_id, name=actor_name, side="system", tenant_id=job.tenant_id),
        now=clock.now(), real_now=clock.real_now(),
    )  # fmt: skip


@job(states=ANY_STATE, unseen="looks each night for files that can be mended")
def mend_subscriptions(*, period: str, job: JobRun, **_: Any) -> int:
    return subscription.mend(actor=system_actor(job.tenant_id), now=clock.now())


@job(unseen="each draft that it makes stands among the invoices")
def look_at_schedules(*, period: str, job: JobRun, **_: Any) -> None:
    """Every day: which recurring invoices are due."""
    scheduled.look(period=period, actor=system_actor(job.tenant_id), now=clock.now())


@job(unseen="each draft that it makes stands among the invoices")
def make_scheduled(*, schedule_id: str, job: JobRun, **_: Any) -> None:
    scheduled.make_due(
        schedule_id=UUID(schedule_id), actor=system_actor(job.tenant_id), now=clock.now()
    )
