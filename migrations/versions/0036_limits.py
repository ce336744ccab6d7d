"""Limits of plans, what is agreed beyond them, and what a client may owe."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0036"
down_revision = "0035"

TABLES = [
    """
    CREATE TABLE entitlement_overrides (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        feature TEXT NOT NULL,
        value INTEGER NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        reason TEXT NOT NULL,
        asked_by UUID NOT NULL,
        asked_by_name TEXT NOT NULL,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        verdict TEXT,
        decided_by UUID,
        decided_by_name TEXT DEFAULT '' NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_entitlement_overrides PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_entitlement_overrides_feature CHECK (feature IN ('seats', 'storage_gb')),
        CONSTRAINT ck_entitlement_overrides_value CHECK (value > 0),
        CONSTRAINT ck_entitlement_overrides_reason CHECK (length(reason) > 0),
        CONSTRAINT ck_entitlement_overrides_expires_at CHECK (expires_at > asked_at),
        CONSTRAINT ck_entitlement_overrides_verdict CHECK (verdict IN ('approved', 'refused', 'withdrawn')),
        CONSTRAINT ck_entitlement_overrides_decided CHECK ((verdict IS NULL) = (decided_by IS NULL) AND (verdict IS NULL) = (decided_at IS NULL)),
        CONSTRAINT ck_entitlement_overrides_checker_is_not_maker CHECK (verdict IS NULL OR (verdict = 'withdrawn') = (decided_by = asked_by)),
        CONSTRAINT fk_entitlement_overrides_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_entitlement_overrides_open ON entitlement_overrides (tenant_id, feature) WHERE verdict IS NULL
    """,
    """
    ALTER TABLE billing_accounts
        ADD COLUMN credit_exposure_limit BIGINT,
        ADD COLUMN exposure BIGINT DEFAULT '0' NOT NULL,
        ADD COLUMN storage_used BIGINT DEFAULT '0' NOT NULL,
        ADD COLUMN measured_at TIMESTAMP WITH TIME ZONE,
        ADD CONSTRAINT ck_billing_accounts_credit_exposure_limit CHECK (credit_exposure_limit >= 0)
    """,
]
ACCESS = tenant_table(
    # The provider's administrators ask and decide; what was asked stays as it was.
    "entitlement_overrides",
    rights="SELECT, INSERT, UPDATE (verdict, decided_by, decided_by_name, decided_at)",
    content=False,
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
