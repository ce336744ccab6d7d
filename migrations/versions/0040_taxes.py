"""VAT of the subscription: whose invoices carry it, and what is handed on of each final invoice."""

from migrations.sql import definer, run
from tenants.rls import tenant_table

revision = "0040"
down_revision = "0039"

PROVIDER = "00000000-0000-7000-8000-000000000001"
TABLES = [
    "ALTER TABLE billing_accounts"
    " ADD COLUMN line1 TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN line2 TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN postcode TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN town TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN vat_id TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN vat_status TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN tax_exempt TEXT DEFAULT 'none' NOT NULL,"
    " ADD COLUMN tax_wanted TEXT DEFAULT 'none' NOT NULL,"
    " ADD COLUMN tax_revision INTEGER DEFAULT '0' NOT NULL,"
    " ADD COLUMN details_revision INTEGER DEFAULT '0' NOT NULL,"
    " ADD COLUMN details_told INTEGER DEFAULT '0' NOT NULL,"
    " ADD COLUMN details_at TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN card_brand TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN card_last4 TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN card_until DATE,"
    " ADD CONSTRAINT ck_billing_accounts_vat_status"
    " CHECK (vat_status IN ('', 'pending', 'verified', 'unverified', 'unavailable'))",
    "ALTER TABLE stripe_invoices"
    " ADD COLUMN tax_treatment TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN tax_rate NUMERIC,"
    " ADD COLUMN buyer_vat_id TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN buyer_country TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN credited BIGINT DEFAULT '0' NOT NULL,"
    " ADD COLUMN balance_used BIGINT DEFAULT '0' NOT NULL,"
    " ADD COLUMN payments JSONB DEFAULT '[]' NOT NULL",
    """
    CREATE TABLE invoice_records (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kind TEXT NOT NULL,
        stripe_id TEXT NOT NULL,
        number TEXT NOT NULL,
        record JSONB NOT NULL,
        sha256 TEXT NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        taken_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_invoice_records PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_invoice_records_kind CHECK (kind IN ('invoice', 'credit_note', 'void')),
        CONSTRAINT uq_invoice_records_tenant_id_stripe_id_kind UNIQUE (tenant_id, stripe_id, kind),
        CONSTRAINT fk_invoice_records_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_invoice_records_waiting ON invoice_records (tenant_id, made_at) WHERE taken_at IS NULL
    """,
]
KINDS = (
    "ledger", "usage_at_stripe", "usage_invoiced", "subscriptions", "unpriced", "rejected",
    "unbilled", "effect", "orphan", "catalogue", "parked", "invoice_record",
)  # fmt: skip
FINDINGS = [
    "ALTER TABLE reconcile_findings DROP CONSTRAINT ck_reconcile_findings_kind",
    "ALTER TABLE reconcile_findings ADD CONSTRAINT ck_reconcile_findings_kind"
    f" CHECK (kind IN ({', '.join(repr(one) for one in KINDS)}))",
]
ACCESS = [
    # What an invoice said stays as it was: only that somebody took it is noted.
    *tenant_table("invoice_records", rights="SELECT, INSERT, UPDATE (taken_at)"),
]

# Who sends a client its subscription's invoices: its country decides the rate of VAT.
SELLER = definer(
    "subscription_seller",
    "",
    "TABLE (name text, country text, legal_form text, registration_number text, vat_id text)",
    "SELECT t.name, t.country, t.legal_form, t.registration_number, t.vat_id"
    f" FROM tenants t WHERE t.id = '{PROVIDER}'",
    owner="coulisse_figures",
)


def upgrade() -> None:
    run(TABLES)
    run(FINDINGS)
    run(ACCESS)
    run(SELLER)
