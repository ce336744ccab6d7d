"""Saved views, drafts, text modules."""

from migrations.sql import definer, run
from tenants.rls import ME, PROVIDER, policy, tenant_table

revision = "0014"
down_revision = "0013"

MINE = "owner_id = nullif(current_setting('app.user_id', true), '')::uuid"
OWN_OR_SHARED = f"{PROVIDER} AND (owner_id IS NULL OR {MINE})"

VIEWS = [
    """
    CREATE TABLE saved_views (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        owner_id UUID,
        name TEXT NOT NULL,
        icon TEXT NOT NULL,
        query TEXT NOT NULL,
        position INTEGER DEFAULT 0 NOT NULL,
        made_by_name TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_saved_views PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_saved_views_name CHECK (length(name) BETWEEN 1 AND 40),
        CONSTRAINT fk_saved_views_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_saved_views_owner ON saved_views (tenant_id, owner_id, position)",
    *tenant_table("saved_views", also=OWN_OR_SHARED),
    """
    CREATE TABLE desk_settings (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        default_view TEXT DEFAULT '' NOT NULL,
        after TEXT DEFAULT 'next' NOT NULL,
        CONSTRAINT pk_desk_settings PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_desk_settings_after CHECK (after IN ('next', 'stay', 'list')),
        CONSTRAINT uq_desk_settings_tenant_id_user_id UNIQUE (tenant_id, user_id),
        CONSTRAINT fk_desk_settings_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("desk_settings", also=f"{PROVIDER} AND {ME}", rights="SELECT, INSERT, UPDATE"),
]

UNDO = [
    """
    CREATE TABLE undo_steps (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        batch_id UUID NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        before JSONB NOT NULL,
        version INTEGER NOT NULL,
        ledger_seq INTEGER NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        undone_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_undo_steps PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_undo_steps_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_undo_steps_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_undo_steps_batch ON undo_steps (tenant_id, user_id, batch_id)",
    *tenant_table("undo_steps", also=f"{PROVIDER} AND {ME}", rights="SELECT, INSERT, UPDATE"),
]

REPLIES = [
    """
    CREATE TABLE reply_drafts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_reply_drafts PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_reply_drafts_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT uq_reply_drafts_tenant_id_user_id_request_id_kind UNIQUE (tenant_id, user_id, request_id, kind),
        CONSTRAINT ck_reply_drafts_body CHECK (length(body) BETWEEN 1 AND 10000),
        CONSTRAINT fk_reply_drafts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("reply_drafts", also=ME),
    """
    CREATE TABLE presences (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        user_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_presences PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_presences_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT uq_presences_tenant_id_request_id_user_id UNIQUE (tenant_id, request_id, user_id),
        CONSTRAINT fk_presences_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("presences", also=PROVIDER),
]

OUTGOING = [
    """
    CREATE TABLE held_messages (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        user_name TEXT NOT NULL,
        body TEXT NOT NULL,
        file_ids JSONB NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        leaves_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_held_messages PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_held_messages_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_held_messages_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_held_messages_request ON held_messages (tenant_id, request_id, leaves_at)",
    *tenant_table("held_messages", also=PROVIDER),
]

TEXTS = [
    """
    CREATE TABLE text_modules (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        owner_id UUID,
        language TEXT NOT NULL,
        name TEXT NOT NULL,
        body TEXT NOT NULL,
        made_by_name TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_text_modules PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_text_modules_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_text_modules_name CHECK (length(name) BETWEEN 1 AND 60),
        CONSTRAINT ck_text_modules_body CHECK (length(body) BETWEEN 1 AND 5000),
        CONSTRAINT fk_text_modules_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_text_modules_owner ON text_modules (tenant_id, owner_id, name)",
    *tenant_table("text_modules", also=OWN_OR_SHARED),
]

# Words within titles and messages: no leakproof comparison, so behind a policy no index would
# serve. The function sees what its caller's own live grants open, and never a note.
SEARCH_TABLES = {
    "requests": "tenant_id, id, number, item, line, title, state, raised_at",
    "client_messages": "tenant_id, request_id, body",
    "grants": "tenant_id, user_id, line, ended_at, expires_at",
    "staff": "user_id, active",
    "tenants": "id, kind, state, slug, name, code",
    "open_items": "tenant_id, control_id, number",
    "payment_controls": "tenant_id, id, request_id, created_at",
}
OPEN_CLIENTS = """
    SELECT g.tenant_id, array_agg(DISTINCT g.line) AS lines
    FROM grants g
    JOIN staff s ON s.user_id = g.user_id AND s.active
    JOIN tenants t ON t.id = g.tenant_id AND t.kind = 'client' AND t.state <> 'closed'
    WHERE g.user_id = nullif(current_setting('app.user_id', true), '')::uuid
    AND current_setting('app.side', true) = 'provider'
    AND g.ended_at IS NULL AND g.expires_at > now()
    GROUP BY g.tenant_id
"""
SEARCH = [
    "CREATE INDEX ix_requests_title ON requests USING gin (tenant_id, title gin_trgm_ops)",
    "CREATE INDEX ix_client_messages_body ON client_messages USING gin (tenant_id, body gin_trgm_ops)",
    *(
        statement
        for table, columns in SEARCH_TABLES.items()
        for statement in (
            policy(table, "found", "coulisse_lookup", "true", "SELECT"),
            f"GRANT SELECT ({columns}) ON {table} TO coulisse_lookup",
        )
    ),
    *definer(
        "desk_search",
        "p_longest text, p_words text[], p_limit integer",
        "TABLE (slug text, client_name text, client_code text, number integer, item text,"
        " title text, state text, in_message boolean)",
        f"""
        WITH open AS MATERIALIZED ({OPEN_CLIENTS}
        ), found AS MATERIALIZED (
            SELECT hit.* FROM open CROSS JOIN LATERAL (
                (SELECT r.tenant_id, r.id, false AS in_message FROM requests r
                 WHERE r.tenant_id = open.tenant_id AND r.title ILIKE p_longest
                 AND r.title ILIKE ALL (p_words)
                 AND r.line = ANY (open.lines)
                 ORDER BY r.raised_at DESC, r.id LIMIT 200)
                UNION ALL
                (SELECT r.tenant_id, r.id, true FROM (
                    SELECT DISTINCT m.tenant_id, m.request_id FROM client_messages m
                    WHERE m.tenant_id = open.tenant_id AND m.body ILIKE p_longest
                    AND m.body ILIKE ALL (p_words)
                 ) said
                 JOIN requests r ON r.tenant_id = said.tenant_id AND r.id = said.request_id
                 WHERE r.line = ANY (open.lines)
                 ORDER BY r.raised_at DESC, r.id LIMIT 200)
            ) hit
        ), best AS (
            SELECT tenant_id, id, bool_and(in_message) AS in_message FROM found
            GROUP BY tenant_id, id
        )
        SELECT t.slug, t.name, t.code, r.number, r.item, r.title, r.state, b.in_message
        FROM best b
        JOIN requests r ON r.tenant_id = b.tenant_id AND r.id = b.id
        JOIN tenants t ON t.id = b.tenant_id
        ORDER BY b.in_message, r.raised_at DESC, r.id LIMIT p_limit
        """,
        owner="coulisse_lookup",
    ),
    "CREATE INDEX ix_open_items_number ON open_items (tenant_id, number)",
    *definer(
        "desk_find_item",
        "p_number text",
        "TABLE (slug text, client_code text, number integer)",
        f"""
        SELECT t.slug, t.code, r.number
        FROM ({OPEN_CLIENTS}) open
        JOIN open_items i ON i.tenant_id = open.tenant_id AND i.number = p_number
        JOIN payment_controls c ON c.tenant_id = i.tenant_id AND c.id = i.control_id
        JOIN requests r ON r.tenant_id = c.tenant_id AND r.id = c.request_id
            AND r.line = ANY (open.lines)
        JOIN tenants t ON t.id = open.tenant_id
        GROUP BY t.slug, t.code, r.number, c.created_at
        ORDER BY c.created_at DESC LIMIT 5
        """,
        owner="coulisse_lookup",
    ),
]


def upgrade() -> None:
    run(VIEWS)
    run(UNDO)
    run(REPLIES)
    run(OUTGOING)
    run(TEXTS)
    run(SEARCH)
