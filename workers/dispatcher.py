"""Hands due jobs over to RQ. Any number of dispatchers may run; the one with the lease works."""

import logging
import os
import socket
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import Connection
from redis import Redis, RedisError
from sqlalchemy import make_url

from workers import claims, queues
from workers.alerts import Alerts
from workers.metrics import HAND_OVERS_LOST, LEASES_LOST
from workers.registry import Declaration
from workers.schedule import Periodic
from workers.scheduler import Scheduler
from workers.timing import Timing

log = logging.getLogger(__name__)

# Between two looks under load: what became due meanwhile is claimed in one statement.
BREATH = 0.01

LEAD = """
INSERT INTO leaders (name, holder, lease_until)
VALUES ('dispatcher', %(me)s, now() + make_interval(secs => %(lease)s))
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
WHERE leaders.holder = excluded.holder OR leaders.lease_until < now()
RETURNING holder
"""
# A dispatcher that was frozen inside a transaction must not hold up the next leader.
PATIENCE = """
SELECT set_config('lock_timeout', '2s', false), set_config('statement_timeout', '30s', false),
    set_config('idle_in_transaction_session_timeout', %(idle)s, false)
"""
# Nobody has led for so long, since the lease of a leader that died ran out.
AWAY = """
SELECT extract(epoch FROM now() - lease_until)::float8 FROM leaders
WHERE name = 'dispatcher' AND holder <> %(me)s AND lease_until < now()
"""
# Plans that were made while there were few jobs would read the whole backlog of a day with many:
# every statement here goes along an index, and is planned by what there is now.
ALONG_INDEXES = """
SELECT set_config('plan_cache_mode', 'force_custom_plan', false),
    set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
    set_config('enable_mergejoin', 'off', false)
"""
RESIGN = "DELETE FROM leaders WHERE name = 'dispatcher' AND holder = %(me)s"


class Dispatcher:
    def __init__(
        self,
        *,
        database_url: str,
        redis_url: str,
        timing: Timing,
        tasks: Sequence[Periodic],
        declared: Mapping[str, Declaration] = MappingProxyType({}),
        version: int = 0,
    ) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self.database = url.render_as_string(hide_password=False)
        self._redis: Redis = queues.connect(redis_url)
        self._timing = timing
        self._scheduler = Scheduler(tasks, declared, version)
        self._access = claims.Access(declared)
        self._alerts = Alerts()
        self._me = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
        self.leads = False
        self._renewed = self._swept = -1e9
        self.stopping = False

    def run(self) -> None:
        while not self.stopping:
            try:
                with psycopg.connect(
                    self.database,
                    autocommit=True,
                    connect_timeout=5,
                    application_name="dispatcher",
                ) as connection:
                    self._serve(connection)
            except psycopg.Error as error:
                self.leads = False
                log.warning("the database is away: %s", error)
                time.sleep(min(self._timing.poll, 1.0))

    def _serve(self, connection: Connection[Any]) -> None:
        connection.execute(PATIENCE, {"idle": f"{self._timing.leader_lease * 1000:.0f}ms"})
        connection.execute(ALONG_INDEXES)
        connection.execute("LISTEN jobs")
        self._renewed = self._swept = -1e9
        while not self.stopping:
            if self._lead(connection):
                self._work(connection)
            worked = time.monotonic()
            for _ in connection.notifies(timeout=self._timing.poll, stop_after=1):
                time.sleep(max(0.0, worked + BREATH - time.monotonic()))
        connection.execute(RESIGN, {"me": self._me})

    def _lead(self, connection: Connection[Any]) -> bool:
        """Claims are safe without it (rows are locked, attempts are numbered); the lease saves
        several dispatchers from doing the same work."""
        now = time.monotonic()
        if self.leads and now - self._renewed < self._timing.leader_lease / 3:
            return True
        away = None if self.leads else connection.execute(AWAY, {"me": self._me}).fetchone()
        row = connection.execute(
            LEAD, {"me": self._me, "lease": self._timing.leader_lease}
        ).fetchone()
        self._renewed = now
        if row is not None and not self.leads:
            log.info("leads now")
            self._alerts.begin(away[0] if away else None)
            self._scheduler.begin(connection)
        self.leads = row is not None
        return self.leads

    def _work(self, connection: Connection[Any]) -> None:
        now = time.monotonic()
        if now - self._swept >= self._timing.poll:
            self._swept = now
            self._sweep(connection)
        claims.settle(connection)
        try:
            self._redis.ping()
        except RedisError as error:
            log.warning("Redis is away: %s", error)
            return
        given = claims.claim(connection, self._timing, self._access)
        if not given:
            return
        try:
            queues.push(self._redis, given)
        except RedisError as error:
            # Whatever arrived all the same carries a number that will not be current again.
            claims.take_back(connection, given)
            log.warning("Redis went away, %d jobs wait: %s", len(given), error)

    def _sweep(self, connection: Connection[Any]) -> None:
        for name in self._scheduler.sweep(connection):
            log.info("periodic work is due", extra={"fields": {"task": name}})
        if held := claims.hold(connection, self._access):
            log.warning("%d jobs are held: their companies' access doesn't let them run", held)
        for tenant_id, job_id, attempt, state in claims.end_killed(connection, self._timing):
            fields = {"tenant": tenant_id, "job": job_id, "attempt": attempt, "state": state}
            LEASES_LOST.inc()
            log.warning("a worker died in the middle of a job", extra={"fields": fields})
        for host, pid, kind, tenant, job, name in claims.forget_dead_workers(connection):
            fields = {
                "alert": "worker_lost", "worker": f"{host}:{pid}", "kind": kind,
                "tenant": tenant, "job": job, "job_name": name,
            }  # fmt: skip
            log.error("a worker is not heard of any more", extra={"fields": fields})
        self._alerts.look(connection)
        try:
            self._find_lost(connection)
        except RedisError as error:
            log.warning("Redis is away: %s", error)

    def _find_lost(self, connection: Connection[Any]) -> None:
        """A hand-over that nobody took up either still waits its turn in RQ, or was lost."""
        flushed = not self._redis.exists(queues.MARK)
        open_ones = claims.unanswered(connection, everything=flushed)
        if open_ones:
            waiting = queues.waiting(self._redis, {one.queue for one in open_ones})
            claims.prolong(
                connection, [one for one in open_ones if one.rq_id in waiting], self._timing
            )
            lost = [one for one in open_ones if one.rq_id not in waiting]
            claims.take_back(connection, lost)
            if lost:
                HAND_OVERS_LOST.inc(len(lost))
                log.warning("%d hand-overs were lost and are repeated", len(lost))
        if flushed:
            self._redis.set(queues.MARK, self._me)
