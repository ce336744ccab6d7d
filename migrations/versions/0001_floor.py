"""The floor: tenants, people, grants, sessions, jobs, outbox, audit, files."""

from migrations.sql import definer, run
from tenants.rls import ME, force, policy, tenant_table

revision = "0001"
down_revision = None

LINES = [
    "administration",
    "finance",
    "hr",
    "sales",
    "logistics",
    "legal",
    "quality",
    "it",
    "production",
    "projects",
]
PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)
IN_SCOPE = (
    "current_setting('app.tenant_id', true) <> '' OR current_setting('app.user_id', true) <> ''"
)
OWN_TENANT = "id = nullif(current_setting('app.tenant_id', true), '')::uuid"
GRANTED_TENANT = "id = ANY (nullif(current_setting('app.tenant_ids', true), '')::uuid[])"
OWN_USER = "id = nullif(current_setting('app.user_id', true), '')::uuid"
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"

TABLES = [
    """
    CREATE TABLE leaders (
        name TEXT NOT NULL,
        holder TEXT NOT NULL,
        lease_until TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_leaders PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE periodic_tasks (
        name TEXT NOT NULL,
        next_run_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_periodic_tasks PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE service_lines (
        code TEXT NOT NULL,
        CONSTRAINT pk_service_lines PRIMARY KEY (code)
    )
    """,
    """
    CREATE TABLE tenants (
        id UUID NOT NULL,
        kind TEXT DEFAULT 'client' NOT NULL,
        slug TEXT NOT NULL,
        name TEXT NOT NULL,
        code TEXT NOT NULL,
        colour TEXT NOT NULL,
        country TEXT NOT NULL,
        language TEXT NOT NULL,
        time_zone TEXT NOT NULL,
        state TEXT DEFAULT 'active' NOT NULL,
        wrapped_key TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_tenants PRIMARY KEY (id),
        CONSTRAINT ck_tenants_kind CHECK (kind IN ('client', 'provider')),
        CONSTRAINT ck_tenants_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_tenants_state CHECK (state IN ('active', 'suspended', 'closed')),
        CONSTRAINT ck_tenants_colour CHECK (colour ~ '^#[0-9a-f]{6}$'),
        CONSTRAINT ck_tenants_slug CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
        CONSTRAINT ck_tenants_code CHECK (code ~ '^[A-Z]{3}$'),
        CONSTRAINT uq_tenants_slug UNIQUE (slug),
        CONSTRAINT uq_tenants_code UNIQUE (code)
    )
    """,
    """
    CREATE TABLE users (
        id UUID NOT NULL,
        email CITEXT NOT NULL,
        display_name TEXT NOT NULL,
        password_hash TEXT,
        totp_sealed TEXT,
        totp_confirmed_at TIMESTAMP WITH TIME ZONE,
        totp_last_step INTEGER DEFAULT '0' NOT NULL,
        language TEXT DEFAULT 'en' NOT NULL,
        time_zone TEXT,
        single_keys BOOLEAN DEFAULT true NOT NULL,
        active BOOLEAN DEFAULT true NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_users PRIMARY KEY (id),
        CONSTRAINT ck_users_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT uq_users_email UNIQUE (email)
    )
    """,
    """
    CREATE TABLE audit_events (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        actor_id UUID,
        actor_side TEXT NOT NULL,
        actor_name TEXT NOT NULL,
        name TEXT NOT NULL,
        object_type TEXT NOT NULL,
        object_id UUID,
        facts TEXT DEFAULT '{}' NOT NULL,
        address TEXT DEFAULT '' NOT NULL,
        request_id TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_audit_events PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_audit_events_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_audit_events_at ON audit_events (tenant_id, at, id)
    """,
    """
    CREATE TABLE counters (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        value INTEGER DEFAULT '0' NOT NULL,
        CONSTRAINT pk_counters PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_counters_tenant_id_name UNIQUE (tenant_id, name),
        CONSTRAINT fk_counters_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE files (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        content_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        created_by UUID,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_files PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_files_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_files_sha256 ON files (tenant_id, sha256)
    """,
    """
    CREATE TABLE jobs (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        queue TEXT NOT NULL,
        args JSONB NOT NULL,
        idempotency_key TEXT,
        actor_id UUID,
        request_id TEXT DEFAULT '' NOT NULL,
        state TEXT DEFAULT 'queued' NOT NULL,
        attempt INTEGER DEFAULT '0' NOT NULL,
        failures INTEGER DEFAULT '0' NOT NULL,
        max_attempts INTEGER DEFAULT '5' NOT NULL,
        run_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        lease_until TIMESTAMP WITH TIME ZONE,
        position JSONB,
        progress_done INTEGER DEFAULT '0' NOT NULL,
        progress_total INTEGER DEFAULT '0' NOT NULL,
        progress_message TEXT DEFAULT '' NOT NULL,
        error TEXT DEFAULT '' NOT NULL,
        trace TEXT DEFAULT '' NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE,
        finished_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_jobs PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_jobs_state CHECK (state IN ('queued', 'dispatched', 'running', 'retrying', 'succeeded', 'quarantined', 'cancelled')),
        CONSTRAINT ck_jobs_queue CHECK (queue IN ('interactive', 'default', 'batch', 'billing')),
        CONSTRAINT ck_jobs_attempt CHECK (attempt >= 0),
        CONSTRAINT uq_jobs_tenant_id_idempotency_key UNIQUE (tenant_id, idempotency_key),
        CONSTRAINT fk_jobs_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_jobs_due ON jobs (tenant_id, queue, run_at, id) WHERE state IN ('queued', 'retrying')
    """,
    """
    CREATE INDEX ix_jobs_live ON jobs (tenant_id, queue) WHERE state IN ('dispatched', 'running')
    """,
    """
    CREATE TABLE members (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        display_name TEXT NOT NULL,
        email TEXT NOT NULL,
        role TEXT NOT NULL,
        approver BOOLEAN DEFAULT false NOT NULL,
        lines TEXT[] NOT NULL,
        removed_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_members PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_members_role CHECK (role IN ('client_user', 'client_admin')),
        CONSTRAINT uq_members_tenant_id_user_id UNIQUE (tenant_id, user_id),
        CONSTRAINT fk_members_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_members_user_id FOREIGN KEY(user_id) REFERENCES users (id)
    )
    """,
    """
    CREATE TABLE outbox (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kind TEXT NOT NULL,
        verb TEXT NOT NULL,
        dedupe_key TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        params JSONB NOT NULL,
        state TEXT DEFAULT 'pending' NOT NULL,
        first_attempt_at TIMESTAMP WITH TIME ZONE,
        result JSONB,
        error TEXT DEFAULT '' NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_outbox PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_outbox_kind CHECK (kind IN ('mail', 'stripe')),
        CONSTRAINT ck_outbox_state CHECK (state IN ('pending', 'sending', 'done', 'dead')),
        CONSTRAINT uq_outbox_tenant_id_dedupe_key UNIQUE (tenant_id, dedupe_key),
        CONSTRAINT fk_outbox_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE recovery_codes (
        user_id UUID NOT NULL,
        code_hash TEXT NOT NULL,
        used_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, code_hash),
        CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY(user_id) REFERENCES users (id)
    )
    """,
    """
    CREATE TABLE sign_in_sessions (
        token_hash TEXT NOT NULL,
        user_id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        last_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        second_factor_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        address TEXT DEFAULT '' NOT NULL,
        user_agent TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_sign_in_sessions PRIMARY KEY (token_hash),
        CONSTRAINT fk_sign_in_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id)
    )
    """,
    """
    CREATE INDEX ix_sign_in_sessions_user_id ON sign_in_sessions (user_id)
    """,
    """
    CREATE TABLE staff (
        user_id UUID NOT NULL,
        display_name TEXT NOT NULL,
        role TEXT NOT NULL,
        active BOOLEAN DEFAULT true NOT NULL,
        CONSTRAINT pk_staff PRIMARY KEY (user_id),
        CONSTRAINT ck_staff_role CHECK (role IN ('operator', 'supervisor', 'provider_admin')),
        CONSTRAINT fk_staff_user_id FOREIGN KEY(user_id) REFERENCES users (id)
    )
    """,
    """
    CREATE TABLE user_tokens (
        token_hash TEXT NOT NULL,
        user_id UUID NOT NULL,
        purpose TEXT NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        used_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_user_tokens PRIMARY KEY (token_hash),
        CONSTRAINT ck_user_tokens_purpose CHECK (purpose IN ('invitation', 'reset')),
        CONSTRAINT fk_user_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id)
    )
    """,
    """
    CREATE INDEX ix_user_tokens_user_id ON user_tokens (user_id)
    """,
    """
    CREATE TABLE grants (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        display_name TEXT NOT NULL,
        line TEXT NOT NULL,
        level TEXT NOT NULL,
        reason TEXT NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        granted_by UUID,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_grants PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_grants_level CHECK (level IN ('read', 'work', 'review')),
        CONSTRAINT ck_grants_reason CHECK (length(reason) > 0),
        CONSTRAINT ck_grants_maker_is_not_holder CHECK (granted_by IS DISTINCT FROM user_id),
        CONSTRAINT fk_grants_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_grants_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id),
        CONSTRAINT fk_grants_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE INDEX ix_grants_user ON grants (tenant_id, user_id, line)
    """,
    """
    CREATE INDEX ix_grants_user_id ON grants (user_id)
    """,
]

PEOPLE = [
    *force("service_lines"),
    policy("service_lines", "reference", "coulisse_app, coulisse_desk", "true", "SELECT"),
    "GRANT SELECT ON service_lines TO coulisse_app, coulisse_desk",
    *force("tenants"),
    policy("tenants", "own", "coulisse_app", OWN_TENANT),
    "GRANT SELECT, INSERT, UPDATE ON tenants TO coulisse_app",
    policy("tenants", "granted_tenants", "coulisse_desk", GRANTED_TENANT, "SELECT"),
    "GRANT SELECT (id, kind, slug, name, code, colour, country, language, time_zone, state)"
    " ON tenants TO coulisse_desk",
    *force("users"),
    policy("users", "own_read", "coulisse_app", OWN_USER, "SELECT"),
    policy("users", "own_change", "coulisse_app", OWN_USER, "UPDATE"),
    "GRANT SELECT, UPDATE ON users TO coulisse_app",
    *force("staff"),
    policy("staff", "names", "coulisse_app, coulisse_desk", IN_SCOPE, "SELECT"),
    policy("staff", "administered", "coulisse_app", ACTS_AS_PROVIDER, "INSERT"),
    policy("staff", "changed", "coulisse_app", ACTS_AS_PROVIDER, "UPDATE"),
    "GRANT SELECT, INSERT, UPDATE ON staff TO coulisse_app",
    "GRANT SELECT ON staff TO coulisse_desk",
    *force("sign_in_sessions"),
    policy("sign_in_sessions", "own", "coulisse_app", ME),
    "GRANT SELECT, INSERT, UPDATE ON sign_in_sessions TO coulisse_app",
    *force("recovery_codes"),
    policy("recovery_codes", "own", "coulisse_app", ME),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_codes TO coulisse_app",
    *force("user_tokens"),
    policy("user_tokens", "own_read", "coulisse_app", ME, "SELECT"),
    policy("user_tokens", "own_use", "coulisse_app", ME, "UPDATE"),
    "GRANT SELECT, UPDATE ON user_tokens TO coulisse_app",
    *tenant_table("members"),
    *tenant_table("grants", rights="SELECT, INSERT, UPDATE", desk=True),
    *tenant_table("counters", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("audit_events", rights="SELECT, INSERT"),
    *tenant_table("files", rights="SELECT, INSERT"),
    *tenant_table("jobs", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("outbox", rights="SELECT, INSERT, UPDATE"),
]

DISPATCHER = [
    policy("jobs", "dispatched", "coulisse_dispatcher", "true"),
    "GRANT SELECT (tenant_id, id, name, queue, state, attempt, failures, max_attempts, run_at,"
    " lease_until, idempotency_key, created_at), INSERT (tenant_id, id, name, queue, args,"
    " idempotency_key, run_at), UPDATE (state, attempt, failures, run_at, lease_until, error,"
    " finished_at)"
    " ON jobs TO coulisse_dispatcher",
    policy("tenants", "dispatched", "coulisse_dispatcher", "true", "SELECT"),
    "GRANT SELECT (id, kind, state) ON tenants TO coulisse_dispatcher",
    *force("periodic_tasks"),
    policy("periodic_tasks", "dispatcher", "coulisse_dispatcher", "true"),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON periodic_tasks TO coulisse_dispatcher",
    *force("leaders"),
    policy("leaders", "dispatcher", "coulisse_dispatcher", "true"),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON leaders TO coulisse_dispatcher",
]

# What the sign-in functions may see: nothing else in the product reads these tables unscoped.
SIGN_IN_TABLES = {
    "users": "SELECT, INSERT",
    "staff": "SELECT",
    "sign_in_sessions": "SELECT, UPDATE",
    "user_tokens": "SELECT, INSERT",
    "tenants": "SELECT",
    "members": "SELECT",
    "grants": "SELECT",
}
SIGN_IN_ACCESS = [
    statement
    for table, rights in SIGN_IN_TABLES.items()
    for statement in (
        policy(table, "sign_in", "coulisse_signin", "true"),
        f"GRANT {rights} ON {table} TO coulisse_signin",
    )
]

NEEDS_SECOND_FACTOR = """
    (s.user_id IS NOT NULL OR EXISTS (
        SELECT FROM members m WHERE m.user_id = u.id AND m.removed_at IS NULL
        AND (m.approver OR m.role = 'client_admin')))
"""
LIVE_GRANTS = """
    SELECT g.tenant_id, jsonb_object_agg(g.line, g.level ORDER BY
        array_position(ARRAY['read', 'work', 'review'], g.level)) AS lines
    FROM grants g JOIN staff st ON st.user_id = g.user_id AND st.active
    WHERE g.user_id = {user} AND g.ended_at IS NULL AND g.expires_at > now()
    GROUP BY g.tenant_id
"""

FUNCTIONS = [
    *definer(
        "session_context",
        "p_token_hash text, p_slug text",
        "TABLE (user_id uuid, display_name text, email text, language text, time_zone text,"
        " single_keys boolean, staff_role text, second_factor_at timestamptz,"
        " needs_second_factor boolean, has_second_factor boolean, tenant_id uuid,"
        " tenant_kind text, tenant_name text, tenant_code text, tenant_colour text,"
        " tenant_country text, tenant_language text, tenant_time_zone text, tenant_state text,"
        " member_role text, member_name text, approver boolean, member_lines text[],"
        " grant_lines jsonb)",
        f"""
        UPDATE sign_in_sessions SET last_seen_at = now()
        WHERE token_hash = p_token_hash AND ended_at IS NULL
        AND last_seen_at BETWEEN now() - interval '12 hours' AND now() - interval '1 minute'
        AND created_at > now() - interval '14 days';
        SELECT u.id, u.display_name, u.email::text, u.language, u.time_zone, u.single_keys,
            s.role, ses.second_factor_at, {NEEDS_SECOND_FACTOR}, u.totp_confirmed_at IS NOT NULL,
            t.id, t.kind, t.name, t.code, t.colour, t.country, t.language, t.time_zone, t.state,
            m.role, m.display_name, m.approver, m.lines, g.lines
        FROM sign_in_sessions ses
        JOIN users u ON u.id = ses.user_id AND u.active
        LEFT JOIN staff s ON s.user_id = u.id AND s.active
        LEFT JOIN tenants t ON t.slug = p_slug AND t.kind = 'client' AND t.state <> 'closed'
        LEFT JOIN members m ON m.tenant_id = t.id AND m.user_id = u.id AND m.removed_at IS NULL
        LEFT JOIN LATERAL ({LIVE_GRANTS.format(user="u.id")}) g ON g.tenant_id = t.id
        WHERE ses.token_hash = p_token_hash AND ses.ended_at IS NULL
        AND ses.last_seen_at > now() - interval '12 hours'
        AND ses.created_at > now() - interval '14 days'
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "sign_in_lookup",
        "p_email citext",
        "TABLE (user_id uuid, password_hash text, needs_second_factor boolean,"
        " has_second_factor boolean)",
        f"""
        SELECT u.id, u.password_hash, {NEEDS_SECOND_FACTOR}, u.totp_confirmed_at IS NOT NULL
        FROM users u LEFT JOIN staff s ON s.user_id = u.id AND s.active
        WHERE u.email = p_email AND u.active
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "my_workspaces",
        "",
        "TABLE (tenant_id uuid, slug text, name text, code text, colour text, member_role text,"
        " approver boolean, grant_lines jsonb)",
        f"""
        SELECT t.id, t.slug, t.name, t.code, t.colour, m.role, m.approver, g.lines
        FROM tenants t
        LEFT JOIN members m ON m.tenant_id = t.id AND m.user_id = {MINE} AND m.removed_at IS NULL
        LEFT JOIN ({LIVE_GRANTS.format(user=MINE)}) g ON g.tenant_id = t.id
        WHERE t.kind = 'client' AND t.state <> 'closed'
        AND (m.id IS NOT NULL OR g.tenant_id IS NOT NULL)
        ORDER BY t.name
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "ensure_user",
        "p_id uuid, p_email citext, p_display_name text, p_language text",
        "uuid",
        """
        INSERT INTO users (id, email, display_name, language)
        VALUES (p_id, p_email, p_display_name, p_language) ON CONFLICT (email) DO NOTHING;
        SELECT id FROM users WHERE email = p_email
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "start_user_token",
        "p_email citext, p_purpose text, p_token_hash text, p_lifetime interval",
        "TABLE (user_id uuid, display_name text, language text)",
        """
        INSERT INTO user_tokens (token_hash, user_id, purpose, expires_at)
        SELECT p_token_hash, id, p_purpose, now() + p_lifetime FROM users
        WHERE email = p_email AND active;
        SELECT id, display_name, language FROM users WHERE email = p_email AND active
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "user_of_token",
        "p_token_hash text",
        "TABLE (user_id uuid, purpose text, display_name text, language text)",
        """
        SELECT u.id, k.purpose, u.display_name, u.language
        FROM user_tokens k JOIN users u ON u.id = k.user_id AND u.active
        WHERE k.token_hash = p_token_hash AND k.used_at IS NULL AND k.expires_at > now()
        """,
        owner="coulisse_signin",
    ),
]


def upgrade() -> None:
    run(TABLES)
    run([f"INSERT INTO service_lines (code) VALUES ('{line}')" for line in LINES])
    run(PEOPLE)
    run(DISPATCHER)
    run(SIGN_IN_ACCESS)
    run(FUNCTIONS)
