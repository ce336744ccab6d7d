"""Whatever is done to a job in whatever order: its state never leaves the table."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from tenants.core.errors import Conflict
from tenants.jobs import cancel, drop, replay
from tenants.jobs.transitions import STATES, TRANSITIONS, allowed
from tests.effort import effort
from tests.workers.house import House, connection
from workers import claims
from workers.ledger import Ledger, Task
from workers.queues import HandOver
from workers.run import Superseded
from workers.timing import Timing

AT_ONCE = Timing(backoff=0, backoff_ceiling=0, run_lease=-1, hand_over_lease=-1)
STEPS = 400


class Walk:
    """Everything that the dispatcher, workers and staff may do to this tenant's job, at any time;
    workers also with tasks that are long out of date."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance = house, random.Random(seed)
        self.tenant = house.tenant()
        self.ledger = Ledger(house.app, AT_ONCE)
        self.job = house.enqueue(self.tenant, "mark", tag="walk", max_attempts=2)
        self.given: list[HandOver] = []
        self.tasks: list[Task] = []
        self.steps: list[Callable[[], Any]] = [
            self.claim, self.claim, self.start, self.start, self.take_back,
            self.of_worker("finish", given_up=None), self.of_worker("finish", given_up="no"),
            self.of_worker("fail", error="x", trace="", final=False),
            self.of_worker("fail", error="x", trace="", final=True),
            self.of_worker("hand_back"), self.lose, self.lose,
            *(partial(self.of_staff, verb) for verb in (replay, drop, replay)),
            self.cancel_seldom,
        ]  # fmt: skip

    def state(self) -> str:
        return str(self.house.job(self.job)["state"])

    def claim(self) -> None:
        with connection(self.house.urls.dispatcher) as raw:
            found = claims.claim(raw, AT_ONCE)
        self.given += [one for one in found if one.job_id == self.job]

    def take_back(self) -> None:
        if self.given:
            with connection(self.house.urls.dispatcher) as raw:
                claims.take_back(raw, [self.chance.choice(self.given)])

    def lose(self) -> None:
        with connection(self.house.urls.dispatcher) as raw:
            claims.end_killed(raw, AT_ONCE)

    def start(self) -> None:
        if self.given:
            one = self.chance.choice(self.given[-2:])
            task = self.ledger.start(one.tenant_id, one.job_id, one.attempt)
            self.tasks += [task] if task else []

    def of_worker(self, verb: str, **given: Any) -> Callable[[], None]:
        def step() -> None:
            if not self.tasks:
                return
            task = self.chance.choice(self.tasks[-2:])
            with suppress(Superseded):
                if verb == "finish":
                    with self.ledger.transaction(task.tenant_id):
                        self.ledger.finish(task, **given)
                else:
                    getattr(self.ledger, verb)(task, **given)

        return step

    def cancel_seldom(self) -> None:
        if self.chance.random() < 0.3:
            self.of_staff(cancel)

    def of_staff(self, verb: Callable[..., Any]) -> None:
        with suppress(Conflict), self.house.acting(self.tenant):
            verb(job_id=self.job)


@pytest.mark.parametrize("seed", range(effort(1)))
def test_a_random_walk_stays_in_the_table(house: House, seed: int) -> None:
    walk = Walk(house, seed)
    seen = {walk.state()}
    for _ in range(STEPS):
        before = walk.state()
        walk.chance.choice(walk.steps)()
        after = walk.state()
        assert before == after or allowed(before, after), (before, after)
        seen.add(after)
        if after in ("succeeded", "cancelled"):
            walk.job = house.enqueue(walk.tenant, "mark", tag="walk", max_attempts=2)
            walk.given, walk.tasks = [], []
    assert seen == set(STATES) - {"waiting"}


def test_a_job_ends_in_one_of_three_ways(house: House) -> None:
    """And only quarantine can be left again."""
    left = {source for one in TRANSITIONS.values() for source in one.sources}
    assert {"succeeded", "cancelled"}.isdisjoint(left)
    assert TRANSITIONS["replay"].sources == ("quarantined",)
