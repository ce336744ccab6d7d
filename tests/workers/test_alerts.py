"""One line of the log for each thing that somebody should be woken for, and one when it is over."""

from __future__ import annotations

import logging
from typing import Any

import psycopg
import pytest

from tests.workers.house import House
from workers.alerts import EVERY, Alerts
from workers.metrics import Backlog


class Watch:
    """The alerts of a leader that looks whenever it is told to."""

    def __init__(self, house: House, caplog: Any, monkeypatch: Any, **given: Any) -> None:
        self.alerts, self._caplog, self._at = Alerts(**given), caplog, 0.0
        self._url = house.urls.dispatcher.replace("+psycopg", "")
        monkeypatch.setattr("workers.alerts.time.monotonic", lambda: self._at)
        caplog.set_level(logging.INFO, logger="workers.alerts")
        self.alerts_said = self.look()

    def look(self, after: float = EVERY) -> list[dict[str, Any]]:
        self._at += after
        self._caplog.clear()
        with psycopg.connect(self._url, autocommit=True) as connection:
            self.alerts.look(connection)
        return [record.fields for record in self._caplog.records]


@pytest.fixture
def watch(house: House, caplog: Any, monkeypatch: Any) -> Any:
    house.rows("DELETE FROM jobs WHERE parent_id IS NULL")
    return lambda **given: Watch(house, caplog, monkeypatch, **given)


def add(
    house: House, tenant: Any, state: str, more: str = "now()", name: str = "sample_jobs.mark"
) -> None:
    house.rows(
        "INSERT INTO jobs (tenant_id, name, queue, args, state, run_at)"
        f" VALUES (%(t)s, %(n)s, 'default', '{{}}', %(s)s, {more})",
        t=tenant, s=state, n=name,
    )  # fmt: skip


def test_jobs_that_wait_too_long(house: House, watch: Any) -> None:
    seen, tenant = watch(latest={"default": 60.0}), house.tenant()
    add(house, tenant, "queued", "now() - interval '30 seconds'")
    assert seen.look() == []
    add(house, tenant, "retrying", "now() - interval '2 minutes'")
    [said] = seen.look()
    assert (said["alert"], said["queue"], said["limit"]) == ("jobs_late", "default", 60.0)
    assert said["seconds"] >= 120
    assert seen.look() == [], "once for each episode"
    house.rows("UPDATE jobs SET held_since = now() WHERE tenant_id = %(t)s", t=tenant)
    assert seen.look() == [{"alert": "jobs_late", "over": True, "queue": "default"}]


def test_a_quarantine_that_grows(house: House, watch: Any) -> None:
    tenant = house.tenant()
    add(house, tenant, "quarantined")
    seen = watch(quiet=100.0)
    assert seen.look() == [], "what lies there already is no news"
    add(house, tenant, "quarantined")
    add(house, tenant, "quarantined")
    [said] = seen.look()
    assert said == {"alert": "quarantine_grows", "more": 2, "jobs": 3}
    add(house, tenant, "quarantined")
    assert seen.look() == []
    assert seen.look(101.0) == [{"alert": "quarantine_grows", "over": True, "jobs": 4}]
    add(house, tenant, "quarantined")
    assert [one["alert"] for one in seen.look()] == ["quarantine_grows"]


def test_a_calendar_that_stands_still(house: House, watch: Any) -> None:
    one, other = house.tenant(), house.tenant()
    seen = watch(quiet=0.0)
    for tenant in (one, other):
        add(house, tenant, "quarantined", name="schedule.turn")
    said = [told for told in seen.look() if told["alert"] == "calendar_stopped"]
    assert {told["tenant"] for told in said} == {str(one), str(other)}
    assert stopped(house) == 2
    assert [told for told in seen.look() if told["alert"] == "calendar_stopped"] == []
    house.rows("UPDATE jobs SET state = 'queued' WHERE tenant_id = %(t)s", t=one)
    assert {"alert": "calendar_stopped", "over": True, "tenant": str(one)} in seen.look()
    assert stopped(house) == 1
    # The next leader says it anew.
    [said] = [told for told in watch().alerts_said if told["alert"] == "calendar_stopped"]
    assert said["tenant"] == str(other)


def stopped(house: House) -> float:
    dispatcher = Backlog(
        database_url=house.urls.dispatcher.replace("+psycopg", ""), leads=lambda: True
    )
    [found] = [one for one in dispatcher.collect() if one.name == "coulisse_calendars_stopped"]
    return found.samples[0].value


def test_nobody_led(house: House, watch: Any, caplog: Any) -> None:
    seen = watch()
    caplog.clear()
    seen.alerts.begin(None)
    assert not caplog.records
    seen.alerts.begin(42.04)
    [record] = caplog.records
    assert record.fields == {"alert": "no_leader", "seconds": 42.0}


def test_the_next_leader_and_the_workers_say_that_nobody_led(house: House) -> None:
    house.rows("DELETE FROM leaders")
    house.rows("DELETE FROM job_workers")
    log = house.folder / "processes.log"
    begun = log.stat().st_size if log.exists() else 0
    worker = house.spawn("worker", "--processes", "2")
    house.until(lambda: '"alert": "no_leader"' in log.read_text()[begun:])
    assert log.read_text()[begun:].count("no_leader") == 1
    house.rows(
        "INSERT INTO leaders (name, holder, lease_until)"
        " VALUES ('dispatcher', 'gone', now() - interval '42 seconds')"
    )
    dispatcher = house.spawn("dispatcher")
    house.until(lambda: log.read_text()[begun:].count('"alert": "no_leader"') == 2)
    for process in (worker, dispatcher):
        house.stop(process)
