"""A deduction ends when its final invoice is credited in full or replaced: the deposit is free again."""

from migrations.sql import run

revision = "0052"
down_revision = "0051"

TABLES = ("sales_invoice_deductions", "sales_invoices", "sales_invoice_standings")
DEDUCTIONS = [
    "ALTER TABLE sales_invoice_deductions ADD COLUMN released_at TIMESTAMP WITH TIME ZONE",
    # The owner sees no row of a table whose row security is forced.
    *(f"ALTER TABLE {one} NO FORCE ROW LEVEL SECURITY" for one in TABLES),
    """
    UPDATE sales_invoice_deductions d SET released_at = s.changed_at
    FROM sales_invoices i
    JOIN sales_invoice_standings s ON s.tenant_id = i.tenant_id AND s.id = i.id
    WHERE i.tenant_id = d.tenant_id AND i.id = d.invoice_id AND s.credited >= i.gross
    """,
    *(f"ALTER TABLE {one} FORCE ROW LEVEL SECURITY" for one in TABLES),
    "ALTER TABLE sales_invoice_deductions DROP CONSTRAINT uq_sales_invoice_deductions_tenant_id_deposit_id",
    "CREATE UNIQUE INDEX uq_sales_invoice_deductions_live ON sales_invoice_deductions"
    " (tenant_id, deposit_id) WHERE released_at IS NULL",
    "GRANT UPDATE (released_at) ON sales_invoice_deductions TO coulisse_app",
]


def upgrade() -> None:
    run(DEDUCTIONS)
