"""What a provider needs to start: companies' facts, administration without content, departures,
and when a grant was last used."""

from migrations.sql import definer, run
from tenants.rls import closed_to_administration, policy, tenant_table

revision = "0005"
down_revision = "0004"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"
ADMINISTERS = f"""({ACTS_AS_PROVIDER} AND EXISTS (
    SELECT FROM staff me WHERE me.user_id = {MINE} AND me.active AND me.role = 'provider_admin'))"""
OPEN_REQUEST = "r.state NOT IN ('closed', 'cancelled')"

CONTENT = [
    "requests", "request_moves", "client_messages", "internal_notes", "questions",
    "request_files", "deliverables", "reviews", "approvals", "time_entries", "files",
    "subscriptions", "subscription_items", "usage_events", "usage_buckets", "stripe_invoices",
    "stripe_invoice_lines", "payment_controls", "bank_statements", "statement_lines",
    "open_items", "matches", "import_rejects",
]  # fmt: skip
ADMINISTERED = [
    "members", "grants", "counters", "audit_events", "jobs", "outbox", "billing_accounts",
]  # fmt: skip

TABLES = [
    "ALTER TABLE tenants ADD COLUMN legal_form TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN registration_number TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN vat_id TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN document_languages TEXT[] DEFAULT '{en}' NOT NULL",
    # The owner sees no row of a table whose row security is forced.
    "ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY",
    "UPDATE tenants SET document_languages = ARRAY[language]",
    "ALTER TABLE tenants FORCE ROW LEVEL SECURITY",
    "ALTER TABLE tenants ADD CONSTRAINT ck_tenants_document_languages CHECK"
    " (cardinality(document_languages) > 0 AND document_languages <@ ARRAY['fr', 'de', 'en'])",
    "ALTER TABLE grants ADD COLUMN last_used_at TIMESTAMP WITH TIME ZONE",
    """
    CREATE TABLE departures (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL,
        started_by TEXT NOT NULL,
        sessions_ended INTEGER NOT NULL,
        clients JSONB NOT NULL,
        CONSTRAINT pk_departures PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_departures_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_departures_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id)
    )
    """,
    "CREATE INDEX ix_departures_user ON departures (tenant_id, user_id, id)",
]

# Tables of the first migrations: those made from now on get theirs by `tenant_table`, and a
# database that is migrated from nothing has it already.
ADMINISTRATION = [
    *(f"DROP POLICY IF EXISTS not_administration ON {table}" for table in CONTENT + ADMINISTERED),
    *(closed_to_administration(table) for table in CONTENT),
    # Of the audit it reads what became of people, access and the company itself.
    "CREATE POLICY not_administration ON audit_events AS RESTRICTIVE FOR SELECT TO coulisse_app"
    " USING (current_setting('app.side', true) IS DISTINCT FROM 'administration'"
    " OR starts_with(name, 'tenants.'))",
    policy("tenants", "listed", "coulisse_app", ACTS_AS_PROVIDER, "SELECT"),
    *tenant_table("departures", rights="SELECT, INSERT"),
]

FIGURES = [
    *(
        policy(table, "figures", "coulisse_figures", "true", "SELECT")
        for table in ("tenants", "staff", "members", "grants", "requests", "audit_events")
    ),
    policy("jobs", "figures", "coulisse_figures", "true"),
    "GRANT SELECT (id, kind, slug, name, code, state) ON tenants TO coulisse_figures",
    "GRANT SELECT (user_id, role, active) ON staff TO coulisse_figures",
    "GRANT SELECT (tenant_id, removed_at) ON members TO coulisse_figures",
    "GRANT SELECT (tenant_id, user_id, ended_at, expires_at) ON grants TO coulisse_figures",
    "GRANT SELECT (tenant_id, assignee_id, state) ON requests TO coulisse_figures",
    "GRANT SELECT (tenant_id, at) ON audit_events TO coulisse_figures",
    "GRANT SELECT (tenant_id, idempotency_key, state), INSERT (tenant_id, id, name, queue, args,"
    " idempotency_key, actor_id, request_id) ON jobs TO coulisse_figures",
    "GRANT UPDATE (last_used_at) ON grants TO coulisse_signin",
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
SESSION_CONTEXT = definer(
    "session_context",
    "p_token_hash text, p_slug text, p_opens boolean",
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
        m.role, m.display_name, m.approver, m.lines, g.lines
    FROM sign_in_sessions ses
    JOIN users u ON u.id = ses.user_id AND u.active
    LEFT JOIN staff s ON s.user_id = u.id AND s.active
    LEFT JOIN tenants t ON t.slug = p_slug AND t.kind = 'client' AND t.state <> 'closed'
    LEFT JOIN members m ON m.tenant_id = t.id AND m.user_id = u.id AND m.removed_at IS NULL
    LEFT JOIN LATERAL (
        SELECT g.tenant_id, jsonb_object_agg(g.line, g.level ORDER BY
            array_position(ARRAY['read', 'work', 'review'], g.level)) AS lines
        FROM grants g JOIN staff st ON st.user_id = g.user_id AND st.active
        WHERE g.user_id = u.id AND g.ended_at IS NULL AND g.expires_at > now()
        GROUP BY g.tenant_id
    ) g ON g.tenant_id = t.id
    WHERE {USABLE}
    """,
    owner="coulisse_signin",
)

FUNCTIONS = [
    *definer(
        "company_figures",
        "p_tenant_ids uuid[]",
        "TABLE (tenant_id uuid, members integer, staff integer, expiring integer,"
        " last_activity_at timestamptz)",
        f"""
        SELECT t.id,
            (SELECT count(*)::int FROM members m
                WHERE m.tenant_id = t.id AND m.removed_at IS NULL),
            (SELECT count(DISTINCT g.user_id)::int FROM grants g
                JOIN staff s ON s.user_id = g.user_id AND s.active
                WHERE g.tenant_id = t.id AND g.ended_at IS NULL AND g.expires_at > now()),
            (SELECT count(*)::int FROM grants g
                JOIN staff s ON s.user_id = g.user_id AND s.active
                WHERE g.tenant_id = t.id AND g.ended_at IS NULL
                AND g.expires_at BETWEEN now() AND now() + interval '30 days'),
            (SELECT max(a.at) FROM audit_events a WHERE a.tenant_id = t.id)
        FROM tenants t
        WHERE t.id = ANY (p_tenant_ids) AND t.kind = 'client' AND {ADMINISTERS}
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "staff_facts",
        "",
        "TABLE (user_id uuid, email text, language text, invited boolean,"
        " has_second_factor boolean, last_sign_in_at timestamptz, open_sessions integer,"
        " clients integer)",
        f"""
        SELECT s.user_id, u.email::text, u.language, u.password_hash IS NULL,
            u.totp_confirmed_at IS NOT NULL,
            (SELECT max(ses.created_at) FROM sign_in_sessions ses
                WHERE ses.user_id = s.user_id),
            (SELECT count(*)::int FROM sign_in_sessions ses
                WHERE ses.user_id = s.user_id AND ses.ended_at IS NULL
                AND ses.last_seen_at > now() - interval '12 hours'
                AND ses.created_at > now() - interval '14 days'),
            (SELECT count(DISTINCT g.tenant_id)::int FROM grants g
                WHERE g.user_id = s.user_id AND s.active
                AND g.ended_at IS NULL AND g.expires_at > now())
        FROM staff s JOIN users u ON u.id = s.user_id WHERE {ADMINISTERS}
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "staff_reach",
        "p_user_id uuid",
        "TABLE (tenant_id uuid, slug text, name text, code text, live integer, expired integer,"
        " ended integer, assignments integer)",
        f"""
        SELECT t.id, t.slug, t.name, t.code, g.live, g.expired, g.ended, r.assignments
        FROM tenants t
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE g.ended_at IS NULL AND g.expires_at > now())::int
                    AS live,
                count(*) FILTER (WHERE g.ended_at IS NULL AND g.expires_at <= now())::int
                    AS expired,
                count(*) FILTER (WHERE g.ended_at IS NOT NULL)::int AS ended
            FROM grants g WHERE g.tenant_id = t.id AND g.user_id = p_user_id) g
        CROSS JOIN LATERAL (
            SELECT count(*)::int AS assignments FROM requests r
            WHERE r.tenant_id = t.id AND r.assignee_id = p_user_id AND {OPEN_REQUEST}) r
        WHERE t.kind = 'client' AND g.live + g.expired + g.ended + r.assignments > 0
        AND {ADMINISTERS}
        ORDER BY t.name
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "end_staff_sessions",
        "p_user_id uuid",
        "bigint",
        f"""
        WITH ended AS (
            UPDATE sign_in_sessions ses SET ended_at = now()
            WHERE ses.user_id = p_user_id AND ses.ended_at IS NULL AND {ADMINISTERS}
            AND EXISTS (SELECT FROM staff s WHERE s.user_id = p_user_id AND NOT s.active)
            RETURNING 1)
        SELECT count(*) FROM ended
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "start_departure",
        "p_user_id uuid, p_departure uuid, p_tenant_ids uuid[], p_request_id text",
        "bigint",
        f"""
        WITH added AS (
            INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, actor_id,
                request_id)
            SELECT t.id, uuidv7(), 'provider.end_access', 'interactive',
                jsonb_build_object('user_id', p_user_id), 'departure:' || p_departure,
                {MINE}, p_request_id
            FROM tenants t WHERE t.id = ANY (p_tenant_ids) AND t.kind = 'client'
            AND {ADMINISTERS}
            AND EXISTS (SELECT FROM staff s WHERE s.user_id = p_user_id AND NOT s.active)
            RETURNING 1)
        SELECT count(*) FROM added
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "departure_states",
        "p_departure uuid",
        "TABLE (tenant_id uuid, state text)",
        f"""
        SELECT j.tenant_id, j.state FROM tenants t
        JOIN jobs j ON j.tenant_id = t.id AND j.idempotency_key = 'departure:' || p_departure
        WHERE t.kind = 'client' AND {ADMINISTERS}
        """,
        owner="coulisse_figures",
    ),
]


def upgrade() -> None:
    run(TABLES)
    run(ADMINISTRATION)
    run(FIGURES)
    run(["SET LOCAL ROLE coulisse_signin", "DROP FUNCTION session_context(text, text)"])
    run(["RESET ROLE"])
    run(SESSION_CONTEXT)
    run(FUNCTIONS)
