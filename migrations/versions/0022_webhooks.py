"""Endpoints to which a company's events go, the messages to each, every try of them."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0022"
down_revision = "0021"

TABLES = [
    """
    CREATE TABLE webhook_endpoints (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        url TEXT NOT NULL,
        description TEXT DEFAULT '' NOT NULL,
        kinds TEXT[] NOT NULL,
        lines TEXT[] NOT NULL,
        sealed_secret TEXT NOT NULL,
        sealed_old_secret TEXT DEFAULT '' NOT NULL,
        old_secret_until TIMESTAMP WITH TIME ZONE,
        off_reason TEXT DEFAULT '' NOT NULL,
        failures INTEGER DEFAULT '0' NOT NULL,
        failing_since TIMESTAMP WITH TIME ZONE,
        last_success_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by UUID,
        created_by_name TEXT NOT NULL,
        deleted_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_webhook_endpoints PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_webhook_endpoints_off_reason CHECK (off_reason IN ('', 'person', 'failing', 'gone')),
        CONSTRAINT fk_webhook_endpoints_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE webhook_messages (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        endpoint_id UUID NOT NULL,
        event_id UUID NOT NULL,
        kind TEXT NOT NULL,
        line TEXT,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        body JSONB NOT NULL,
        state TEXT DEFAULT 'pending' NOT NULL,
        tries INTEGER DEFAULT '0' NOT NULL,
        next_try_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_webhook_messages PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_webhook_messages_tenant_id_endpoint_id FOREIGN KEY(tenant_id, endpoint_id) REFERENCES webhook_endpoints (tenant_id, id),
        CONSTRAINT uq_webhook_messages_tenant_id_endpoint_id_event_id UNIQUE (tenant_id, endpoint_id, event_id),
        CONSTRAINT ck_webhook_messages_state CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
        CONSTRAINT fk_webhook_messages_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_webhook_messages_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE INDEX ix_webhook_messages_at ON webhook_messages (tenant_id, at)
    """,
    """
    CREATE INDEX ix_webhook_messages_endpoint ON webhook_messages (tenant_id, endpoint_id, id)
    """,
    """
    CREATE TABLE webhook_attempts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        message_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        status INTEGER,
        trouble TEXT DEFAULT '' NOT NULL,
        duration_ms INTEGER NOT NULL,
        answer TEXT DEFAULT '' NOT NULL,
        by_hand BOOLEAN DEFAULT 'false' NOT NULL,
        CONSTRAINT pk_webhook_attempts PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_webhook_attempts_tenant_id_message_id FOREIGN KEY(tenant_id, message_id) REFERENCES webhook_messages (tenant_id, id),
        CONSTRAINT fk_webhook_attempts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_webhook_attempts_message ON webhook_attempts (tenant_id, message_id, id)
    """,
    "ALTER TABLE outbox DROP CONSTRAINT ck_outbox_kind,"
    " ADD CONSTRAINT ck_outbox_kind CHECK (kind IN ('mail', 'stripe', 'webhook'))",
]
ACCESS = [
    *tenant_table("webhook_endpoints"),
    *tenant_table("webhook_messages"),
    # What was answered stays as it was.
    *tenant_table("webhook_attempts", rights="SELECT, INSERT, DELETE"),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
