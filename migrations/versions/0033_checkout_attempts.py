"""Clients on their way through Stripe's page."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0033"
down_revision = "0032"

TABLES = [
    """
    CREATE TABLE checkout_attempts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        plan_key TEXT NOT NULL,
        plan_version INTEGER NOT NULL,
        interval TEXT NOT NULL,
        trial_end TIMESTAMP WITH TIME ZONE,
        state TEXT DEFAULT 'open' NOT NULL,
        stripe_session_id TEXT,
        url TEXT DEFAULT '' NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE,
        begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
        begun_by UUID,
        CONSTRAINT pk_checkout_attempts PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_checkout_attempts_interval CHECK (interval IN ('month', 'year')),
        CONSTRAINT ck_checkout_attempts_state CHECK (state IN ('open', 'completed', 'superseded')),
        CONSTRAINT fk_checkout_attempts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_checkout_attempts_open ON checkout_attempts (tenant_id) WHERE state = 'open'
    """,
]
ACCESS = tenant_table("checkout_attempts", rights="SELECT, INSERT, UPDATE")


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
