"""Saved views, drafts, text modules."""

from migrations.sql import run
from tenants.rls import ME, PROVIDER, tenant_table

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


def upgrade() -> None:
    run(VIEWS)
    run(UNDO)
    run(REPLIES)
    run(TEXTS)
