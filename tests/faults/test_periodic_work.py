"""Periodic work through a night in which the clocks change, with a clock that jumps and a scheduler
that is killed."""

import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.faults.test_leader import leader
from tests.workers.house import House

HOURS = [f"2026-10-{hour}:00:00Z" for hour in ("24T23", "25T00", "25T01", "25T02")]


class Night:
    """The processes' clock; `hours` are those whose job is done."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder
        self.time_is(24, 22, 50)
        self.company: UUID = house.tenant()
        own = {"COULISSE_DEMO": "1", "COULISSE_LOCAL": str(folder), "SAMPLE_TASKS": "1"}
        for role in ("dispatcher", "dispatcher"):
            house.spawn(role, **own)
        house.spawn("worker", "--processes", "1", **own)
        planned = "SELECT 1 FROM tenant_schedules HAVING count(next_run_at) = 3"
        house.until(lambda: house.rows(planned), 40)

    def time_is(self, day: int, hour: int, minute: int, month: int = 10) -> None:
        moment = datetime(2026, month, day, hour, minute, 5, tzinfo=UTC)
        part = self.folder / "clock-offset.part"
        part.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        part.rename(self.folder / "clock-offset")

    @property
    def effects(self) -> list[str]:
        found: list[str] = self.house.effects(self.company)
        return found

    @property
    def hours(self) -> list[str]:
        return [tag for tag in self.effects if "T" in tag]


@pytest.fixture
def night(house: House, tmp_path: Path) -> Night:
    return Night(house, tmp_path)


def test_a_clock_that_jumps_and_a_scheduler_that_dies(night):
    night.time_is(25, 1, 10)  # 02:30 came, three hours at once
    night.house.until(lambda: night.hours == HOURS[:3])
    night.time_is(25, 0, 20)  # back, before it
    first = night.house.until(lambda: leader(night.house))
    os.kill(first, signal.SIGKILL)
    night.house.until(lambda: leader(night.house) not in (None, first))
    night.time_is(25, 2, 5)  # 02:30 comes again
    night.house.until(lambda: night.hours == HOURS)
    night.time_is(4, 7, 0, month=11)
    night.house.until(lambda: "2026-11" in night.effects)
    night.house.close()

    assert night.effects.count("2026-10-25") == 1
    assert night.effects.count("2026-11") == 1
    assert len(night.hours) == len(set(night.hours))
