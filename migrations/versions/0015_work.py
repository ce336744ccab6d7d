"""Timers, locked months, checklists, playbooks."""

from migrations.sql import definer, run
from tenants.rls import MANY, ME, PROVIDER, force, policy, tenant_table

revision = "0015"
down_revision = "0014"

OWNER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{OWNER}'::uuid AND {PROVIDER}"
)
IN_SCOPE = (
    "current_setting('app.tenant_id', true) <> '' OR current_setting('app.user_id', true) <> ''"
)
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"

TIME = [
    """
    ALTER TABLE time_entries
        ADD COLUMN category TEXT DEFAULT 'work' NOT NULL,
        ADD COLUMN source TEXT DEFAULT 'manual' NOT NULL,
        ADD COLUMN reverses_id UUID,
        ADD COLUMN replaces_id UUID,
        ADD CONSTRAINT ck_time_entries_category CHECK (category IN ('work', 'review', 'talk', 'organisation', 'rework')),
        ADD CONSTRAINT ck_time_entries_source CHECK (source IN ('manual', 'timer')),
        ADD CONSTRAINT fk_time_entries_tenant_id_reverses_id FOREIGN KEY(tenant_id, reverses_id) REFERENCES time_entries (tenant_id, id),
        ADD CONSTRAINT fk_time_entries_tenant_id_replaces_id FOREIGN KEY(tenant_id, replaces_id) REFERENCES time_entries (tenant_id, id)
    """,
    "CREATE INDEX ix_time_entries_person ON time_entries (tenant_id, user_id, worked_on)",
    "CREATE UNIQUE INDEX uq_time_entries_reverses ON time_entries (tenant_id, reverses_id) WHERE reverses_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_time_entries_replaces ON time_entries (tenant_id, replaces_id) WHERE replaces_id IS NOT NULL",
    """
    CREATE TABLE time_comments (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        entry_id UUID NOT NULL,
        body TEXT NOT NULL,
        CONSTRAINT pk_time_comments PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_time_comments_tenant_id_entry_id FOREIGN KEY(tenant_id, entry_id) REFERENCES time_entries (tenant_id, id),
        CONSTRAINT fk_time_comments_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE UNIQUE INDEX ix_time_comments_entry ON time_comments (tenant_id, entry_id)",
    """
    CREATE TABLE timers (
        user_id UUID NOT NULL,
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        request_id UUID NOT NULL,
        number INTEGER NOT NULL,
        worked_on DATE NOT NULL,
        seconds INTEGER DEFAULT '0' NOT NULL,
        running_since TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_timers PRIMARY KEY (user_id),
        CONSTRAINT ck_timers_seconds CHECK (seconds >= 0),
        CONSTRAINT fk_timers_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id),
        CONSTRAINT fk_timers_client_id FOREIGN KEY(client_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE locked_months (
        month DATE NOT NULL,
        locked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        locked_by UUID NOT NULL,
        locked_by_name TEXT NOT NULL,
        CONSTRAINT pk_locked_months PRIMARY KEY (month),
        CONSTRAINT ck_locked_months_first_day CHECK (extract(day FROM month) = 1)
    )
    """,
]

TIME_ACCESS = [
    policy("time_entries", "granted_tenants", "coulisse_desk", MANY, "SELECT"),
    "GRANT SELECT ON time_entries TO coulisse_desk",
    *tenant_table("time_comments", rights="SELECT, INSERT", also=PROVIDER),
    *force("timers"),
    policy("timers", "own", "coulisse_app", ME),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON timers TO coulisse_app",
    policy("timers", "sign_in", "coulisse_signin", "true", "SELECT"),
    "GRANT SELECT ON timers TO coulisse_signin",
    policy("timers", "figures", "coulisse_figures", "true"),
    "GRANT SELECT (user_id, id, client_id, request_id, worked_on), DELETE ON timers TO coulisse_figures",
    *force("locked_months"),
    policy("locked_months", "read", "coulisse_app", IN_SCOPE, "SELECT"),
    policy("locked_months", "locked", "coulisse_app", ACTS_AS_PROVIDER, "INSERT"),
    "GRANT SELECT, INSERT ON locked_months TO coulisse_app",
    policy("time_entries", "figures", "coulisse_figures", "true", "SELECT"),
    "GRANT SELECT (tenant_id, user_id, worked_on, minutes) ON time_entries TO coulisse_figures",
]

LISTS = [
    "ALTER TABLE requests ADD COLUMN steps_done INTEGER DEFAULT '0' NOT NULL,"
    " ADD COLUMN steps_total INTEGER",
    """
    CREATE TABLE checklist_steps (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        label TEXT NOT NULL,
        needs TEXT DEFAULT '' NOT NULL,
        mandatory BOOLEAN DEFAULT true NOT NULL,
        client_rule BOOLEAN DEFAULT false NOT NULL,
        template TEXT NOT NULL,
        template_version INTEGER NOT NULL,
        wait_until DATE,
        done_at TIMESTAMP WITH TIME ZONE,
        done_by UUID,
        done_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_checklist_steps PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_checklist_steps_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_checklist_steps_kind CHECK (kind IN ('do', 'attach', 'compute', 'ask_client', 'approve', 'wait_until')),
        CONSTRAINT uq_checklist_steps_tenant_id_request_id_position UNIQUE (tenant_id, request_id, position),
        CONSTRAINT fk_checklist_steps_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE playbooks (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        line TEXT NOT NULL,
        item TEXT DEFAULT '' NOT NULL,
        rules TEXT NOT NULL,
        steps JSONB NOT NULL,
        version INTEGER NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT NOT NULL,
        confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        confirmed_by UUID,
        confirmed_by_name TEXT NOT NULL,
        CONSTRAINT pk_playbooks PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_playbooks_tenant_id_line_item UNIQUE (tenant_id, line, item),
        CONSTRAINT fk_playbooks_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_playbooks_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE TABLE playbook_versions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        playbook_id UUID NOT NULL,
        version INTEGER NOT NULL,
        rules TEXT NOT NULL,
        steps JSONB NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        CONSTRAINT pk_playbook_versions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_playbook_versions_tenant_id_playbook_id FOREIGN KEY(tenant_id, playbook_id) REFERENCES playbooks (tenant_id, id),
        CONSTRAINT uq_playbook_versions_tenant_id_playbook_id_version UNIQUE (tenant_id, playbook_id, version),
        CONSTRAINT fk_playbook_versions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
]

LISTS_ACCESS = [
    *tenant_table("checklist_steps", rights="SELECT, INSERT, UPDATE", also=PROVIDER),
    *tenant_table("playbooks", rights="SELECT, INSERT, UPDATE", also=PROVIDER),
    *tenant_table("playbook_versions", rights="SELECT, INSERT", also=PROVIDER),
]


NEEDS_SECOND_FACTOR = """
    (s.user_id IS NOT NULL OR EXISTS (
        SELECT FROM members m WHERE m.user_id = u.id AND m.removed_at IS NULL
        AND (m.approver OR m.role = 'client_admin')))
"""
USABLE = """
    ses.token_hash = p_token_hash AND ses.ended_at IS NULL
    AND ses.last_seen_at > now() - interval '12 hours'
    AND ses.created_at > now() - interval '14 days'
"""
# As before, and the person's timer, which every page shows.
SESSION_CONTEXT = definer(
    "session_context",
    "p_token_hash text, p_slug text, p_opens boolean",
    "TABLE (user_id uuid, display_name text, email text, language text, time_zone text,"
    " single_keys boolean, staff_role text, second_factor_at timestamptz,"
    " needs_second_factor boolean, has_second_factor boolean, tenant_id uuid,"
    " tenant_kind text, tenant_name text, tenant_code text, tenant_colour text,"
    " tenant_country text, tenant_language text, tenant_time_zone text, tenant_state text,"
    " member_role text, member_name text, approver boolean, member_lines text[],"
    " grant_lines jsonb, timer_request uuid, timer_number integer, timer_slug text,"
    " timer_code text, timer_seconds integer, timer_since timestamptz)",
    f"""
    UPDATE sign_in_sessions SET last_seen_at = now()
    WHERE token_hash = p_token_hash AND ended_at IS NULL
    AND last_seen_at BETWEEN now() - interval '12 hours' AND now() - interval '1 minute'
    AND created_at > now() - interval '14 days';
    UPDATE grants SET last_used_at = now() WHERE (tenant_id, id) IN (
        SELECT g.tenant_id, g.id
        FROM sign_in_sessions ses
        JOIN staff s ON s.user_id = ses.user_id AND s.active
        JOIN tenants t ON t.slug = p_slug AND t.kind = 'client' AND t.state <> 'closed'
        JOIN grants g ON g.tenant_id = t.id AND g.user_id = ses.user_id
        WHERE p_opens AND {USABLE} AND ses.second_factor_at IS NOT NULL
        AND g.ended_at IS NULL AND g.expires_at > now()
        AND (g.last_used_at IS NULL OR g.last_used_at < now() - interval '1 minute')
        AND NOT EXISTS (SELECT FROM members m WHERE m.tenant_id = t.id
            AND m.user_id = ses.user_id AND m.removed_at IS NULL)
        FOR UPDATE OF g SKIP LOCKED);
    SELECT u.id, u.display_name, u.email::text, u.language, u.time_zone, u.single_keys,
        s.role, ses.second_factor_at, {NEEDS_SECOND_FACTOR}, u.totp_confirmed_at IS NOT NULL,
        t.id, t.kind, t.name, t.code, t.colour, t.country, t.language, t.time_zone, t.state,
        m.role, m.display_name, m.approver, m.lines, g.lines,
        w.request_id, w.number, c.slug, c.code, w.seconds, w.running_since
    FROM sign_in_sessions ses
    JOIN users u ON u.id = ses.user_id AND u.active
    LEFT JOIN staff s ON s.user_id = u.id AND s.active
    LEFT JOIN timers w ON w.user_id = s.user_id
    LEFT JOIN tenants c ON c.id = w.client_id
    LEFT JOIN tenants t ON t.slug = p_slug AND t.kind = 'client' AND t.state <> 'closed'
    LEFT JOIN members m ON m.tenant_id = t.id AND m.user_id = u.id AND m.removed_at IS NULL
    LEFT JOIN LATERAL (
        SELECT g.tenant_id, jsonb_object_agg(g.line, g.level ORDER BY
            array_position(ARRAY['read', 'work', 'review'], g.level)) AS lines
        FROM grants g JOIN staff st ON st.user_id = g.user_id AND st.active
        WHERE g.tenant_id = t.id AND g.user_id = u.id AND g.ended_at IS NULL
        AND g.expires_at > now()
        GROUP BY g.tenant_id
    ) g ON true
    WHERE {USABLE}
    """,
    owner="coulisse_signin",
)

TIME_FUNCTIONS = [
    # The timer of another client than the one in scope is booked there, by a job of that client.
    *definer(
        "hand_over_timer",
        "p_minutes integer, p_request_id text",
        "bigint",
        f"""
        WITH ended AS (
            DELETE FROM timers w WHERE w.user_id = {MINE}
            AND EXISTS (SELECT FROM staff s WHERE s.user_id = w.user_id)
            AND EXISTS (SELECT FROM grants g
                WHERE g.tenant_id = w.client_id AND g.user_id = w.user_id)
            RETURNING w.id, w.client_id, w.request_id, w.worked_on),
        added AS (
            INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, actor_id,
                request_id)
            SELECT ended.client_id, uuidv7(), 'timesheets.book_timer', 'interactive',
                jsonb_build_object('request_id', ended.request_id, 'timer_id', ended.id,
                    'minutes', p_minutes, 'worked_on', ended.worked_on),
                'timer:' || ended.id, {MINE}, p_request_id
            FROM ended RETURNING 1)
        SELECT count(*) FROM added
        """,
        owner="coulisse_figures",
    ),
    # Whole days of one's own, also of clients whose grant ended; no words, no client.
    *definer(
        "my_time",
        "p_from date, p_until date",
        "TABLE (worked_on date, minutes bigint)",
        f"""
        SELECT e.worked_on, sum(e.minutes) FROM tenants t
        JOIN time_entries e ON e.tenant_id = t.id AND e.user_id = {MINE}
            AND e.worked_on BETWEEN p_from AND p_until
        GROUP BY e.worked_on
        """,
        owner="coulisse_figures",
    ),
]


def upgrade() -> None:
    run(TIME)
    run(TIME_ACCESS)
    run(["SET LOCAL ROLE coulisse_signin", "DROP FUNCTION session_context(text, text, boolean)"])
    run(["RESET ROLE"])
    run(SESSION_CONTEXT)
    run(TIME_FUNCTIONS)
    run(LISTS)
    run(LISTS_ACCESS)
