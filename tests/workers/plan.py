"""One company whose periodic work dispatcher and worker do by turns, in this process."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from app.contracts.document import checked, first_document
from tenants.core import clock
from tenants.permissions import system_actor
from tenants.services.access import set_access_state
from tests.workers.house import House, connection
from tests.workers.sample_tasks import JOB
from workers import planning, scheduler
from workers.registry import all_declared
from workers.schedule import Periodic

DECLARED = all_declared("tests.workers.jobs")


class Plan:
    def __init__(self, house: House, time_is: Any) -> None:
        self.house, self.time_is = house, time_is
        house.rows("DELETE FROM jobs")
        house.rows("DELETE FROM periodic_tasks")
        house.rows("DELETE FROM tenant_schedules")
        house.rows("UPDATE tenants SET state = 'closed'")
        self.tenant = house.tenant()
        self.tasks: list[Periodic] = []
        self.version = 0

    def begin(self, *tasks: Periodic, version: int = 0) -> None:
        """Another leader, whose table these are."""
        self.tasks, self.version = list(tasks), version
        with connection(self.house.urls.dispatcher) as raw:
            scheduler.reconcile(raw, tasks, version)

    def tend(self) -> None:
        with connection(self.house.urls.dispatcher) as raw:
            scheduler.tend(raw, self.tasks, self.version)

    def told(self) -> list[str]:
        with connection(self.house.urls.dispatcher) as raw:
            return scheduler.add_due(raw, self.tasks, DECLARED)

    def turn(self, tenant: UUID | None = None) -> None:
        with self.house.acting(tenant or self.tenant):
            planning.turn(tasks=self.tasks, declared=DECLARED)
        self.house.rows("UPDATE jobs SET state = 'succeeded' WHERE name = 'schedule.turn'")

    def look(self, moment: datetime) -> list[str]:
        """What is there after everybody did what is to do at this time."""
        moment += timedelta(seconds=1)
        self.time_is(moment)
        for _ in range(50):
            if not self.told():
                break
            self.turn()
            self.house.rows("UPDATE jobs SET state = 'succeeded'")
            [(look_at,)] = self.house.rows("SELECT min(look_at) FROM tenant_schedules")
            if look_at < moment + timedelta(seconds=5):
                self.time_is(look_at)
        return self.periods()

    def periods(self, tenant: UUID | None = None) -> list[str]:
        found = self.house.rows(
            "SELECT args ->> 'period', idempotency_key FROM jobs WHERE name = %(n)s"
            " AND tenant_id = %(t)s ORDER BY id", n=JOB, t=tenant or self.tenant,
        )  # fmt: skip
        assert all(key.endswith(f":{period}") for period, key in found)
        return [period for period, _ in found]

    def row(self, name: str) -> Any:
        [found] = self.house.rows(
            "SELECT next_run_at, look_at, last_period FROM tenant_schedules"
            " WHERE name = %(n)s AND tenant_id = %(t)s", n=name, t=self.tenant,
        )  # fmt: skip
        return found

    def access(self, state: str) -> None:
        self.house.rows(
            "UPDATE tenants SET access_state = %(s)s WHERE id = %(t)s", s=state, t=self.tenant
        )

    def set_access(self, state: str) -> None:
        """As billing does."""
        with self.house.acting(self.tenant):
            set_access_state(state=state, actor=system_actor(self.tenant), now=clock.now())

    def agree(self, number: int, valid_from: date, **calendar: Any) -> None:
        document = first_document("FR", "Europe/Paris")
        self.house.rows(
            "INSERT INTO contract_versions (tenant_id, number, valid_from, document, note,"
            " activated_at, activated_by, activated_by_name) VALUES (%(t)s, %(n)s, %(day)s, %(d)s,"
            " '', now(), %(by)s, 'Somebody')", t=self.tenant, n=number, day=valid_from, by=uuid4(),
            d=Jsonb(checked({**document, "calendar": {**document["calendar"], **calendar}})),
        )  # fmt: skip
