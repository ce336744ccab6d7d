"""Jobs in full: what people see of them, parents and batches, companies' access, workers that live."""

from migrations.sql import definer, run
from tenants.rls import MANY, force, policy, tenant_table

revision = "0018"
down_revision = "0017"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"
# A worker tells of itself in no tenant's scope; nobody who signs in has this side.
IS_WORKER = "current_setting('app.side', true) = 'worker'"

ACCESS_STATES = (
    "'pending', 'trialing', 'active', 'grace', 'suspended', 'paused', 'cancelled', 'closed'"
)
CHANGES = [
    "ALTER TABLE tenants ADD COLUMN access_state TEXT DEFAULT 'active' NOT NULL,"
    f" ADD CONSTRAINT ck_tenants_access_state CHECK (access_state IN ({ACCESS_STATES}))",
    """
    ALTER TABLE jobs
        ADD COLUMN title TEXT DEFAULT '' NOT NULL,
        ADD COLUMN title_params JSONB DEFAULT '{}' NOT NULL,
        ADD COLUMN for_client BOOLEAN DEFAULT false NOT NULL,
        ADD COLUMN subject_type TEXT DEFAULT '' NOT NULL,
        ADD COLUMN subject_id UUID,
        ADD COLUMN parent_id UUID,
        ADD COLUMN batch_id UUID,
        ADD COLUMN result JSONB,
        ADD COLUMN client_error TEXT DEFAULT '' NOT NULL,
        ADD COLUMN client_error_params JSONB DEFAULT '{}' NOT NULL,
        ADD COLUMN held_since TIMESTAMP WITH TIME ZONE,
        ADD COLUMN worker TEXT DEFAULT '' NOT NULL,
        ADD CONSTRAINT ck_jobs_result CHECK (length(result::text) <= 16384),
        ADD CONSTRAINT fk_jobs_tenant_id_parent_id FOREIGN KEY(tenant_id, parent_id) REFERENCES jobs (tenant_id, id),
        DROP CONSTRAINT ck_jobs_state,
        ADD CONSTRAINT ck_jobs_state CHECK (state IN ('queued', 'dispatched', 'running', 'waiting', 'retrying', 'succeeded', 'quarantined', 'cancelled'))
    """,
    "ALTER TABLE periodic_tasks ALTER COLUMN next_run_at DROP NOT NULL,"
    " ADD COLUMN since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL",
    "CREATE INDEX ix_jobs_batch ON jobs (tenant_id, batch_id) WHERE batch_id IS NOT NULL",
    "CREATE INDEX ix_jobs_for_client ON jobs (tenant_id, id) WHERE for_client",
    "CREATE INDEX ix_jobs_parent ON jobs (tenant_id, parent_id) WHERE parent_id IS NOT NULL",
    "CREATE INDEX ix_jobs_subject ON jobs (tenant_id, subject_id, id) WHERE subject_id IS NOT NULL",
    "CREATE INDEX ix_jobs_waiting ON jobs (tenant_id, id) WHERE state = 'waiting'",
]
TABLES = [
    """
    CREATE TABLE job_workers (
        id UUID NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        kind TEXT NOT NULL,
        queues TEXT[] NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        heartbeat_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        lease_until TIMESTAMP WITH TIME ZONE NOT NULL,
        memory_mb INTEGER DEFAULT '0' NOT NULL,
        jobs_done INTEGER DEFAULT '0' NOT NULL,
        stopping BOOLEAN DEFAULT false NOT NULL,
        job_tenant UUID,
        job_id UUID,
        job_name TEXT DEFAULT '' NOT NULL,
        job_attempt INTEGER,
        CONSTRAINT pk_job_workers PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE job_batches (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        title TEXT NOT NULL,
        title_params JSONB DEFAULT '{}' NOT NULL,
        total INTEGER NOT NULL,
        started_by UUID,
        started_by_name TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_job_batches PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_job_batches_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE tenant_schedules (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        rule TEXT DEFAULT '' NOT NULL,
        counts_from TIMESTAMP WITH TIME ZONE NOT NULL,
        last_period TEXT DEFAULT '' NOT NULL,
        next_run_at TIMESTAMP WITH TIME ZONE,
        look_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_tenant_schedules PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_tenant_schedules_tenant_id_name UNIQUE (tenant_id, name),
        CONSTRAINT fk_tenant_schedules_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE job_decisions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        job_id UUID NOT NULL,
        verb TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_job_decisions PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_job_decisions_verb CHECK (verb IN ('replay', 'drop', 'cancel')),
        CONSTRAINT ck_job_decisions_reason CHECK (verb <> 'drop' OR length(reason) > 0),
        CONSTRAINT fk_job_decisions_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id),
        CONSTRAINT fk_job_decisions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_job_decisions_job ON job_decisions (tenant_id, job_id, id)
    """,
]

ACCESS = [
    *tenant_table("job_batches", rights="SELECT, INSERT"),
    # The provider's administration handles jobs without seeing what they are about.
    *tenant_table("job_decisions", rights="SELECT, INSERT", content=False),
    # A company plans by its own calendar; the dispatcher tells it when to look there.
    *tenant_table(
        "tenant_schedules",
        rights="SELECT, UPDATE (rule, counts_from, last_period, next_run_at, look_at)",
    ),
    policy("tenant_schedules", "timed", "coulisse_dispatcher", "true"),
    "GRANT SELECT, INSERT, UPDATE (look_at), DELETE ON tenant_schedules TO coulisse_dispatcher",
    *force("job_workers"),
    policy("job_workers", "own", "coulisse_app", IS_WORKER),
    policy("job_workers", "listed", "coulisse_app", ACTS_AS_PROVIDER, "SELECT"),
    policy("job_workers", "dispatched", "coulisse_dispatcher", "true"),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON job_workers TO coulisse_app",
    "GRANT SELECT, DELETE ON job_workers TO coulisse_dispatcher",
    # Workers notice that nobody hands jobs over.
    policy("leaders", "watched", "coulisse_app", IS_WORKER, "SELECT"),
    "GRANT SELECT (name, lease_until) ON leaders TO coulisse_app",
    # Without what was given to a job or what its trace shows.
    policy("jobs", "granted_tenants", "coulisse_desk", MANY, "SELECT"),
    "GRANT SELECT (tenant_id, id, name, queue, state, attempt, failures, max_attempts, run_at,"
    " lease_until, actor_id, progress_done, progress_total, progress_message, error, created_at,"
    " started_at, finished_at, title, title_params, for_client, subject_type, subject_id,"
    " parent_id, batch_id, result, client_error, client_error_params, held_since, worker)"
    " ON jobs TO coulisse_desk",
    "GRANT SELECT (parent_id, held_since, worker, for_client),"
    " INSERT (title, title_params, for_client, max_attempts), UPDATE (held_since, client_error)"
    " ON jobs TO coulisse_dispatcher",
    "GRANT SELECT (access_state, created_at) ON tenants TO coulisse_dispatcher",
    "GRANT SELECT (access_state) ON tenants TO coulisse_desk",
    "GRANT INSERT (title, title_params, for_client, batch_id, max_attempts)"
    " ON jobs TO coulisse_figures",
    "GRANT SELECT (line, level) ON grants TO coulisse_figures",
    # One job in each of these clients where the person holds a grant to work on the line.
    *definer(
        "start_job_batch",
        "p_batch uuid, p_name text, p_queue text, p_args jsonb, p_title text, p_params jsonb,"
        " p_line text, p_tenant_ids uuid[], p_request_id text",
        "TABLE (tenant_id uuid)",
        f"""
        INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, actor_id, request_id,
            batch_id, title, title_params)
        SELECT t.id, uuidv7(), p_name, p_queue, p_args, 'batch:' || p_batch, {MINE}, p_request_id,
            p_batch, p_title, p_params
        FROM tenants t
        WHERE t.id = ANY (p_tenant_ids) AND t.kind = 'client' AND {ACTS_AS_PROVIDER}
        AND EXISTS (SELECT FROM staff s WHERE s.user_id = {MINE} AND s.active)
        AND EXISTS (
            SELECT FROM grants g WHERE g.tenant_id = t.id AND g.user_id = {MINE}
            AND g.line = p_line AND g.level IN ('work', 'review')
            AND g.ended_at IS NULL AND g.expires_at > now())
        ON CONFLICT ON CONSTRAINT uq_jobs_tenant_id_idempotency_key DO NOTHING
        RETURNING jobs.tenant_id
        """,
        owner="coulisse_figures",
    ),
]

# What the Jobs page shows: figures and names of all companies to the provider's administrators, of
# those with a live grant to supervisors. Words are read elsewhere, where the reader has a grant.
SEEN_TENANTS = f"""(
    SELECT t.id, t.kind, t.slug, t.name, t.code, t.colour, t.state, t.access_state, has.granted
    FROM staff me
    CROSS JOIN tenants t
    CROSS JOIN LATERAL (SELECT t.kind = 'provider' OR EXISTS (
        SELECT FROM grants g WHERE g.tenant_id = t.id AND g.user_id = {MINE}
        AND g.ended_at IS NULL AND g.expires_at > now()) AS granted) has
    WHERE me.user_id = {MINE} AND me.active AND {ACTS_AS_PROVIDER}
    AND (me.role = 'provider_admin' OR me.role = 'supervisor' AND t.kind = 'client' AND has.granted)
)"""
OPEN_PARTS = (
    ("queued", "retrying"),
    ("dispatched", "running"),
    ("waiting",),
    ("quarantined",),
)
# Each part by its own index; the ended ones by the key.
PARTS = (*OPEN_PARTS, ("succeeded", "cancelled"))


def in_states(states: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{one}'" for one in states)
    return f"state IN ({quoted})" if len(states) > 1 else f"state = {quoted}"


OPEN_JOBS = " UNION ALL ".join(
    f"SELECT j.name, j.queue, j.state, j.run_at, j.held_since FROM jobs j"
    f" WHERE j.tenant_id = t.tenant_id AND j.{in_states(states)}"
    for states in OPEN_PARTS
)
LISTED = (
    "j.id, j.name, j.queue, j.state, j.attempt, j.failures, j.max_attempts, j.run_at,"
    " j.lease_until, j.progress_done, j.progress_total, j.created_at, j.started_at,"
    " j.finished_at, j.held_since, j.worker, j.parent_id"
)
LISTED_JOBS = " UNION ALL ".join(
    f"(SELECT {LISTED} FROM jobs j WHERE j.tenant_id = t.tenant_id AND j.{in_states(states)}"
    f" AND p_states && ARRAY[{', '.join(repr(one) for one in states)}]"
    " AND j.state = ANY (p_states) AND (p_queue = '' OR j.queue = p_queue)"
    " AND (p_name = '' OR j.name = p_name) AND (p_when = ''"
    " OR p_when = 'due' AND j.run_at <= now() AND j.held_since IS NULL"
    " OR p_when = 'later' AND j.run_at > now() OR p_when = 'held' AND j.held_since IS NOT NULL)"
    " AND (p_hours = 0 OR j.finished_at > now() - make_interval(hours => p_hours))"
    " AND (p_before IS NULL OR j.id < p_before) ORDER BY j.id DESC LIMIT p_limit)"
    for states in PARTS
)
SEEN = [
    "CREATE INDEX ix_jobs_finished ON jobs (tenant_id, finished_at) WHERE finished_at IS NOT NULL",
    "GRANT SELECT (access_state, colour) ON tenants TO coulisse_figures",
    "GRANT SELECT (queue, name, id, attempt, failures, max_attempts, run_at, lease_until,"
    " progress_done, progress_total, created_at, started_at, finished_at, parent_id, held_since,"
    " worker, subject_id) ON jobs TO coulisse_figures",
    policy("outbox", "figures", "coulisse_figures", "true", "SELECT"),
    "GRANT SELECT (tenant_id, id, kind, verb, dedupe_key, created_at) ON outbox"
    " TO coulisse_figures",
    "GRANT SELECT (user_id, role) ON members TO coulisse_figures",
    policy("leaders", "figures", "coulisse_figures", "true", "SELECT"),
    "GRANT SELECT (name, lease_until) ON leaders TO coulisse_figures",
    *definer(
        "job_tenants",
        "",
        "TABLE (tenant_id uuid, kind text, slug text, name text, code text, colour text,"
        " state text, access_state text, granted boolean)",
        f"SELECT t.* FROM {SEEN_TENANTS} t ORDER BY t.kind DESC, t.name",
        owner="coulisse_figures",
    ),
    *definer(
        "job_figures",
        "",
        "TABLE (tenant_id uuid, name text, queue text, state text, jobs integer, later integer,"
        " held integer, oldest timestamptz)",
        f"""
        SELECT t.tenant_id, j.name, j.queue, j.state, count(*)::int,
            (count(*) FILTER (WHERE j.run_at > now() AND j.{in_states(OPEN_PARTS[0])}))::int,
            (count(*) FILTER (WHERE j.held_since IS NOT NULL))::int,
            min(j.run_at) FILTER (WHERE j.run_at <= now() AND j.held_since IS NULL)
        FROM job_tenants() t CROSS JOIN LATERAL ({OPEN_JOBS}) j
        GROUP BY t.tenant_id, j.name, j.queue, j.state
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "job_throughput",
        "p_seconds integer, p_parts integer, p_tenant uuid, p_queue text, p_name text",
        "TABLE (part integer, state text, jobs integer)",
        """
        SELECT p_parts - 1 - floor(extract(epoch FROM now() - j.finished_at) / p_seconds)::int,
            j.state, count(*)::int
        FROM job_tenants() t
        JOIN jobs j ON j.tenant_id = t.tenant_id
            AND j.finished_at > now() - make_interval(secs => p_seconds * p_parts)
            AND j.finished_at <= now()
        WHERE (p_tenant IS NULL OR t.tenant_id = p_tenant) AND (p_queue = '' OR j.queue = p_queue)
        AND (p_name = '' OR j.name = p_name)
        GROUP BY 1, 2
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "listed_jobs",
        "p_states text[], p_tenant uuid, p_queue text, p_name text, p_when text,"
        " p_hours integer, p_before uuid, p_limit integer",
        "TABLE (tenant_id uuid, id uuid, name text, queue text, state text, attempt integer,"
        " failures integer, max_attempts integer, run_at timestamptz, lease_until timestamptz,"
        " progress_done integer, progress_total integer, created_at timestamptz,"
        " started_at timestamptz, finished_at timestamptz, held_since timestamptz, worker text,"
        " parent_id uuid)",
        f"""
        SELECT t.tenant_id, {LISTED}
        FROM job_tenants() t CROSS JOIN LATERAL ({LISTED_JOBS}) j
        WHERE p_tenant IS NULL OR t.tenant_id = p_tenant
        ORDER BY j.id DESC LIMIT p_limit
        """,
        owner="coulisse_figures",
    ),
    # Outside effects that could not be delivered: what and why, never to which address.
    *definer(
        "dead_effects",
        "",
        "TABLE (tenant_id uuid, job_id uuid, kind text, verb text, role text,"
        " created_at timestamptz, finished_at timestamptz, failures integer)",
        """
        SELECT t.tenant_id, j.id, o.kind, o.verb, coalesce(
                (SELECT m.role FROM members m WHERE m.tenant_id = t.tenant_id AND m.removed_at IS NULL
                    AND m.user_id = reader.id),
                (SELECT s.role FROM staff s WHERE s.user_id = reader.id), ''),
            o.created_at, j.finished_at, j.failures
        FROM job_tenants() t
        JOIN jobs j ON j.tenant_id = t.tenant_id AND j.state = 'quarantined'
            AND starts_with(j.name, 'outbox.deliver_')
        JOIN outbox o ON o.tenant_id = t.tenant_id AND o.id = j.subject_id
        CROSS JOIN LATERAL (SELECT CASE WHEN o.dedupe_key ~ '^notice:.*:[0-9a-f-]{36}$'
            THEN right(o.dedupe_key, 36)::uuid END AS id) reader
        ORDER BY j.id DESC LIMIT 200
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "dispatcher_leads",
        "",
        "boolean",
        f"""
        SELECT EXISTS (SELECT FROM leaders l WHERE l.name = 'dispatcher' AND l.lease_until > now())
        FROM staff me WHERE me.user_id = {MINE} AND me.active AND {ACTS_AS_PROVIDER}
        AND me.role IN ('supervisor', 'provider_admin')
        """,
        owner="coulisse_figures",
    ),
]


def upgrade() -> None:
    run(CHANGES)
    run(TABLES)
    run(ACCESS)
    run(SEEN)
