"""Tokens and idempotency keys."""

from migrations.sql import definer, run
from tenants.rls import policy, tenant_table

revision = "0008"
down_revision = "0007"

TABLES = [
    """
    CREATE TABLE api_tokens (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        holder_name TEXT NOT NULL,
        name TEXT NOT NULL,
        token_hash TEXT NOT NULL,
        scopes TEXT[] NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        last_used_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        ended_by UUID,
        CONSTRAINT pk_api_tokens PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_api_tokens_tenant_id_token_hash UNIQUE (tenant_id, token_hash),
        CONSTRAINT ck_api_tokens_lifetime CHECK (expires_at <= created_at + interval '366 days'),
        CONSTRAINT fk_api_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id),
        CONSTRAINT fk_api_tokens_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_api_tokens_token_hash ON api_tokens (token_hash)",
    "CREATE INDEX ix_api_tokens_user ON api_tokens (tenant_id, user_id)",
    """
    CREATE TABLE idempotency_keys (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        key TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        status INTEGER DEFAULT '0' NOT NULL,
        headers JSONB NOT NULL,
        body TEXT DEFAULT '' NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_idempotency_keys PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_idempotency_keys_tenant_id_user_id_key UNIQUE (tenant_id, user_id, key),
        CONSTRAINT fk_idempotency_keys_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (tenant_id, created_at)",
    """
    CREATE TABLE uploads (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        file_id UUID NOT NULL,
        user_id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_uploads PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_uploads_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT fk_uploads_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_uploads_created_at ON uploads (tenant_id, created_at)",
]
ACCESS = [
    *tenant_table("api_tokens", rights="SELECT, INSERT, UPDATE", content=False),
    *tenant_table("idempotency_keys"),
    *tenant_table("uploads", rights="SELECT, INSERT, DELETE"),
    # A file that nobody used goes again; what a request or result refers to is held by its keys.
    "GRANT DELETE ON files TO coulisse_app",
    policy("api_tokens", "sign_in", "coulisse_signin", "true"),
    "GRANT SELECT, UPDATE (last_used_at) ON api_tokens TO coulisse_signin",
]

LIVE_GRANTS = """
    SELECT jsonb_object_agg(gr.line, gr.level ORDER BY
        array_position(ARRAY['read', 'work', 'review'], gr.level)) AS lines
    FROM grants gr JOIN staff st ON st.user_id = gr.user_id AND st.active
    WHERE gr.tenant_id = k.tenant_id AND gr.user_id = k.user_id
    AND gr.ended_at IS NULL AND gr.expires_at > now()
"""
# As session_context: everything that ends a person's access ends their tokens with it.
FUNCTIONS = definer(
    "token_context",
    "p_token_hash text",
    "TABLE (token_id uuid, scopes text[], user_id uuid, display_name text, email text,"
    " language text, time_zone text, single_keys boolean, staff_role text,"
    " second_factor_at timestamptz, needs_second_factor boolean, has_second_factor boolean,"
    " tenant_id uuid, tenant_slug text, tenant_name text, tenant_code text, tenant_colour text,"
    " tenant_country text, tenant_language text, tenant_time_zone text, tenant_state text,"
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
    run(FUNCTIONS)
