"""Changes of plan, ends and what else a client asks of its subscription."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0035"
down_revision = "0034"

TABLES = [
    "ALTER TABLE subscriptions"
    " ADD COLUMN pending_until TIMESTAMP WITH TIME ZONE, ADD COLUMN schedule_id TEXT",
    """
    CREATE TABLE plan_changes (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kind TEXT NOT NULL,
        state TEXT DEFAULT 'asked' NOT NULL,
        stripe_subscription_id TEXT NOT NULL,
        from_plan TEXT DEFAULT '' NOT NULL,
        from_version INTEGER DEFAULT '1' NOT NULL,
        from_interval TEXT DEFAULT '' NOT NULL,
        to_plan TEXT DEFAULT '' NOT NULL,
        to_version INTEGER DEFAULT '1' NOT NULL,
        to_interval TEXT DEFAULT '' NOT NULL,
        proration_date TIMESTAMP WITH TIME ZONE,
        effective_at TIMESTAMP WITH TIME ZONE,
        figures JSONB DEFAULT '{}' NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        problem TEXT DEFAULT '' NOT NULL,
        stripe_invoice_id TEXT,
        asked_by UUID,
        asked_by_name TEXT DEFAULT '' NOT NULL,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        sent_at TIMESTAMP WITH TIME ZONE,
        settled_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_plan_changes PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_plan_changes_kind CHECK (kind IN
            ('upgrade', 'downgrade', 'end', 'keep', 'pay', 'resume')),
        CONSTRAINT ck_plan_changes_state CHECK (state IN
            ('asked', 'sent', 'planned', 'done', 'refused', 'withdrawn')),
        CONSTRAINT fk_plan_changes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_plan_changes_at ON plan_changes (tenant_id, asked_at, id)
    """,
    """
    CREATE UNIQUE INDEX uq_plan_changes_errand ON plan_changes (tenant_id)
    WHERE state IN ('asked', 'sent', 'planned') AND kind IN ('keep', 'pay', 'resume')
    """,
    """
    CREATE UNIQUE INDEX uq_plan_changes_lasting ON plan_changes (tenant_id)
    WHERE state IN ('asked', 'sent', 'planned') AND kind IN ('upgrade', 'downgrade', 'end')
    """,
]
ACCESS = [
    *tenant_table("plan_changes", rights="SELECT, INSERT, UPDATE", content=False),
    # The provider's own agreement with a client: its administrators may end it.
    "DROP POLICY IF EXISTS not_administration ON subscriptions",
    "DROP POLICY IF EXISTS not_administration ON subscription_items",
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
