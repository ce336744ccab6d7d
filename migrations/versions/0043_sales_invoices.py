"""Sales invoices: drafts, series with gapless numbers, payments."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0043"
down_revision = "0042"

TABLES = [
    r"""
    CREATE TABLE invoice_series (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        digits INTEGER NOT NULL,
        types TEXT[] NOT NULL,
        active BOOLEAN DEFAULT true NOT NULL,
        made_by_name TEXT NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_invoice_series PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_invoice_series_tenant_id_prefix UNIQUE (tenant_id, prefix),
        CONSTRAINT ck_invoice_series_digits CHECK (digits BETWEEN 1 AND 10),
        CONSTRAINT ck_invoice_series_prefix CHECK (prefix ~ '^[A-Za-z0-9+_/-]*(\{year\}[A-Za-z0-9+_/-]*)?$' AND length(prefix) <= 24),
        CONSTRAINT ck_invoice_series_types CHECK (cardinality(types) > 0 AND types <@ ARRAY['380', '381', '384', '386']),
        CONSTRAINT fk_invoice_series_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE invoicing_settings (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        legal_id TEXT DEFAULT '' NOT NULL,
        establishment_id TEXT DEFAULT '' NOT NULL,
        vat_id TEXT DEFAULT '' NOT NULL,
        tax_number TEXT DEFAULT '' NOT NULL,
        legal_text TEXT DEFAULT '' NOT NULL,
        street TEXT DEFAULT '' NOT NULL,
        more_address TEXT DEFAULT '' NOT NULL,
        postcode TEXT DEFAULT '' NOT NULL,
        city TEXT DEFAULT '' NOT NULL,
        country TEXT NOT NULL,
        electronic_address TEXT DEFAULT '' NOT NULL,
        electronic_scheme TEXT DEFAULT '' NOT NULL,
        contact TEXT DEFAULT '' NOT NULL,
        phone TEXT DEFAULT '' NOT NULL,
        email TEXT DEFAULT '' NOT NULL,
        iban_sealed TEXT DEFAULT '' NOT NULL,
        bic TEXT DEFAULT '' NOT NULL,
        account_name TEXT DEFAULT '' NOT NULL,
        small_business BOOLEAN DEFAULT false NOT NULL,
        vat_on_debits BOOLEAN DEFAULT false NOT NULL,
        payment_days INTEGER DEFAULT '30' NOT NULL,
        late_payment TEXT DEFAULT '' NOT NULL,
        recovery_charge TEXT DEFAULT '' NOT NULL,
        early_payment TEXT DEFAULT '' NOT NULL,
        changed_by_name TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_invoicing_settings PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_invoicing_settings_tenant_id UNIQUE (tenant_id),
        CONSTRAINT ck_invoicing_settings_payment_days CHECK (payment_days BETWEEN 0 AND 365),
        CONSTRAINT ck_invoicing_settings_country CHECK (country ~ '^[A-Z]{2}$'),
        CONSTRAINT fk_invoicing_settings_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE invoice_counters (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        series_id UUID NOT NULL,
        year INTEGER NOT NULL,
        last_number INTEGER NOT NULL,
        last_issued_on DATE NOT NULL,
        CONSTRAINT pk_invoice_counters PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_invoice_counters_tenant_id_series_id FOREIGN KEY(tenant_id, series_id) REFERENCES invoice_series (tenant_id, id),
        CONSTRAINT uq_invoice_counters_tenant_id_series_id_year UNIQUE (tenant_id, series_id, year),
        CONSTRAINT ck_invoice_counters_last_number CHECK (last_number > 0),
        CONSTRAINT fk_invoice_counters_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE sales_invoices (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        type TEXT NOT NULL,
        series_id UUID,
        year INTEGER,
        sequence INTEGER,
        number TEXT DEFAULT '' NOT NULL,
        customer_id UUID,
        customer_name TEXT DEFAULT '' NOT NULL,
        language TEXT NOT NULL,
        currency TEXT NOT NULL,
        rate NUMERIC,
        issued_on DATE,
        due_on DATE,
        net BIGINT DEFAULT '0' NOT NULL,
        tax BIGINT DEFAULT '0' NOT NULL,
        tax_eur BIGINT,
        gross BIGINT DEFAULT '0' NOT NULL,
        prepaid BIGINT DEFAULT '0' NOT NULL,
        due BIGINT DEFAULT '0' NOT NULL,
        form TEXT NOT NULL,
        content JSONB NOT NULL,
        document JSONB,
        sha256 TEXT DEFAULT '' NOT NULL,
        preceding_id UUID,
        request_id UUID,
        source_key TEXT,
        created_by UUID,
        created_by_name TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        validated_by UUID,
        validated_by_name TEXT DEFAULT '' NOT NULL,
        validated_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_sales_invoices PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sales_invoices_tenant_id_series_id FOREIGN KEY(tenant_id, series_id) REFERENCES invoice_series (tenant_id, id),
        CONSTRAINT fk_sales_invoices_tenant_id_preceding_id FOREIGN KEY(tenant_id, preceding_id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT fk_sales_invoices_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_sales_invoices_type CHECK (type IN ('380', '381', '384', '386')),
        CONSTRAINT ck_sales_invoices_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_sales_invoices_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT ck_sales_invoices_number CHECK (number ~ '^[A-Za-z0-9+_/-]{0,35}$'),
        CONSTRAINT ck_sales_invoices_sealed CHECK (number = '' OR (document IS NOT NULL AND sha256 <> '' AND issued_on IS NOT NULL AND validated_at IS NOT NULL AND series_id IS NOT NULL AND year IS NOT NULL AND sequence IS NOT NULL)),
        CONSTRAINT uq_sales_invoices_tenant_id_source_key UNIQUE (tenant_id, source_key),
        CONSTRAINT uq_sales_invoices_tenant_id_series_id_year_sequence UNIQUE (tenant_id, series_id, year, sequence),
        CONSTRAINT fk_sales_invoices_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_sales_invoices_customer ON sales_invoices (tenant_id, customer_id, id)
    """,
    """
    CREATE INDEX ix_sales_invoices_preceding ON sales_invoices (tenant_id, preceding_id)
    """,
    """
    CREATE INDEX ix_sales_invoices_request ON sales_invoices (tenant_id, request_id)
    """,
    """
    CREATE UNIQUE INDEX uq_sales_invoices_number ON sales_invoices (tenant_id, number) WHERE number <> ''
    """,
    """
    CREATE TABLE sales_invoice_deductions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        invoice_id UUID NOT NULL,
        deposit_id UUID NOT NULL,
        amount BIGINT NOT NULL,
        CONSTRAINT pk_sales_invoice_deductions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sales_invoice_deductions_tenant_id_invoice_id FOREIGN KEY(tenant_id, invoice_id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT fk_sales_invoice_deductions_tenant_id_deposit_id FOREIGN KEY(tenant_id, deposit_id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT uq_sales_invoice_deductions_tenant_id_deposit_id UNIQUE (tenant_id, deposit_id),
        CONSTRAINT fk_sales_invoice_deductions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_sales_invoice_deductions_invoice ON sales_invoice_deductions (tenant_id, invoice_id)
    """,
    """
    CREATE TABLE sales_invoice_disputes (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        invoice_id UUID NOT NULL,
        reason TEXT NOT NULL,
        opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        opened_by UUID,
        opened_by_name TEXT NOT NULL,
        outcome TEXT DEFAULT '' NOT NULL,
        resolved_at TIMESTAMP WITH TIME ZONE,
        resolved_by UUID,
        resolved_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_sales_invoice_disputes PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sales_invoice_disputes_tenant_id_invoice_id FOREIGN KEY(tenant_id, invoice_id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT ck_sales_invoice_disputes_reason CHECK (length(reason) > 0),
        CONSTRAINT fk_sales_invoice_disputes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_sales_invoice_disputes_open ON sales_invoice_disputes (tenant_id, invoice_id) WHERE resolved_at IS NULL
    """,
    """
    CREATE TABLE sales_invoice_events (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        invoice_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        verb TEXT NOT NULL,
        by_name TEXT NOT NULL,
        facts JSONB DEFAULT '{}'::jsonb NOT NULL,
        CONSTRAINT pk_sales_invoice_events PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sales_invoice_events_tenant_id_invoice_id FOREIGN KEY(tenant_id, invoice_id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT fk_sales_invoice_events_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_sales_invoice_events_invoice ON sales_invoice_events (tenant_id, invoice_id, id)
    """,
    """
    CREATE TABLE sales_invoice_standings (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        state TEXT DEFAULT 'draft' NOT NULL,
        version INTEGER DEFAULT '1' NOT NULL,
        due_on DATE,
        paid BIGINT DEFAULT '0' NOT NULL,
        settled BIGINT DEFAULT '0' NOT NULL,
        credited BIGINT DEFAULT '0' NOT NULL,
        files TEXT DEFAULT '' NOT NULL,
        problem TEXT DEFAULT '' NOT NULL,
        job_id UUID,
        sent_at TIMESTAMP WITH TIME ZONE,
        sent_by_name TEXT DEFAULT '' NOT NULL,
        sent_to TEXT DEFAULT '' NOT NULL,
        paid_on DATE,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_sales_invoice_standings PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sales_invoice_standings_tenant_id_id FOREIGN KEY(tenant_id, id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT ck_sales_invoice_standings_state CHECK (state IN ('draft', 'validated', 'sent', 'partly_paid', 'paid', 'credited', 'disputed')),
        CONSTRAINT ck_sales_invoice_standings_files CHECK (files IN ('', 'making', 'valid', 'invalid', 'not_validated', 'failed')),
        CONSTRAINT fk_sales_invoice_standings_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_sales_invoice_standings_due ON sales_invoice_standings (tenant_id, state, due_on)
    """,
    """
    CREATE INDEX ix_sales_invoice_standings_state ON sales_invoice_standings (tenant_id, state, id)
    """,
    """
    CREATE TABLE sales_invoice_payments (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        invoice_id UUID NOT NULL,
        match_id UUID NOT NULL,
        control_id UUID NOT NULL,
        amount BIGINT NOT NULL,
        difference BIGINT DEFAULT '0' NOT NULL,
        received_on DATE NOT NULL,
        state TEXT NOT NULL,
        noted_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_sales_invoice_payments PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sales_invoice_payments_tenant_id_invoice_id FOREIGN KEY(tenant_id, invoice_id) REFERENCES sales_invoices (tenant_id, id),
        CONSTRAINT uq_sales_invoice_payments_tenant_id_match_id UNIQUE (tenant_id, match_id),
        CONSTRAINT ck_sales_invoice_payments_state CHECK (state IN ('live', 'undone')),
        CONSTRAINT fk_sales_invoice_payments_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_sales_invoice_payments_invoice ON sales_invoice_payments (tenant_id, invoice_id)
    """,
]


def _drafts_only(table: str, command: str, clause: str) -> str:
    """Restrictive: what has a number is neither changed nor deleted by anybody."""
    return (
        f"CREATE POLICY draft_{command.lower()} ON {table} AS RESTRICTIVE FOR {command}"
        f" TO coulisse_app {clause}"
    )


ACCESS = [
    *tenant_table("invoicing_settings", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("invoice_series", rights="SELECT, INSERT, UPDATE (name, active)"),
    *tenant_table(
        "invoice_counters", rights="SELECT, INSERT, UPDATE (last_number, last_issued_on)"
    ),
    *tenant_table("sales_invoices"),
    _drafts_only("sales_invoices", "UPDATE", "USING (number = '') WITH CHECK (true)"),
    _drafts_only("sales_invoices", "DELETE", "USING (number = '')"),
    *tenant_table("sales_invoice_standings"),
    _drafts_only("sales_invoice_standings", "DELETE", "USING (state = 'draft')"),
    *tenant_table("sales_invoice_deductions", rights="SELECT, INSERT"),
    *tenant_table(
        "sales_invoice_payments",
        rights="SELECT, INSERT, UPDATE (amount, difference, received_on, state, noted_at)",
    ),
    *tenant_table(
        "sales_invoice_disputes",
        rights="SELECT, INSERT, UPDATE (outcome, resolved_at, resolved_by, resolved_by_name)",
    ),
    *tenant_table("sales_invoice_events", rights="SELECT, INSERT"),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
