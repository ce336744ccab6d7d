"""Each fault of the plan, done to the running system."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from redis import Redis, RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from dev.engines import Engines
from tests.faults import points
from tests.faults.storm.cast import Cast
from tests.faults.storm.outside import Outside
from tests.faults.storm.plan import Fault
from tests.workers.house import House
from workers.queues import EXECUTE

# In the night of 28 March 2027 no clock of Paris shows half past two.
BEGINS = datetime(2027, 3, 28, 0, 20, tzinfo=UTC)


class Clock:
    """The injected one of scheduler and workers."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock-offset"
        self.offset = BEGINS - datetime.now(UTC)
        self.move(timedelta())

    def move(self, by: timedelta) -> None:
        self.offset += by
        fresh = self._file.with_suffix(".part")
        fresh.write_text(str(self.offset.total_seconds()))
        fresh.rename(self._file)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class Weather:
    def __init__(
        self,
        house: House,
        engines: Engines,
        cast: Cast,
        outside: Outside,
        clock: Clock,
        armed: Path,
    ) -> None:
        self.house, self._engines, self._cast = house, engines, cast
        self._outside, self._clock, self._armed = outside, clock, armed
        self.met: Counter[str] = Counter()
        # points that nobody came by
        self.unmet: list[str] = []

    def strike(self, fault: Fault) -> str:
        """What came of it, for people."""
        name, _, point = fault.kind.partition(":")
        self.met[fault.kind] += 1
        if point:
            points.arm(self._armed, point)
            return ""
        act: Callable[[Fault], str | None] = getattr(self, f"_{name}")
        return act(fault) or ""

    def still_armed(self) -> list[str]:
        return sorted(os.listdir(self._armed))

    def calm(self) -> None:
        self.unmet = self.still_armed()
        for name in self.unmet:
            (self._armed / name).unlink(missing_ok=True)
        self._cast.calm()
        self._outside.calm()

    def _kill_worker(self, fault: Fault) -> str:
        return self._kill(self._cast.workers(), fault)

    def _kill_supervisor(self, fault: Fault) -> str:
        return self._kill(self._cast.pids("worker"), fault)

    def _kill_leader(self, fault: Fault) -> str:
        return self._kill(self._leader(), fault)

    def _kill_other_dispatcher(self, fault: Fault) -> str:
        others = set(self._cast.pids("dispatcher")) - set(self._leader())
        return self._kill(sorted(others), fault)

    def _kill_entry(self, fault: Fault) -> str:
        return self._kill(self._cast.pids("entry"), fault)

    def _freeze_worker(self, fault: Fault) -> str:
        return self._freeze(self._cast.workers(), fault)

    def _freeze_leader(self, fault: Fault) -> str:
        return self._freeze(self._leader(), fault)

    def _stop_worker(self, fault: Fault) -> str:
        found = self._cast.pids("worker")
        if not found:
            return "nobody there"
        self._cast.terminate(found[fault.which % len(found)])
        return ""

    def _flush_valkey(self, fault: Fault) -> str:
        try:
            self._redis().flushall()
        except RedisError:
            return "it is away"
        return ""

    def _valkey_away(self, fault: Fault) -> None:
        self.house.valkey.stop()
        self._cast.later(fault.seconds, self.house.valkey.up)

    def _kill_valkey(self, fault: Fault) -> str:
        try:
            server: Any = self._redis().info("server")
        except RedisError:
            return "it is away"
        self._cast.kill(int(server["process_id"]))
        self._cast.later(fault.seconds / 3, self.house.valkey.up)
        return ""

    def _crash_postgres(self, fault: Fault) -> str:
        began = time.monotonic()
        self._engines.crash_database()
        return f"away for {time.monotonic() - began:.1f} s"

    def _drop_connections(self, fault: Fault) -> None:
        rows(
            self.house,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )

    def _mail_away(self, fault: Fault) -> None:
        self._outside.sink.stop()
        self._cast.later(fault.seconds, self._outside.sink.up)

    def _mail_confused(self, fault: Fault) -> None:
        self._outside.sink.confused += 3

    def _stripe_away(self, fault: Fault) -> None:
        self._outside.stripe.away = True
        self._cast.later(fault.seconds, self._stripe_back)

    def _stripe_back(self) -> None:
        self._outside.stripe.away = False

    def _stripe_confused(self, fault: Fault) -> None:
        self._outside.stripe.confused += 3

    def _hour_ahead(self, fault: Fault) -> str:
        self._clock.move(timedelta(hours=1))
        return f"{self._clock.now():%H:%M} UTC"

    def _hour_back(self, fault: Fault) -> str:
        self._clock.move(timedelta(hours=-1))
        return f"{self._clock.now():%H:%M} UTC"

    def _forge(self, fault: Fault) -> str:
        """Envelopes of somebody who can write to Redis: for a real job, unsigned and badly signed,
        and for one that does not exist."""
        known = rows(self.house, "SELECT tenant_id, id, attempt FROM jobs ORDER BY id LIMIT 1000")
        if not known:
            return "no job yet"
        tenant, job, attempt = known[fault.which % len(known)]
        invented: list[list[Any]] = [
            [str(tenant), str(job), attempt + 1],
            [str(tenant), str(job), attempt + 1, "x" * 43],
            [str(uuid4()), str(job), attempt, "x" * 43],
            [None, str(job), attempt],
        ]
        try:
            queue = Queue("default", connection=self._redis(), serializer=JSONSerializer)
            for args in invented:
                queue.enqueue(EXECUTE, args=args, result_ttl=0)
        except RedisError:
            return "Valkey is away"
        return ""

    def _redis(self) -> Redis:
        return Redis.from_url(self.house.redis_url)

    def _leader(self) -> list[int]:
        found = rows(self.house, "SELECT holder FROM leaders WHERE lease_until > now()")
        pids = {int(holder.split(":")[1]) for (holder,) in found}
        return sorted(pids & set(self._cast.pids("dispatcher")))

    def _kill(self, pids: list[int], fault: Fault) -> str:
        if not pids:
            return "nobody there"
        self._cast.kill(pids[fault.which % len(pids)])
        return ""

    def _freeze(self, pids: list[int], fault: Fault) -> str:
        if not pids:
            return "nobody there"
        self._cast.freeze(pids[fault.which % len(pids)], fault.seconds + 2)
        return f"for {fault.seconds + 2:.1f} s"


def rows(house: House, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Past restarts of the database."""
    end = time.monotonic() + 60
    while True:
        with suppress(psycopg.OperationalError, psycopg.InterfaceError):
            return house.rows(statement, **values)
        assert time.monotonic() < end, "the database does not come back"
        time.sleep(0.1)
