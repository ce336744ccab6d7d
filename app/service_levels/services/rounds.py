"""The same work on the months of several clients: a job in each, in the provider's own scope."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.service_levels.rounds import WORKS
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.jobs import JobBatch
from tenants.permissions import Actor
from tenants.services.job_batches import start_batch


def start_round(
    *, work: str, tenant_ids: Sequence[UUID], once: str, actor: Actor, now: datetime
) -> JobBatch:
    actor.require("desk.supervise")
    found = WORKS.get(work)
    if found is None:
        raise Invalid(_m("Choose what to do with them."))
    return start_batch(
        name=found.job, title=found.title, for_client=True, tenant_ids=tenant_ids, once=once or None,
        queue="default", actor=actor, now=now,
    )  # fmt: skip
