"""Where ledger and Stripe differ."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0034"
down_revision = "0033"

TABLES = [
    """
    CREATE TABLE reconcile_findings (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        expected TEXT NOT NULL,
        actual TEXT NOT NULL,
        found_at TIMESTAMP WITH TIME ZONE NOT NULL,
        seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        resolved_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_reconcile_findings PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_reconcile_findings_kind CHECK (kind IN ('ledger', 'usage_at_stripe', 'usage_invoiced', 'subscriptions', 'unpriced', 'rejected')),
        CONSTRAINT fk_reconcile_findings_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_reconcile_findings_open ON reconcile_findings (tenant_id, kind, subject) WHERE resolved_at IS NULL
    """,
]
ACCESS = [
    *tenant_table("reconcile_findings", rights="SELECT, INSERT, UPDATE", content=False),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
