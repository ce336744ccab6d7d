"""The contract of a client company: versions, targets, calendar, quotas, limits; offers and prices."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0012"
down_revision = "0011"

TABLES = [
    """
    CREATE TABLE contract_versions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        valid_from DATE NOT NULL,
        document JSONB NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        activated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        activated_by UUID,
        activated_by_name TEXT NOT NULL,
        CONSTRAINT pk_contract_versions PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_contract_versions_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT fk_contract_versions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE contract_drafts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        document JSONB NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        base_number INTEGER,
        revision INTEGER NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT NOT NULL,
        CONSTRAINT pk_contract_drafts PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_contract_drafts_tenant_id UNIQUE (tenant_id),
        CONSTRAINT fk_contract_drafts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
]

ACCESS = [
    # What was agreed stays as it is: no right to change or delete.
    *tenant_table("contract_versions", rights="SELECT, INSERT", content=False),
    *tenant_table("contract_drafts", content=False),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
