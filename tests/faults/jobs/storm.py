"""Jobs whose every effect is one audit row, which names the company that it was meant for, and one
mail. Nothing keeps a second row away: what runs twice is seen."""

import os
import signal
import time
from uuid import uuid5

from app.webhooks.catalogue import Event
from app.webhooks.services.publishing import publish
from billing.invoice_items import record_item
from tenants import audit, outbox
from tenants.core import clock
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from workers.registry import job

EFFECT = "storm.effect.made"


def _effect(job, owner, tag):
    audit.record(
        EFFECT, actor=system_actor(job.tenant_id), now=clock.now(), object_type="sample",
        owner=owner, tag=tag,
    )  # fmt: skip


def _mail(owner, tag):
    outbox.send(
        kind="mail", verb="send", dedupe_key=f"storm:{tag}",
        params={"to": f"{owner}@client.example", "subject": f"{tag}", "text": "-", "html": "-"},
    )  # fmt: skip


@job()
def act(*, owner, tag, job):
    """One transaction."""
    _effect(job, owner, tag)
    _mail(owner, tag)


@job()
def walk(*, owner, tag, job, parts):
    """Chunks with a saved position."""
    for part in range(job.position or 0, parts):
        _effect(job, owner, f"{tag}/{part}")
        job.progress(part, parts, "walking")
        yield part + 1
    _effect(job, owner, tag)
    _mail(owner, tag)


@job(kind="heavy")
def split(*, owner, tag, job, parts):
    """A parent of jobs of its own."""
    for part in range(parts):
        enqueue(
            "storm.act", key=f"{tag}/{part}", parent_id=job.job_id, max_attempts=30,
            owner=owner, tag=f"{tag}/{part}",
        )  # fmt: skip
    yield "added"
    _effect(job, owner, tag)
    _mail(owner, tag)


@job()
def stumble(*, owner, tag, job):
    """Fails at first, after its effect."""
    _effect(job, owner, tag)
    _mail(owner, tag)
    if job.attempt == 1:
        raise ValueError("stumbled")


@job()
def charge(*, owner, tag, job):
    """An item at Stripe, whose amount names the order."""
    _effect(job, owner, tag)
    number = int(tag.rpartition("-")[2])
    record_item(
        source_type="storm", source_id=uuid5(job.tenant_id, tag), amount=number + 1,
        currency="eur", number=number, actor=system_actor(job.tenant_id), now=clock.now(),
    )  # fmt: skip


@job()
def announce(*, owner, tag, job):
    """A message to the company's receiver."""
    _effect(job, owner, tag)
    publish([Event("request.delivered", tag, {"tag": tag}, "finance")], at=clock.now())


@job()
def tick(*, job):
    _effect(job, "", "tick")


@job()
def hour(*, period, job):
    _effect(job, "", f"hour {period}")


@job()
def night(*, period, job):
    _effect(job, "", f"night {period}")


@job()
def raises(*, owner, tag, job):
    _effect(job, owner, tag)
    raise ValueError("poison")


@job(seconds=1)
def loops(*, owner, tag, job):
    _effect(job, owner, tag)
    while True:
        try:
            time.sleep(0.01)
        except Exception:  # noqa: BLE001 - a careless job
            continue


@job(seconds=1)
def hangs(*, owner, tag, job):
    _effect(job, owner, tag)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)


@job(memory_mb=64)
def allocates(*, owner, tag, job):
    _effect(job, owner, tag)
    bytearray(400 * 1024 * 1024)


@job()
def dies(*, owner, tag, job):
    _effect(job, owner, tag)
    os.kill(os.getpid(), signal.SIGKILL)


@job(output_mb=0.01)
def talks(*, owner, tag, job):
    _effect(job, owner, tag)
    return "x" * 20_000
