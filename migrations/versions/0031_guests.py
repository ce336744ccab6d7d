"""Guests: external accountants and auditors, who look at a client's lines until a day."""

from migrations.sql import definer, run
from tenants.rls import policy

revision = "0031"
down_revision = "0030"

TABLES = [
    "ALTER TABLE members ADD COLUMN guest_level TEXT,"
    " ADD COLUMN guest_reason TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN invited_by_name TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN invited_at TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE,"
    " DROP CONSTRAINT ck_members_role",
    "ALTER TABLE members"
    " ADD CONSTRAINT ck_members_role CHECK (role IN ('client_user', 'client_admin', 'guest')),"
    " ADD CONSTRAINT ck_members_guest_level CHECK (guest_level IN ('read', 'query')),"
    " ADD CONSTRAINT ck_members_guest CHECK ((role = 'guest') = (guest_level IS NOT NULL)"
    " AND (role = 'guest') = (expires_at IS NOT NULL) AND (role = 'guest') = (guest_reason <> '')"
    " AND NOT (role = 'guest' AND approver))",
    # What a guest wrote or asked for says so.
    "ALTER TABLE client_messages ADD COLUMN by_guest BOOLEAN DEFAULT false NOT NULL",
    "ALTER TABLE requests ADD COLUMN raised_by_guest BOOLEAN DEFAULT false NOT NULL",
]
# Whatever signs people in, lists where they may go or finds whom to write to asks these roles: none
# of it can forget that a guest's time is over.
STILL_HERE = "expires_at IS NULL OR expires_at > now()"
EXPIRY = [
    "DROP POLICY sign_in ON members",
    policy("members", "sign_in", "coulisse_signin", STILL_HERE),
    "DROP POLICY figures ON members",
    policy("members", "figures", "coulisse_figures", STILL_HERE, "SELECT"),
    "GRANT SELECT (expires_at) ON members TO coulisse_figures",
]

# A guest's account is of no company of ours: it needs its second factor too.
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
# As before, and the level of a guest.
SESSION_CONTEXT = definer(
    "session_context",
    "p_token_hash text, p_slug text, p_opens boolean",
    "TABLE (user_id uuid, display_name text, email text, language text, time_zone text,"
    " single_keys boolean, staff_role text, second_factor_at timestamptz,"
    " needs_second_factor boolean, has_second_factor boolean, tenant_id uuid,"
    " tenant_kind text, tenant_name text, tenant_code text, tenant_colour text,"
    " tenant_country text, tenant_language text, tenant_time_zone text, tenant_state text,"
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

SIGN_IN_LOOKUP = definer(
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
)


def upgrade() -> None:
    run(TABLES)
    run(EXPIRY)
    run(["SET LOCAL ROLE coulisse_signin"])
    run(["DROP FUNCTION session_context(text, text, boolean)"])
    run(["DROP FUNCTION sign_in_lookup(citext)"])
    run(["RESET ROLE"])
    run(SESSION_CONTEXT)
    run(SIGN_IN_LOOKUP)
