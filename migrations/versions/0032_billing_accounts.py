"""Plans by month and year, six meters, and what a subscription lets a company do."""

from migrations.sql import definer, run
from tenants.rls import tenant_table

revision = "0032"
down_revision = "0031"

METERS = (
    "'statement_lines', 'operator_minutes', 'payslips', 'invoices_issued', 'orders_handled',"
    " 'deliveries'"
)
TABLES = [
    "ALTER TABLE catalog_map ADD COLUMN included INTEGER DEFAULT '0' NOT NULL",
    "ALTER TABLE billing_accounts"
    " ADD COLUMN plan_version INTEGER DEFAULT '1' NOT NULL,"
    " ADD COLUMN interval TEXT DEFAULT 'month' NOT NULL,"
    " ADD COLUMN access_reason TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN access_since TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN attention TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN grace_since TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN export_until TIMESTAMP WITH TIME ZONE,"
    " ADD CONSTRAINT ck_billing_accounts_interval CHECK (interval IN ('month', 'year'))",
    "ALTER TABLE subscriptions"
    " ADD COLUMN trial_end TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN paused_reason TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN by_invoice BOOLEAN DEFAULT false NOT NULL",
    *(
        statement
        for table in ("usage_events", "usage_buckets")
        for statement in (
            f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_meter_key",
            f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_meter_key"
            f" CHECK (meter_key IN ({METERS}))",
        )
    ),
    # Whether work that isn't begun yet may begin: a late payment stops that before anything else.
    "ALTER TABLE tenants ADD COLUMN new_work BOOLEAN DEFAULT true NOT NULL",
    """
    CREATE TABLE billing_transitions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        kind TEXT NOT NULL,
        before TEXT DEFAULT '' NOT NULL,
        after TEXT DEFAULT '' NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        effect_key TEXT NOT NULL,
        CONSTRAINT pk_billing_transitions PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_billing_transitions_kind CHECK (kind IN ('access', 'mail', 'attention')),
        CONSTRAINT uq_billing_transitions_tenant_id_effect_key UNIQUE (tenant_id, effect_key),
        CONSTRAINT fk_billing_transitions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_billing_transitions_at ON billing_transitions (tenant_id, at)
    """,
]
ACCESS = [
    # what became of an account stays as it was
    *tenant_table("billing_transitions", rights="SELECT, INSERT", content=False),
    "GRANT SELECT (new_work) ON tenants TO coulisse_desk, coulisse_figures",
]

NEEDS_SECOND_FACTOR = """
    (s.user_id IS NOT NULL OR EXISTS (
        SELECT FROM members m WHERE m.user_id = u.id AND m.removed_at IS NULL
        AND (m.approver OR m.role IN ('client_admin', 'guest'))))
"""
USABLE = """
    ses.token_hash = p_token_hash AND ses.ended_at IS NULL
    AND ses.last_seen_at > now() - interval '12 hours'
    AND ses.created_at > now() - interval '14 days'
"""
LIVE_GRANTS = """
    SELECT jsonb_object_agg(gr.line, gr.level ORDER BY
        array_position(ARRAY['read', 'work', 'review'], gr.level)) AS lines
    FROM grants gr JOIN staff st ON st.user_id = gr.user_id AND st.active
    WHERE gr.tenant_id = k.tenant_id AND gr.user_id = k.user_id
    AND gr.ended_at IS NULL AND gr.expires_at > now()
"""
# As before, and what the company's subscription lets it do.
SESSION_CONTEXT = definer(
    "session_context",
    "p_token_hash text, p_slug text, p_opens boolean",
    "TABLE (user_id uuid, display_name text, email text, language text, time_zone text,"
    " single_keys boolean, staff_role text, second_factor_at timestamptz,"
    " needs_second_factor boolean, has_second_factor boolean, tenant_id uuid,"
    " tenant_kind text, tenant_name text, tenant_code text, tenant_colour text,"
    " tenant_country text, tenant_language text, tenant_time_zone text, tenant_state text,"
    " tenant_access text, tenant_new_work boolean,"
    " member_role text, member_name text, approver boolean, member_lines text[],"
    " guest_level text, grant_lines jsonb, timer_request uuid, timer_number integer, timer_slug text,"
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
        t.access_state, t.new_work,
        m.role, m.display_name, m.approver, m.lines, m.guest_level, g.lines,
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
TOKEN_CONTEXT = definer(
    "token_context",
    "p_token_hash text",
    "TABLE (token_id uuid, scopes text[], user_id uuid, display_name text, email text,"
    " language text, time_zone text, single_keys boolean, staff_role text,"
    " second_factor_at timestamptz, needs_second_factor boolean, has_second_factor boolean,"
    " tenant_id uuid, tenant_slug text, tenant_name text, tenant_code text, tenant_colour text,"
    " tenant_country text, tenant_language text, tenant_time_zone text, tenant_state text,"
    " tenant_access text, tenant_new_work boolean,"
    " member_role text, member_name text, approver boolean, member_lines text[],"
    " grant_lines jsonb)",
    f"""
    UPDATE api_tokens SET last_used_at = now()
    WHERE token_hash = p_token_hash AND ended_at IS NULL AND expires_at > now()
    AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
    UPDATE grants SET last_used_at = now() WHERE (tenant_id, id) IN (
        SELECT g.tenant_id, g.id
        FROM api_tokens k
        JOIN users u ON u.id = k.user_id AND u.active
        JOIN staff s ON s.user_id = k.user_id AND s.active
        JOIN tenants t ON t.id = k.tenant_id AND t.kind = 'client' AND t.state <> 'closed'
        JOIN grants g ON g.tenant_id = k.tenant_id AND g.user_id = k.user_id
        WHERE k.token_hash = p_token_hash AND k.ended_at IS NULL AND k.expires_at > now()
        AND g.ended_at IS NULL AND g.expires_at > now()
        AND (g.last_used_at IS NULL OR g.last_used_at < now() - interval '1 minute')
        AND NOT EXISTS (SELECT FROM members m WHERE m.tenant_id = k.tenant_id
            AND m.user_id = k.user_id AND m.removed_at IS NULL)
        FOR UPDATE OF g SKIP LOCKED);
    SELECT k.id, k.scopes, u.id, u.display_name, u.email::text, u.language, u.time_zone,
        u.single_keys, s.role, NULL::timestamptz, false, false,
        t.id, t.slug, t.name, t.code, t.colour, t.country, t.language, t.time_zone, t.state,
        t.access_state, t.new_work,
        m.role, m.display_name, m.approver, m.lines, g.lines
    FROM api_tokens k
    JOIN users u ON u.id = k.user_id AND u.active
    JOIN tenants t ON t.id = k.tenant_id AND t.kind = 'client' AND t.state <> 'closed'
    LEFT JOIN staff s ON s.user_id = u.id AND s.active
    LEFT JOIN members m ON m.tenant_id = k.tenant_id AND m.user_id = u.id AND m.removed_at IS NULL
    LEFT JOIN LATERAL ({LIVE_GRANTS}) g ON true
    WHERE k.token_hash = p_token_hash AND k.ended_at IS NULL AND k.expires_at > now()
    AND (m.id IS NOT NULL OR g.lines IS NOT NULL)
    """,
    owner="coulisse_signin",
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(["SET LOCAL ROLE coulisse_signin"])
    run(["DROP FUNCTION session_context(text, text, boolean)"])
    run(["DROP FUNCTION token_context(text)"])
    run(["RESET ROLE"])
    run(SESSION_CONTEXT)
    run(TOKEN_CONTEXT)
