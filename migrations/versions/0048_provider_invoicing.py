"""What the provider's own invoices say of it, and sending an invoice that can be taken back."""

from migrations.sql import definer, run
from tenants.rls import policy

revision = "0048"
down_revision = "0047"

PROVIDER = "00000000-0000-7000-8000-000000000001"
TABLES = [
    "ALTER TABLE sales_invoice_standings"
    " ADD COLUMN leaves_at TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN leaves_to TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN leaves_by_name TEXT DEFAULT '' NOT NULL",
]
# A client's subscription invoice is written in the client's scope: it may read this one row.
ACCESS = [
    "GRANT SELECT ON invoicing_settings TO coulisse_lookup",
    policy(
        "invoicing_settings", "provider_row", "coulisse_lookup", f"tenant_id = '{PROVIDER}'",
        "SELECT",
    ),
]  # fmt: skip
INVOICER = definer(
    "subscription_invoicer",
    "",
    "TABLE (settings jsonb)",
    f"SELECT to_jsonb(s) FROM invoicing_settings s WHERE s.tenant_id = '{PROVIDER}'",
    owner="coulisse_lookup",
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(INVOICER)
