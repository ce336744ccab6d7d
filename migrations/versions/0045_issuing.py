"""Sales invoices: their files, batches from a sheet, and what comes again."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0045"
down_revision = "0044"

TABLES = [
    "ALTER TABLE sales_invoice_standings ADD COLUMN file_version_id UUID, ADD COLUMN view_version_id UUID",
    "ALTER TABLE sales_invoices ADD CONSTRAINT fk_sales_invoices_tenant_id_customer_id"
    " FOREIGN KEY (tenant_id, customer_id) REFERENCES parties (tenant_id, id)",
    """
    CREATE TABLE invoice_schedules (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        customer_id UUID,
        wish JSONB NOT NULL,
        months INTEGER NOT NULL,
        day INTEGER NOT NULL,
        starts_on DATE NOT NULL,
        ends_on DATE,
        next_on DATE,
        paused BOOLEAN DEFAULT false NOT NULL,
        made INTEGER DEFAULT '0' NOT NULL,
        version INTEGER DEFAULT '1' NOT NULL,
        changed_by_name TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_invoice_schedules PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_invoice_schedules_tenant_id_customer_id FOREIGN KEY(tenant_id, customer_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT ck_invoice_schedules_name CHECK (length(name) BETWEEN 1 AND 120),
        CONSTRAINT ck_invoice_schedules_months CHECK (months BETWEEN 1 AND 24),
        CONSTRAINT ck_invoice_schedules_day CHECK (day BETWEEN 1 AND 31),
        CONSTRAINT ck_invoice_schedules_ends CHECK (ends_on >= starts_on),
        CONSTRAINT fk_invoice_schedules_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_invoice_schedules_next ON invoice_schedules (tenant_id, next_on)
    """,
    """
    CREATE TABLE invoice_batches (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        file_id UUID NOT NULL,
        sha256 TEXT NOT NULL,
        state TEXT DEFAULT 'reading' NOT NULL,
        aim TEXT DEFAULT 'validate' NOT NULL,
        problem JSONB,
        rows_in INTEGER DEFAULT '0' NOT NULL,
        invoices_in INTEGER DEFAULT '0' NOT NULL,
        rejected INTEGER DEFAULT '0' NOT NULL,
        made INTEGER DEFAULT '0' NOT NULL,
        job_id UUID,
        request_id UUID,
        created_by UUID,
        created_by_name TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        started_by_name TEXT DEFAULT '' NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_invoice_batches PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_invoice_batches_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT fk_invoice_batches_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_invoice_batches_state CHECK (state IN ('reading', 'refused', 'read', 'issuing', 'done', 'dropped')),
        CONSTRAINT ck_invoice_batches_aim CHECK (aim IN ('draft', 'validate')),
        CONSTRAINT fk_invoice_batches_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_invoice_batches_at ON invoice_batches (tenant_id, created_at, id)
    """,
    """
    CREATE TABLE invoice_batch_rows (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        batch_id UUID NOT NULL,
        position INTEGER NOT NULL,
        reference TEXT DEFAULT '' NOT NULL,
        lines JSONB NOT NULL,
        customer_name TEXT DEFAULT '' NOT NULL,
        gross BIGINT,
        currency TEXT DEFAULT '' NOT NULL,
        state TEXT NOT NULL,
        wish JSONB,
        reasons JSONB DEFAULT '[]'::jsonb NOT NULL,
        invoice_id UUID,
        CONSTRAINT pk_invoice_batch_rows PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_invoice_batch_rows_tenant_id_batch_id FOREIGN KEY(tenant_id, batch_id) REFERENCES invoice_batches (tenant_id, id),
        CONSTRAINT fk_invoice_batch_rows_tenant_id_invoice_id FOREIGN KEY(tenant_id, invoice_id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT uq_invoice_batch_rows_tenant_id_batch_id_position UNIQUE (tenant_id, batch_id, position),
        CONSTRAINT ck_invoice_batch_rows_state CHECK (state IN ('ready', 'rejected', 'made')),
        CONSTRAINT ck_invoice_batch_rows_made CHECK ((state = 'made') = (invoice_id IS NOT NULL)),
        CONSTRAINT fk_invoice_batch_rows_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_invoice_batch_rows_state ON invoice_batch_rows (tenant_id, batch_id, state, position)
    """,
]
ACCESS = [
    *tenant_table("invoice_batches", rights="SELECT, INSERT, UPDATE"),
    *tenant_table(
        "invoice_batch_rows", rights="SELECT, INSERT, UPDATE (state, reasons, invoice_id), DELETE"
    ),
    *tenant_table("invoice_schedules"),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
