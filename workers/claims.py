"""The dispatcher's statements on `jobs`. Its role sees neither arguments nor anybody's data."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Any

from psycopg import Connection

from tenants.jobs.errors import COULD_NOT_FINISH
from tenants.jobs.transitions import ENDED, LIVE, TRANSITIONS, at, listed, to
from workers.queues import RULES, HandOver
from workers.registry import Declaration
from workers.timing import Timing

MAY_RUN = "j.name || ':' || t.access_state = ANY (%(access)s)"
# Tenants with due work are found by jumping along the index, then every tenant and queue gets
# what it has free: a backlog of one tenant costs the others neither time nor place.
# `due` locks its rows in the state that it asks for. The update therefore names only their key: with
# the state beside it, statistics of an emptier table make the database read the whole backlog for
# every row that is due.
CLAIM = f"""
WITH RECURSIVE owners AS (
    (SELECT tenant_id FROM jobs WHERE {at("claim")} ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT j.tenant_id FROM jobs j
        WHERE j.{at("claim")} AND j.tenant_id > o.tenant_id
        ORDER BY j.tenant_id LIMIT 1
    ) FROM owners o WHERE o.tenant_id IS NOT NULL
), due AS MATERIALIZED (
    SELECT mine.tenant_id, mine.id
    FROM owners o
    JOIN tenants t ON t.id = o.tenant_id
    CROSS JOIN unnest(%(queues)s::text[], %(limits)s::int[]) AS q (name, in_flight)
    CROSS JOIN LATERAL (
        SELECT count(*) AS live FROM jobs l
        WHERE l.tenant_id = o.tenant_id AND l.queue = q.name
        AND l.state IN ({listed(LIVE)})
    ) now_running
    CROSS JOIN LATERAL (
        SELECT j.tenant_id, j.id FROM jobs j
        WHERE j.tenant_id = o.tenant_id AND j.queue = q.name
        AND j.{at("claim")} AND j.run_at <= now()
        AND (t.access_state = 'active' OR {MAY_RUN})
        ORDER BY j.run_at, j.id
        LIMIT greatest(q.in_flight - now_running.live, 0) FOR UPDATE SKIP LOCKED
    ) mine
)
UPDATE jobs SET state = {to("claim")}, attempt = jobs.attempt + 1, held_since = NULL,
    lease_until = now() + make_interval(secs => %(lease)s)
FROM due WHERE jobs.tenant_id = due.tenant_id AND jobs.id = due.id
RETURNING jobs.tenant_id, jobs.id, jobs.queue, jobs.attempt, jobs.run_at, jobs.name
"""  # noqa: S608 - our own text, here and below

UNANSWERED = f"""
SELECT tenant_id, id, queue, attempt FROM jobs
WHERE {at("take_back")} AND (%(all)s OR lease_until < now())
"""  # noqa: S608

GIVEN = f"""
FROM unnest(%(tenants)s::uuid[], %(ids)s::uuid[], %(attempts)s::int[]) AS g (tenant_id, id, attempt)
WHERE jobs.tenant_id = g.tenant_id AND jobs.id = g.id AND jobs.attempt = g.attempt
AND jobs.{at("take_back")}
"""
TAKE_BACK = f"UPDATE jobs SET state = {to('take_back')}, lease_until = NULL {GIVEN}"  # noqa: S608
PROLONG = f"UPDATE jobs SET lease_until = now() + make_interval(secs => %(lease)s) {GIVEN}"  # noqa: S608

HOLD = f"""
WITH due AS MATERIALIZED (
    SELECT j.tenant_id, j.id FROM tenants t JOIN jobs j ON j.tenant_id = t.id
    WHERE j.tenant_id = ANY (ARRAY (SELECT id FROM tenants WHERE access_state <> 'active'))
    AND j.{at("claim")} AND j.run_at <= now() AND j.held_since IS NULL AND NOT {MAY_RUN}
    FOR UPDATE OF j SKIP LOCKED
)
UPDATE jobs SET held_since = now()
FROM due WHERE jobs.tenant_id = due.tenant_id AND jobs.id = due.id
"""  # noqa: S608

KILLED = f"""
UPDATE jobs SET failures = failures + 1, lease_until = NULL,
    state = CASE WHEN failures + 1 >= max_attempts THEN {to("lose_for_good")} ELSE {to("lose")} END,
    finished_at = CASE WHEN failures + 1 >= max_attempts THEN now() END,
    run_at = now() + make_interval(secs =>
        least(%(ceiling)s, %(base)s * power(2, least(failures, 30))) * (0.5 + random() / 2)),
    client_error = CASE WHEN failures + 1 >= max_attempts THEN %(told)s ELSE '' END,
    error = CASE WHEN failures + 1 >= max_attempts
        THEN 'The worker of this job died ' || (failures + 1) || ' times in the middle of it'
            ' (killed, or out of memory). It is not tried again by itself.'
        ELSE 'The worker of this job died in the middle of it. It runs again.' END
WHERE {at("lose")} AND lease_until < now()
RETURNING tenant_id, id, attempt, state, parent_id
"""  # noqa: S608
KILLED_PARTS = """
UPDATE jobs SET client_error = %(told)s, error = 'The workers of a part of this work died.'
FROM unnest(%(tenants)s::uuid[], %(parents)s::uuid[]) AS g (tenant_id, id)
WHERE jobs.tenant_id = g.tenant_id AND jobs.id = g.id
"""
DEAD = """
DELETE FROM job_workers WHERE lease_until < now()
RETURNING host, pid, kind, job_tenant, job_id, job_name
"""
# What a job added has ended: so has the job.
SETTLE = f"""
UPDATE jobs SET state = {to("settle")}, finished_at = now()
WHERE jobs.{at("settle")} AND NOT EXISTS (
    SELECT FROM jobs c WHERE c.tenant_id = jobs.tenant_id AND c.parent_id = jobs.id
    AND c.state NOT IN ({listed(ENDED)}))
"""  # noqa: S608


class Access:
    """Which jobs run in which access states, and where; in `active` all do, also those nobody
    declared, which the worker refuses."""

    def __init__(self, declared: Mapping[str, Declaration]) -> None:
        self.heavy = {name for name, one in declared.items() if one.kind == "heavy"}
        self.pairs = [f"{name}:{state}" for name, one in declared.items() for state in one.states]


ACTIVE_ONLY = Access({})


def claim(
    connection: Connection[Any], timing: Timing, access: Access = ACTIVE_ONLY
) -> list[HandOver]:
    rows = connection.execute(
        CLAIM,
        {
            "queues": list(RULES),
            "limits": [rules.in_flight for rules in RULES.values()],
            "lease": timing.hand_over_lease,
            "access": access.pairs,
        },
    ).fetchall()
    return in_turns(rows, access.heavy)


def in_turns(rows: Sequence[tuple[Any, ...]], heavy: Container[str] = ()) -> list[HandOver]:
    """Everybody's first, then everybody's second, …; within a turn by age."""
    place: Counter[tuple[Any, str]] = Counter()
    ordered = []
    for tenant_id, job_id, queue, attempt, run_at, name in sorted(
        rows, key=lambda row: (row[4], row[1])
    ):
        turn = place[tenant_id, queue]
        place[tenant_id, queue] += 1
        ordered.append((turn, run_at, HandOver(tenant_id, job_id, queue, attempt, name in heavy)))
    return [one for _, _, one in sorted(ordered, key=lambda entry: entry[:2])]


def unanswered(connection: Connection[Any], *, everything: bool) -> list[HandOver]:
    rows = connection.execute(UNANSWERED, {"all": everything}).fetchall()
    return [HandOver(*row) for row in rows]


def take_back(connection: Connection[Any], given: Sequence[HandOver]) -> None:
    connection.execute(TAKE_BACK, _columns(given))


def prolong(connection: Connection[Any], given: Sequence[HandOver], timing: Timing) -> None:
    connection.execute(PROLONG, _columns(given) | {"lease": timing.hand_over_lease})


def hold(connection: Connection[Any], access: Access) -> int:
    """Mark what is due and may not run, for those who look; answers how many are new."""
    return connection.execute(HOLD, {"access": access.pairs}).rowcount


def end_killed(connection: Connection[Any], timing: Timing) -> list[tuple[Any, ...]]:
    """Tenant, job, attempt and new state of each whose lease ran out."""
    told = {"told": COULD_NOT_FINISH}
    with connection.transaction():
        ended = connection.execute(
            KILLED, {"base": timing.backoff, "ceiling": timing.backoff_ceiling, **told}
        ).fetchall()
        parts = [row for row in ended if row[4] and row[3] == TRANSITIONS["lose_for_good"].target]
        if parts:
            tenants, parents = [row[0] for row in parts], [row[4] for row in parts]
            connection.execute(KILLED_PARTS, {"tenants": tenants, "parents": parents, **told})
    return [row[:4] for row in ended]


def forget_dead_workers(connection: Connection[Any]) -> list[tuple[Any, ...]]:
    """Host, process, kind and what each ran when it was last heard of; its job's own lease says
    when that runs again."""
    return connection.execute(DEAD).fetchall()


def settle(connection: Connection[Any]) -> None:
    """From the innermost outwards."""
    while connection.execute(SETTLE).rowcount:
        pass


def _columns(given: Sequence[HandOver]) -> dict[str, Any]:
    return {
        "tenants": [one.tenant_id for one in given],
        "ids": [one.job_id for one in given],
        "attempts": [one.attempt for one in given],
    }
