"""Batches of invoices: what each invoice of a sheet comes to, and drafts of a batch that may be
thrown away like any others."""

from migrations.sql import run

revision = "0047"
down_revision = "0046"

TABLES = [
    """
    ALTER TABLE invoice_batches
        ADD COLUMN again BOOLEAN DEFAULT false NOT NULL,
        ADD COLUMN ignored JSONB DEFAULT '[]'::jsonb NOT NULL
    """,
    """
    ALTER TABLE invoice_batch_rows
        ADD COLUMN net BIGINT,
        ADD COLUMN tax BIGINT,
        DROP CONSTRAINT ck_invoice_batch_rows_made,
        ADD CONSTRAINT ck_invoice_batch_rows_made CHECK (invoice_id IS NULL OR state = 'made')
    """,
    """
    CREATE INDEX ix_invoice_batch_rows_invoice ON invoice_batch_rows (tenant_id, invoice_id)
    """,
    """
    CREATE INDEX ix_invoice_batches_request ON invoice_batches (tenant_id, request_id)
    """,
    """
    CREATE INDEX ix_invoice_batches_sha256 ON invoice_batches (tenant_id, sha256)
    """,
]


def upgrade() -> None:
    run(TABLES)
