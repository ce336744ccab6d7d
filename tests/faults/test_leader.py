import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workers.house import House


@pytest.fixture
def two(house: House) -> Iterator[list[Any]]:
    both = [house.spawn("dispatcher"), house.spawn("dispatcher")]
    house.spawn("worker", "--processes", "1")
    yield both
    house.close()


def leader(house) -> int | None:
    found = house.rows("SELECT holder FROM leaders WHERE lease_until > now()")
    return int(found[0][0].split(":")[1]) if found else None


def test_when_the_leader_is_killed_the_other_takes_over(house, two):
    tenant = house.tenant()
    first = house.until(lambda: leader(house))
    for number in range(5):
        house.enqueue(tenant, "mark", tag=number)
    os.kill(first, signal.SIGKILL)
    for number in range(5, 10):
        house.enqueue(tenant, "mark", tag=number)
    house.all_succeeded(tenant)

    assert sorted(house.effects(tenant)) == list(range(10))
    assert leader(house) in {process.pid for process in two} - {first}


def test_a_stopped_leader_resigns_at_once(house, two):
    first = house.until(lambda: leader(house))
    [old] = [process for process in two if process.pid == first]
    [fresh] = [process for process in two if process is not old]
    old.terminate()
    old.wait(10)
    house.until(lambda: leader(house) == fresh.pid)


def test_a_frozen_leader_that_wakes_up_doubles_nothing(house, two):
    frozen = house.until(lambda: leader(house))
    os.kill(frozen, signal.SIGSTOP)
    tenant = house.tenant()
    for number in range(5):
        house.enqueue(tenant, "mark", tag=number)
    try:
        house.until(lambda: leader(house) not in (None, frozen))
    finally:
        os.kill(frozen, signal.SIGCONT)
    for number in range(5, 10):
        house.enqueue(tenant, "mark", tag=number)
    house.all_succeeded(tenant)
    time.sleep(0.2)

    assert sorted(house.effects(tenant)) == list(range(10))
    assert leader(house) != frozen
