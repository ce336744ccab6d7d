"""What workers and dispatcher tell Prometheus. The dispatcher counts by what its role sees: queues,
states and ages of all tenants, of none in particular."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tenants.core.metrics import REGISTRY, serve
from tenants.jobs import TURN
from workers import scheduler
from workers.queues import RULES

log = logging.getLogger(__name__)

JOBS = Counter(
    "coulisse_jobs_run", "Runs of jobs that ended here", ["queue", "job", "outcome"],
    registry=REGISTRY,
)  # fmt: skip
JOB_SECONDS = Histogram(
    "coulisse_job_seconds", "Time of one run", ["queue"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 1800), registry=REGISTRY,
)  # fmt: skip
PROCESSES = Gauge("coulisse_worker_processes", "Worker processes that live", registry=REGISTRY)
RESPAWNED = Counter("coulisse_worker_respawned", "Worker processes that died", registry=REGISTRY)

REFUSED = Counter(
    "coulisse_jobs_refused", "Messages of the queue that were not ours", ["why"], registry=REGISTRY
)

LEASES_LOST = Counter(
    "coulisse_jobs_leases_lost", "Runs whose worker died in the middle", registry=REGISTRY
)
HAND_OVERS_LOST = Counter(
    "coulisse_jobs_hand_overs_lost", "Hand-overs that nobody took up", registry=REGISTRY
)

LIVE = """
SELECT queue, CASE WHEN held_since IS NULL THEN state ELSE 'held' END, count(*),
    extract(epoch FROM now() - min(run_at) FILTER (WHERE held_since IS NULL))::float8
FROM jobs WHERE state IN ('queued', 'retrying') AND run_at <= now() GROUP BY 1, 2
UNION ALL
SELECT queue, 'later', count(*), NULL
FROM jobs WHERE state IN ('queued', 'retrying') AND run_at > now() GROUP BY 1
UNION ALL
SELECT queue, state, count(*), NULL
FROM jobs WHERE state IN ('dispatched', 'running') GROUP BY 1, 2
UNION ALL
SELECT queue, state, count(*), NULL FROM jobs WHERE state = 'quarantined' GROUP BY 1, 2
UNION ALL
SELECT queue, state, count(*), NULL FROM jobs WHERE state = 'waiting' GROUP BY 1, 2
"""
WORKERS = """
SELECT kind, CASE WHEN lease_until < now() THEN 'lost' WHEN stopping THEN 'stopping'
    WHEN job_id IS NULL THEN 'ready' ELSE 'working' END, count(*)
FROM job_workers GROUP BY 1, 2
"""
CALENDARS = f"""
SELECT count(DISTINCT tenant_id) FROM jobs WHERE state = 'quarantined' AND name = '{TURN}'
"""  # noqa: S608 - our own text
# An effect outside is one job; what can't be delivered ends in quarantine.
OUTBOX = """
SELECT substr(name, length('outbox.deliver_') + 1), CASE WHEN state = 'quarantined' THEN 'dead' ELSE 'pending' END, count(*)
FROM (
    SELECT name, state FROM jobs WHERE state IN ('queued', 'retrying')
    UNION ALL SELECT name, state FROM jobs WHERE state IN ('dispatched', 'running')
    UNION ALL SELECT name, state FROM jobs WHERE state = 'quarantined'
) AS open WHERE starts_with(name, 'outbox.deliver_') GROUP BY 1, 2
"""
INBOX = """
SELECT state, count(*), coalesce(extract(epoch FROM now() - min(received_at)), 0)::float8
FROM webhook_inbox WHERE state IN ('new', 'parked') GROUP BY 1
"""


class Report:
    """Lines through a pipe, from the workers to the one process that is asked for figures.

    Lines are shorter than what a pipe writes at once; a full pipe loses a figure, never a job.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def ended(self, queue: str, job: str, outcome: str, seconds: float) -> None:
        self._tell(f"run {queue} {job[:100]} {outcome} {seconds:.6f}")

    def refused(self, why: str) -> None:
        self._tell(f"refused {why}")

    def processes(self, number: int) -> None:
        self._tell(f"processes {number}")

    def respawned(self) -> None:
        self._tell("respawned")

    def _tell(self, line: str) -> None:
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._write, f"{line}\n".encode())

    def serve(self) -> None:
        """Answers Prometheus until the end of this process, in which nothing else runs: a
        supervisor with threads could not fork safely."""
        serve()
        with os.fdopen(self._read, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                count(line)


def count(line: str) -> None:
    match line.split():
        case ["run", queue, job, outcome, seconds]:
            JOBS.labels(queue, job, outcome).inc()
            JOB_SECONDS.labels(queue).observe(float(seconds))
        case ["processes", number]:
            PROCESSES.set(int(number))
        case ["refused", why]:
            REFUSED.labels(why).inc()
        case ["respawned"]:
            RESPAWNED.inc()


class Backlog(Collector):
    """Asks the database at each scrape, in a connection of its own."""

    def __init__(self, *, database_url: str, leads: Callable[[], bool]) -> None:
        self._url = database_url
        self._leads = leads

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "coulisse_dispatcher_leads", "Whether this one hands jobs over", value=self._leads()
        )
        try:
            with psycopg.connect(self._url, autocommit=True, connect_timeout=2) as connection:
                connection.execute("SET statement_timeout = '5s'")
                jobs = connection.execute(LIVE).fetchall()
                outbox = connection.execute(OUTBOX).fetchall()
                inbox = connection.execute(INBOX).fetchall()
                lags = scheduler.lags(connection)
                workers = connection.execute(WORKERS).fetchall()
                [(stopped,)] = connection.execute(CALENDARS).fetchall()
        except psycopg.Error as error:
            log.warning("no figures of the backlog: %s", error)
            yield GaugeMetricFamily("coulisse_backlog_known", "Database answered", value=0)
            return
        yield GaugeMetricFamily("coulisse_backlog_known", "Database answered", value=1)
        yield from _jobs(jobs)
        yield _family("coulisse_workers", "Worker processes", ["kind", "state"], workers)
        yield _family("coulisse_outbox", "Effects outside", ["kind", "state"], outbox)
        yield _family("coulisse_webhooks", "Events of Stripe", ["state"], [r[:2] for r in inbox])
        yield _family(
            "coulisse_webhooks_oldest_seconds", "Age of the oldest one", ["state"],
            [(state, age) for state, _, age in inbox],
        )  # fmt: skip

        yield GaugeMetricFamily(
            "coulisse_calendars_stopped", "Companies whose periodic work stands still until a job "
            "in quarantine runs again", value=stopped,
        )  # fmt: skip
        yield _family(
            "coulisse_schedule_lag_seconds", "How late the periodic work is, at the company that "
            "waits longest", ["task"], lags,
        )  # fmt: skip

    def describe(self) -> list[Metric]:
        return []


def _jobs(rows: list[tuple[Any, ...]]) -> Iterator[Metric]:
    counted = {(queue, state): number for queue, state, number, _ in rows}
    states = (
        "queued", "retrying", "later", "held", "dispatched", "running", "waiting", "quarantined",
    )  # fmt: skip
    yield _family(
        "coulisse_jobs", "Jobs that did not end well yet", ["queue", "state"],
        [(queue, state, counted.get((queue, state), 0)) for queue in RULES for state in states],
    )  # fmt: skip
    ages = {queue: 0.0 for queue in RULES}
    for queue, _, _, age in rows:
        ages[queue] = max(ages.get(queue, 0.0), age or 0.0)
    yield _family(
        "coulisse_jobs_oldest_waiting_seconds", "How long the oldest due job waits", ["queue"],
        list(ages.items()),
    )  # fmt: skip


def _family(
    name: str, text: str, labels: list[str], rows: Sequence[tuple[Any, ...]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for *values, number in rows:
        family.add_metric([str(value) for value in values], float(number))
    return family
