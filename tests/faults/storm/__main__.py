"""`python -m tests.faults.storm --seed N --jobs N --minutes M`: jobs of three companies through
everything that can go wrong, in an order that follows from the seed; then all effects are counted.

The faults of one seed always come in the same order; how far the jobs are by then differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from dev.engines import Engines
from tests.faults.storm.cast import Cast
from tests.faults.storm.outside import Outside
from tests.faults.storm.plan import FAULTS, TENANTS, Plan, counted, make_plan
from tests.faults.storm.reckoning import Effect, Facts, Job, Promise, broken
from tests.faults.storm.sabotage import ALL
from tests.faults.storm.weather import Clock, Weather, rows
from tests.workers.house import PROJECT, House, open_house
from workers import queues

# What comes after the faults: the last jobs, and everything that still waits for its lease.
OPEN = """
SELECT (SELECT count(*) FROM jobs WHERE state NOT IN ('succeeded', 'quarantined', 'cancelled'))
    + (SELECT count(*) FROM tenant_schedules
       WHERE look_at IS NULL OR least(look_at, next_run_at) <= now() + make_interval(secs => %(ahead)s))
    + (SELECT count(*) FROM periodic_tasks
       WHERE next_run_at <= now() + make_interval(secs => %(ahead)s))
"""
BEGUN = "SELECT 1 FROM jobs WHERE name LIKE 'storm.%%' AND started_at IS NOT NULL LIMIT 1"
JOBS = "SELECT tenant_id::text, name, idempotency_key, state, error FROM jobs"
EFFECTS = """
SELECT tenant_id::text, facts::jsonb ->> 'owner', facts::jsonb ->> 'tag' FROM audit_events
WHERE name = 'storm.effect.made'
"""
PROMISES = "SELECT tenant_id::text, id::text, dedupe_key, state FROM outbox"


@dataclass
class Storm:
    plan: Plan
    house: House
    engines: Engines
    folder: Path
    # after the faults, as long as nothing moves: a machine may be slow
    patience: float = 240.0
    sabotage: str = ""
    wrong: list[str] = field(default_factory=list)

    def run(self) -> Facts:
        self.began = time.monotonic()
        tenants = [self.house.tenant() for _ in range(TENANTS)]
        owners = [str(one) for one in tenants]
        outside, clock = Outside(), Clock(self.folder)
        for one in tenants:
            outside.know(self.house, one)
        first, armed = clock.now(), self.folder / "armed"
        armed.mkdir()
        self.cast = Cast(
            self.house, SAMPLE_TASKS="1", COULISSE_DEMO="1", COULISSE_LOCAL=str(self.folder),
            FAULT_POINTS=str(armed), STORM_SABOTAGE=self.sabotage, **outside.settings,
            COULISSE_JOBS_TIME_LIMIT="0", COULISSE_JOBS_HANG_MARGIN="1",
            COULISSE_LOG_LEVEL="WARNING",
        )  # fmt: skip
        self.weather = Weather(self.house, self.engines, self.cast, outside, clock, armed)
        self._open_doors(owners)
        self._strike(clock)
        self._settle(clock)
        self.house.close()
        outside.close()
        return self._found(owners, outside, first, clock)

    def say(self, words: str) -> None:
        print(f"{time.monotonic() - self.began:6.1f} s  {words}", flush=True)

    def _open_doors(self, owners: list[str]) -> None:
        orders, done = self.folder / "orders.json", self.folder / "done"
        orders.write_text(
            json.dumps(
                [
                    {**order.as_dict(), "tenant_id": owners[order.tenant],
                     "owner": owners[order.tenant]}
                    for order in self.plan.orders
                ]
            )
        )  # fmt: skip
        done.write_text("0")
        for number in (1, 2):
            self.cast.add(f"dispatcher-{number}", "dispatcher")
        for number in (1, 2):
            self.cast.add(f"worker-{number}", "worker", "--processes", str(3 - number))
        self._wait(lambda: bool(rows(self.house, "SELECT 1 FROM periodic_tasks LIMIT 1")), 60)
        # new orders come as long as faults do
        spread = 15 if self.sabotage else sum(one.pause for one in self.plan.faults) * 0.6
        module = "tests.faults.entry"
        self.cast.add("entry", str(orders), str(done), f"{spread:.1f}", module=module)

    def _strike(self, clock: Clock) -> None:
        if self.sabotage:
            # a broken engine is struck while it works, on a machine of whatever speed
            self._wait(lambda: bool(rows(self.house, BEGUN)), self.patience)
        for number, fault in enumerate(self.plan.faults, 1):
            self._pass(fault.pause)
            if self.sabotage and self.cast.finished("entry") and self._quiet(clock):
                return
            came = self.weather.strike(fault)
            self.say(f"{number:3}. {fault.kind}{': ' + came if came else ''}")

    def _settle(self, clock: Clock) -> None:
        self.weather.calm()
        self.say("calm")
        done = self.folder / "done"
        if not self._wait(lambda: self.cast.finished("entry"), self.patience, done.read_text):
            self.wrong.append("not everything could be ordered")
        self.say("everything is ordered")
        if not self._wait(lambda: self._quiet(clock), self.patience, self._left):
            self.wrong.append(f"it did not settle, and nothing moved for {self.patience:.0f} s")
        self.say("quiet")

    def _quiet(self, clock: Clock) -> bool:
        [(left,)] = rows(self.house, OPEN, ahead=clock.offset.total_seconds())
        return bool(left == 0)

    def _left(self) -> object:
        """How many jobs have ended: trying again what never ends is no movement."""
        return rows(self.house, "SELECT count(*) FROM jobs WHERE finished_at IS NOT NULL")

    def _wait(self, reached: Any, seconds: float, moves: Any = None) -> bool:
        """What `moves` answers changes as long as waiting has a point, ten times as long at most."""
        began = moved = time.monotonic()
        last = None
        while not reached():
            now, found = time.monotonic(), moves and moves()
            if found != last:
                last, moved = found, now
            if now - moved > seconds or now - began > 10 * seconds:
                return False
            self._pass(0.2)
        return True

    def _pass(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.cast.tend()
            time.sleep(min(left, 0.05))

    def _found(self, owners: list[str], outside: Outside, first: Any, clock: Clock) -> Facts:
        redis: Any = Redis.from_url(self.house.redis_url)
        lists = [name for queue in queues.RULES for name in queues.lists(queue)]
        return Facts(
            owners=owners,
            orders=self.plan.orders,
            jobs=[Job(*row) for row in rows(self.house, JOBS)],
            effects=[Effect(*row) for row in rows(self.house, EFFECTS)],
            promises=[Promise(*row) for row in rows(self.house, PROMISES)],
            mails=outside.sink.taken,
            charged=outside.charged(),
            told=outside.told(),
            began=first,
            now=clock.now(),
            wrong=self.wrong,
            waiting_in_valkey=sum(redis.llen(f"rq:queue:{name}") for name in lists),
        )


def report(storm: Storm, facts: Facts) -> None:
    [(attempts, again, most)] = rows(
        storm.house,
        "SELECT sum(attempt), count(*) FILTER (WHERE attempt > 1), max(attempt) FROM jobs",
    )
    repeats = len(facts.mails) - len({one[2] for one in facts.mails})
    fired, left = storm.weather.met, ", ".join(storm.weather.unmet)
    print(f"faults      {sum(fired.values())} of {len(fired)} kinds; not met: {left or 'none'}")
    print(f"processes   {storm.cast.started} started for 5")
    print(f"ordered     {dict(counted(storm.plan.orders))}")
    print(f"jobs        {dict(Counter(job.state for job in facts.jobs))}")
    print(f"attempts    {attempts}; {again} jobs were begun again, one of them {most} times")
    print(f"effects     {len(facts.effects)}, once each")
    print(f"mails       {len(facts.mails)} came, {repeats} of them again, known by their id")
    again = len(facts.told) - len({one[2] for one in facts.told})
    print(f"webhooks    {len(facts.told)} came, {again} of them again, known by their id")
    print(f"at Stripe   {len(facts.charged)} items, once each")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.storm")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=6, help="of faults; then all settles")
    parser.add_argument("--faults", default=",".join(FAULTS), help="only these, by commas")
    parser.add_argument("--patience", type=float, default=240, help="seconds to settle in")
    parser.add_argument("--sabotage", default="", choices=["", *ALL], help="break this on purpose")
    return parser.parse_args()


def main() -> int:
    given = options()
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}, {given.jobs} jobs, {given.minutes:g} minutes of faults", flush=True)
    plan = make_plan(
        seed=seed, jobs=given.jobs, seconds=given.minutes * 60, faults=given.faults.split(",")
    )
    # its database is crashed: others must not live on it, and what is committed must stay
    engines = Engines(PROJECT / ".local" / "storm", fsync=True)
    folder = PROJECT / "test-artifacts" / f"storm-{seed}-{os.getpid()}"
    folder.mkdir(parents=True)
    with open_house("storm", folder, engines) as house:
        storm = Storm(plan, house, engines, folder, given.patience, given.sabotage)
        facts = storm.run()
        found = broken(facts)
        report(storm, facts)
    for line in found[:40]:
        print(f"BROKEN      {line}")
    if found:
        print(f"{len(found)} promises broken; logs in {folder}; again with --seed {seed}")
        if given.sabotage:
            shutil.rmtree(folder)
        return 1
    shutil.rmtree(folder)
    print("every promise kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
