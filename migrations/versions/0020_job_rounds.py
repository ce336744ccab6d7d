"""Rounds of jobs over several clients: begun once, on any line, told to clients; the list by the
moments when jobs ended; entries of the schedule that know which table they are of."""

from migrations.sql import definer, run

revision = "0020"
down_revision = "0019"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"

TABLES = [
    "ALTER TABLE job_batches ADD COLUMN once_key TEXT,"
    " ADD CONSTRAINT uq_job_batches_tenant_id_once_key UNIQUE (tenant_id, once_key)",
    "ALTER TABLE periodic_tasks ADD COLUMN version INTEGER DEFAULT '0' NOT NULL",
    # What was counted is counted again; that a month waits was told once.
    "GRANT UPDATE (prepared_at, counted, missed, credit) ON sla_prepared_months TO coulisse_app",
]
# Without a line any will do.
START = definer(
    "start_job_batch",
    "p_batch uuid, p_name text, p_queue text, p_args jsonb, p_title text, p_params jsonb,"
    " p_for_client boolean, p_line text, p_tenant_ids uuid[], p_request_id text",
    "TABLE (tenant_id uuid)",
    f"""
    INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, actor_id, request_id,
        batch_id, title, title_params, for_client)
    SELECT t.id, uuidv7(), p_name, p_queue, p_args, 'batch:' || p_batch, {MINE}, p_request_id,
        p_batch, p_title, p_params, p_for_client
    FROM tenants t
    WHERE t.id = ANY (p_tenant_ids) AND t.kind = 'client' AND {ACTS_AS_PROVIDER}
    AND EXISTS (SELECT FROM staff s WHERE s.user_id = {MINE} AND s.active)
    AND EXISTS (
        SELECT FROM grants g WHERE g.tenant_id = t.id AND g.user_id = {MINE}
        AND p_line IN ('', g.line) AND g.level IN ('work', 'review')
        AND g.ended_at IS NULL AND g.expires_at > now())
    ON CONFLICT ON CONSTRAINT uq_jobs_tenant_id_idempotency_key DO NOTHING
    RETURNING jobs.tenant_id
    """,
    owner="coulisse_figures",
)

# Each part by its own index; the ended ones by the key.
PARTS = (
    ("queued", "retrying"),
    ("dispatched", "running"),
    ("waiting",),
    ("quarantined",),
    ("succeeded", "cancelled"),
)
COLUMNS = (
    "j.id, j.name, j.queue, j.state, j.attempt, j.failures, j.max_attempts, j.run_at,"
    " j.lease_until, j.progress_done, j.progress_total, j.created_at, j.started_at,"
    " j.finished_at, j.held_since, j.worker, j.parent_id"
)


def _part(states: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{one}'" for one in states)
    within = f"j.state IN ({quoted})" if len(states) > 1 else f"j.state = {quoted}"
    return (
        f"(SELECT {COLUMNS} FROM jobs j WHERE j.tenant_id = t.tenant_id AND {within}"
        f" AND p_states && ARRAY[{quoted}]"
        " AND j.state = ANY (p_states) AND (p_queue = '' OR j.queue = p_queue)"
        " AND (p_name = '' OR j.name = p_name) AND (p_when = ''"
        " OR p_when = 'due' AND j.run_at <= now() AND j.held_since IS NULL"
        " OR p_when = 'later' AND j.run_at > now() OR p_when = 'held' AND j.held_since IS NOT NULL)"
        " AND (p_after IS NULL OR j.finished_at > p_after)"
        " AND (p_until IS NULL OR j.finished_at <= p_until)"
        " AND (p_before IS NULL OR j.id < p_before) ORDER BY j.id DESC LIMIT p_limit)"
    )


LIST = definer(
    "listed_jobs",
    "p_states text[], p_tenant uuid, p_queue text, p_name text, p_when text,"
    " p_after timestamptz, p_until timestamptz, p_before uuid, p_limit integer",
    "TABLE (tenant_id uuid, id uuid, name text, queue text, state text, attempt integer,"
    " failures integer, max_attempts integer, run_at timestamptz, lease_until timestamptz,"
    " progress_done integer, progress_total integer, created_at timestamptz,"
    " started_at timestamptz, finished_at timestamptz, held_since timestamptz, worker text,"
    " parent_id uuid)",
    f"""
    SELECT t.tenant_id, {COLUMNS}
    FROM job_tenants() t CROSS JOIN LATERAL ({" UNION ALL ".join(map(_part, PARTS))}) j
    WHERE p_tenant IS NULL OR t.tenant_id = p_tenant
    ORDER BY j.id DESC LIMIT p_limit
    """,
    owner="coulisse_figures",
)


def upgrade() -> None:
    run(TABLES)
    run(
        [
            "SET LOCAL ROLE coulisse_figures",
            "DROP FUNCTION start_job_batch(uuid, text, text, jsonb, text, jsonb, text, uuid[], text)",
            "DROP FUNCTION listed_jobs(text[], uuid, text, text, text, integer, uuid, integer)",
            "RESET ROLE",
        ]
    )
    run(START)
    run(LIST)
