"""Figures for Prometheus: on a port of their own, without anybody's name."""

import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dev.processes import free_port
from tests.workers.house import House, open_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with open_house("figures", tmp_path_factory.mktemp("figures")) as found:
        yield found


def scrape(port: int, seconds: float = 15) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            assert time.monotonic() < end, "nobody answers"
            time.sleep(0.05)
            continue
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


def of(found: Mapping[Any, float], name: str, **labels: str) -> float | None:
    return found.get((name, tuple(sorted(labels.items()))))


def test_dispatcher_and_worker_tell_their_figures(house: House, tmp_path: Path) -> None:
    tenant = house.tenant()
    waiting = house.enqueue(tenant, "mark", tag="a")
    dispatching, working = free_port(near=19_100, taken=set()), free_port(near=19_200, taken=set())
    dispatcher = house.spawn("dispatcher", COULISSE_METRICS_PORT=str(dispatching))
    found = scrape(dispatching)
    assert of(found, "coulisse_backlog_known") == 1
    assert of(found, "coulisse_jobs", queue="batch", state="queued") == 0
    house.until(lambda: of(scrape(dispatching), "coulisse_dispatcher_leads") == 1)

    worker = house.spawn("worker", COULISSE_METRICS_PORT=str(working))
    house.wait_for(waiting)
    labels = {"queue": "default", "job": "sample_jobs.mark", "outcome": "done"}
    house.until(lambda: of(scrape(working), "coulisse_jobs_run_total", **labels) == 1)
    found = scrape(working)
    assert of(found, "coulisse_worker_processes") == 2
    assert of(found, "coulisse_job_seconds_count", queue="default") == 1
    house.stop(worker)
    house.enqueue(tenant, "mark", tag="b")
    house.until(
        lambda: (
            (of(scrape(dispatching), "coulisse_jobs", queue="default", state="dispatched") or 0)
            + (of(scrape(dispatching), "coulisse_jobs", queue="default", state="queued") or 0)
            == 1
        )
    )
    house.stop(dispatcher)


def test_outbox_webhooks_and_quarantine_are_counted(house: House) -> None:
    tenant, other = house.tenant(), house.tenant()
    for state, number in (("queued", 2), ("quarantined", 1)):
        for _ in range(number):
            house.rows(
                "INSERT INTO jobs (tenant_id, name, queue, args, state, run_at) VALUES (%(t)s,"
                " 'outbox.deliver_mail', 'batch', '{}', %(s)s, now() - interval '90 s')",
                t=tenant, s=state,
            )  # fmt: skip
    house.rows(
        "INSERT INTO webhook_inbox (livemode, event_id, type, stripe_created, payload, state,"
        " owner_tenant) VALUES (false, 'evt_1', 'x', now(), '{}', 'parked', NULL),"
        " (false, 'evt_2', 'x', now(), '{}', 'new', %(t)s)",
        t=other,
    )
    from workers.metrics import Backlog

    collected = Backlog(
        database_url=house.urls.dispatcher.replace("+psycopg", ""), leads=lambda: False
    ).collect()
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in collected
        for sample in family.samples
    }
    assert of(found, "coulisse_dispatcher_leads") == 0
    assert of(found, "coulisse_outbox", kind="mail", state="pending") == 2
    assert of(found, "coulisse_outbox", kind="mail", state="dead") == 1
    assert of(found, "coulisse_jobs", queue="batch", state="quarantined") == 1
    assert (of(found, "coulisse_jobs_oldest_waiting_seconds", queue="batch") or 0) >= 90
    assert of(found, "coulisse_webhooks", state="parked") == 1
    assert of(found, "coulisse_webhooks", state="new") == 1
    said = " ".join(f"{name} {labels}" for name, labels in found)
    assert str(tenant) not in said
    assert str(other) not in said


def test_without_the_database_it_says_so() -> None:
    from workers.metrics import Backlog

    nowhere = Backlog(database_url="postgresql://127.0.0.1:9/x", leads=lambda: True)
    values = {family.name: family.samples[0].value for family in nowhere.collect()}
    assert values == {"coulisse_dispatcher_leads": 1, "coulisse_backlog_known": 0}
