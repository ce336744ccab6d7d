import os
import signal
import time


def leader(house) -> int | None:
    found = house.rows("SELECT holder FROM leaders WHERE lease_until > now()")
    return int(found[0][0].split(":")[1]) if found else None


def test_when_the_leader_is_killed_the_other_takes_over(house):
    both = [house.spawn("dispatcher"), house.spawn("dispatcher")]
    house.spawn("worker", "--processes", "1")
    tenant = house.tenant()
    first = house.until(lambda: leader(house))
    for number in range(5):
        house.enqueue(tenant, "mark", tag=number)
    os.kill(first, signal.SIGKILL)
    for number in range(5, 10):
        house.enqueue(tenant, "mark", tag=number)
    house.all_succeeded(tenant)

    assert sorted(house.effects(tenant)) == list(range(10))
    assert leader(house) in {process.pid for process in both} - {first}


def test_a_stopped_leader_resigns_at_once(house):
    old = house.until(lambda: leader(house))
    fresh = house.spawn("dispatcher")
    [process] = [process for process in house.processes if process.pid == old]
    process.terminate()
    process.wait(10)
    house.until(lambda: leader(house) == fresh.pid, seconds=5)


def test_a_frozen_leader_that_wakes_up_doubles_nothing(house):
    house.spawn("dispatcher")
    frozen = house.until(lambda: leader(house))
    os.kill(frozen, signal.SIGSTOP)
    tenant = house.tenant()
    for number in range(5):
        house.enqueue(tenant, "mark", tag=number)
    house.until(lambda: leader(house) not in (None, frozen))
    os.kill(frozen, signal.SIGCONT)
    for number in range(5, 10):
        house.enqueue(tenant, "mark", tag=number)
    house.all_succeeded(tenant)
    time.sleep(0.2)

    assert sorted(house.effects(tenant)) == list(range(10))
    assert leader(house) != frozen
