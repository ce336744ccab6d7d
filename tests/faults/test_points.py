"""`kill -9` at each named point: who waited for it gets its effect once, others notice nothing. Some
for every change; all of them in `make prove`, and in the storm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tenants.jobs import enqueue
from tests.effort import PROVE
from tests.faults import points
from tests.faults.storm.cast import Cast
from tests.faults.storm.outside import Outside
from tests.faults.storm.weather import Clock
from tests.workers.house import House

# What has to go wrong before it.
FIRST = {
    "dispatcher.took-back": "dispatcher.claimed",
    "dispatcher.ended-killed": "worker.started",
}
SOME = (
    "worker.after-commit",
    "worker.mail-taken",
    "worker.charged",
    "dispatcher.claimed",
    "scheduler.before-commit",
)
TRIED = (*points.WORKER, *points.DISPATCHER) if PROVE else SOME


class System:
    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.outside, self.clock = house, Outside(), Clock(folder)
        self.armed = folder / "armed"
        self.armed.mkdir()
        # known before anybody schedules
        self.tenant = house.tenant()
        self.cast = Cast(
            house, SAMPLE_TASKS="1", COULISSE_DEMO="1", COULISSE_LOCAL=str(folder),
            FAULT_POINTS=str(self.armed), **self.outside.settings,
        )  # fmt: skip
        self.cast.add("dispatcher", "dispatcher")
        self.cast.add("worker", "worker", "--processes", "1")

    def order(self, tenant: UUID, verb: str, tag: str, **args: Any) -> UUID:
        with self.house.acting(tenant):
            return enqueue(f"storm.{verb}", owner=str(tenant), tag=tag, **args)

    def until(self, reached: Callable[[], object]) -> None:
        def tended() -> object:
            self.cast.tend()
            return reached()

        self.house.until(tended, 60)

    def quiet(self) -> bool:
        open_ones = "SELECT 1 FROM jobs WHERE state NOT IN ('succeeded', 'quarantined') LIMIT 1"
        return not self.house.rows(open_ones)

    def effects(self, tenant: UUID) -> Counter[str]:
        found = self.house.rows(
            "SELECT facts::jsonb ->> 'tag' FROM audit_events WHERE tenant_id = %(t)s"
            " AND name = 'storm.effect.made'",
            t=tenant,
        )
        return Counter(tag for (tag,) in found)

    def mails(self, tenant: UUID) -> dict[str, set[str]]:
        """The numbers under which each came."""
        found: dict[str, set[str]] = {}
        for to, subject, number in self.outside.sink.taken:
            if to.startswith(str(tenant)):
                found.setdefault(subject, set()).add(number)
        return found


@pytest.fixture(scope="module")
def system(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    found = System(house, tmp_path_factory.mktemp("points"))
    found.until(lambda: house.rows("SELECT 1 FROM periodic_tasks"))
    yield found
    house.close()
    found.outside.close()


@pytest.mark.parametrize("point", [one for one in TRIED if not one.startswith("scheduler.")])
def test_killed_there_a_job_has_its_effect_once(system: System, point: str) -> None:
    ours, theirs = system.house.tenant(), system.house.tenant()
    system.outside.know(system.house, ours)
    armed = [points.arm(system.armed, one) for one in (FIRST.get(point), point) if one]
    system.order(ours, "stumble" if point == "worker.before-failure" else "act", "plain")
    system.order(ours, "walk", "steps", parts=2)
    system.order(ours, "charge", "order-3")
    system.order(ours, "announce", "order-4")
    system.order(theirs, "act", "beside")
    system.until(lambda: not any(file.exists() for file in armed))
    system.until(system.quiet)

    once = Counter(["plain", "steps/0", "steps/1", "steps", "order-3", "order-4"])
    assert {tag: n for tag, n in system.effects(ours).items() if tag in once} == once
    assert system.effects(theirs)["beside"] == 1
    assert {what: len(ids) for what, ids in system.mails(ours).items()} == {"plain": 1, "steps": 1}
    assert {what: len(ids) for what, ids in system.mails(theirs).items()} == {"beside": 1}
    charged = [tag for who, tag in system.outside.charged() if who == str(ours)]
    told = {(tag, number) for who, tag, number in system.outside.told() if who == str(ours)}
    assert charged == ["order-3"]
    assert [tag for tag, _ in told] == ["order-4"]


@pytest.mark.parametrize("point", [one for one in TRIED if one.startswith("scheduler.")])
def test_killed_there_an_hour_is_done_once(system: System, point: str) -> None:
    tenant = system.tenant
    system.until(lambda: system.house.rows("SELECT 1 FROM tenant_schedules HAVING count(*) > 1"))
    system.until(system.quiet)
    before = system.effects(tenant)["tick"]
    armed = points.arm(system.armed, point)
    system.clock.move(timedelta(hours=1))
    hour = f"hour {system.clock.now():%Y-%m-%dT%H:00:00Z}"
    system.until(lambda: not armed.exists())
    system.until(lambda: system.effects(tenant)[hour])
    system.until(lambda: system.effects(tenant)["tick"] > before)
    system.until(system.quiet)

    assert system.effects(tenant)[hour] == 1
    assert system.effects(tenant)["tick"] == before + 1
