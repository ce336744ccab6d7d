"""How long a company keeps documents beyond the law's period; what an invoice that comes again says
of itself."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0049"
down_revision = "0048"

SCHEDULES = [
    """
    ALTER TABLE invoice_schedules
        ADD COLUMN customer_name TEXT DEFAULT '' NOT NULL,
        ADD COLUMN about TEXT DEFAULT 'begins' NOT NULL,
        ADD COLUMN says_period BOOLEAN DEFAULT true NOT NULL,
        ADD COLUMN made_until DATE,
        ADD COLUMN ended_at TIMESTAMP WITH TIME ZONE,
        ADD COLUMN problem TEXT DEFAULT '' NOT NULL,
        ADD CONSTRAINT ck_invoice_schedules_about CHECK (about IN ('begins', 'ahead', 'ends', 'before')),
        ADD CONSTRAINT ck_invoice_schedules_problem CHECK (problem IN ('', 'archived', 'incomplete', 'refused'))
    """,
]
# By the company's own day, as versions are counted from.
FILLED = """
    UPDATE documents d SET lawful_until = d.keep_until,
        counts_from = greatest(d.dated, CASE WHEN d.latest > 1
            THEN (SELECT (v.issued_at AT TIME ZONE t.time_zone)::date FROM document_versions v
                  WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id AND v.number = d.latest)
            END)
    FROM tenants t WHERE t.id = d.tenant_id
"""
RETENTION = [
    """
    CREATE TABLE retention_extensions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        years INTEGER,
        since DATE NOT NULL,
        reason TEXT NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        made_by UUID,
        made_by_name TEXT NOT NULL,
        CONSTRAINT pk_retention_extensions PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_retention_extensions_years CHECK (years BETWEEN 1 AND 100),
        CONSTRAINT ck_retention_extensions_reason CHECK (length(reason) BETWEEN 1 AND 500),
        CONSTRAINT fk_retention_extensions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_retention_extensions_name ON retention_extensions (tenant_id, name, since, id)",
    "ALTER TABLE documents ADD COLUMN lawful_until DATE, ADD COLUMN counts_from DATE",
    # The owner sees no row of a table whose row security is forced.
    "ALTER TABLE documents NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE document_versions NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY",
    FILLED,
    "ALTER TABLE documents FORCE ROW LEVEL SECURITY",
    "ALTER TABLE document_versions FORCE ROW LEVEL SECURITY",
    "ALTER TABLE tenants FORCE ROW LEVEL SECURITY",
    "ALTER TABLE documents ALTER COLUMN counts_from SET NOT NULL",
    "GRANT UPDATE (lawful_until, counts_from) ON documents TO coulisse_app",
]
ACCESS = tenant_table("retention_extensions", rights="SELECT, INSERT")


def upgrade() -> None:
    run(SCHEDULES)
    run(RETENTION)
    run(ACCESS)
