"""Jobs with visible effects: one audit row each. Files in `folder` let a test hold a job."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tenants import audit
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.jobs import PermanentFailure
from tenants.permissions import system_actor
from workers.registry import ANY_STATE, job

PATIENCE = 20.0


def _effect(job, tag):
    audit.record(
        "sample.effect.made",
        actor=system_actor(job.tenant_id),
        now=clock.now(),
        object_type="sample",
        tag=tag,
    )


def _hold(job, folder, tag):
    place = Path(folder)
    (place / f"{tag}-{job.attempt}.part").write_text(str(os.getpid()))
    (place / f"{tag}-{job.attempt}.part").rename(place / f"{tag}-{job.attempt}.pid")
    end = time.monotonic() + PATIENCE
    while not (place / "go").exists() and time.monotonic() < end:
        if job.stopping:
            (place / "stopping").touch()
        time.sleep(0.01)


@job()
def mark(*, tag, job):
    _effect(job, tag)


@job()
def tick(*, job):
    _effect(job, "tick")


@job(title="Keeping a period")
def keep_period(*, period, job):
    _effect(job, period)


@job()
def hold(*, folder, tag, job):
    _effect(job, tag)
    db.session.flush()
    _hold(job, folder, tag)


@job()
def count(*, folder, total, hold_at, job):
    for number in range(job.position or 0, total):
        _effect(job, number)
        job.progress(number, total, "counting")
        if number == hold_at:
            db.session.flush()
            _hold(job, folder, "count")
        yield number + 1
    _effect(job, "end")


@job()
def fail(*, times, job):
    _effect(job, "tried")
    db.session.flush()
    if job.attempt <= times:
        raise ValueError("no luck")


@job()
def refuse(*, job):
    _effect(job, "refused")
    raise PermanentFailure("This file is not a bank statement.")


@job()
def give_up(*, job):
    _effect(job, "kept")
    job.give_up("The receiver does not exist.")


@job()
def loop(*, job):
    while True:
        try:
            time.sleep(0.001)
        except Exception:  # noqa: BLE001 - a careless job
            continue


@job()
def sleep_in_database(*, job):
    db.session.execute(text("SELECT pg_sleep(60)"))


@job()
def eat_memory(*, job):
    bytearray(400 * 1024 * 1024)


@job()
def hang(*, job):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(PATIENCE)


@job()
def look_around(*, job, fails):
    """An effect that says how many foreign rows are visible; every third run fails half-way."""
    foreign = db.session.scalar(
        text("SELECT count(*) FROM audit_events WHERE tenant_id <> :mine"), {"mine": job.tenant_id}
    )
    bound = db.session.scalar(text("SELECT current_setting('app.tenant_id')"))
    _effect(job, [foreign, bound == str(job.tenant_id)])
    db.session.flush()
    if fails and job.attempt == 1:
        if fails == "sql":
            db.session.execute(text("SELECT 1/0"))
        raise ValueError("half-way")


@job()
def pass_on(*, job):
    from tenants.jobs import enqueue

    enqueue("sample_jobs.mark", tag="passed on")


@job(states=ANY_STATE)
def always(*, tag, job):
    _effect(job, tag)


def undeclared(*, tag, job):
    _effect(job, tag)


@job()
def answer(*, job, value=None, chunks=0):
    if chunks:
        return _answer_in_chunks(chunks, value)
    return value


def _answer_in_chunks(chunks, value):
    yield from range(chunks)
    return value


@job(output_mb=0.01)
def talk(*, job, length, chunks):
    """Positions count as output, all chunks together."""
    for number in range(chunks):
        yield {"number": number, "text": "x" * length}


@job()
def apologise(*, job):
    raise Conflict("The bank %(bank)s has no such account.", bank="BNP")


@job(memory_mb=64)
def need_memory(*, megabytes, job):
    bytearray(megabytes * 1024 * 1024)


@job()
def spread(*, job, parts, refused=(), times_out=False):
    """A parent: it adds its parts in a first chunk and goes on with its own work."""
    from tenants.jobs import enqueue

    for number in range(parts):
        verb = "refuse" if number in refused else "mark"
        args: dict[str, Any] = {} if number in refused else {"tag": number}
        enqueue(
            f"sample_jobs.{verb}", key=f"part:{job.job_id}:{number}", parent_id=job.job_id, **args
        )
    yield "spread"
    _effect(job, "own")
    return {"parts": parts}


@job()
def spread_deep(*, job, folder):
    from tenants.jobs import enqueue

    enqueue("sample_jobs.spread", parent_id=job.job_id, parts=2)
    enqueue("sample_jobs.hold", parent_id=job.job_id, folder=folder, tag="deep")


@job(kind="heavy")
def lift(*, tag, job):
    _effect(job, tag)


@job(kind="heavy")
def keep_memory(*, megabytes, job):
    """Careless: what it allocates stays with the process."""
    _kept.append(b"x" * (megabytes * 1024 * 1024))


_kept: list[bytes] = []
