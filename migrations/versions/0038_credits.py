"""Contested usage and credits."""

from migrations.sql import definer, run
from tenants.rls import policy, tenant_table

revision = "0038"
down_revision = "0037"

PROVIDER = "00000000-0000-7000-8000-000000000001"
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"
ADMINISTERS = f"""(nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid
    AND current_setting('app.side', true) = 'provider' AND EXISTS (
        SELECT FROM staff me
        WHERE me.user_id = {MINE} AND me.active AND me.role = 'provider_admin'))"""

TABLES = [
    """
    CREATE TABLE credit_balances (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        currency TEXT NOT NULL,
        on_account BIGINT NOT NULL,
        for_usage BIGINT NOT NULL,
        sync_version INTEGER NOT NULL,
        CONSTRAINT pk_credit_balances PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_credit_balances_tenant_id UNIQUE (tenant_id),
        CONSTRAINT fk_credit_balances_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE credit_notes (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        stripe_note_id TEXT NOT NULL,
        stripe_invoice_id TEXT NOT NULL,
        credit_id UUID,
        number TEXT NOT NULL,
        status TEXT NOT NULL,
        memo TEXT DEFAULT '' NOT NULL,
        currency TEXT NOT NULL,
        subtotal BIGINT NOT NULL,
        total BIGINT NOT NULL,
        to_balance BIGINT NOT NULL,
        lines JSONB NOT NULL,
        pdf_url TEXT,
        issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
        sync_version INTEGER NOT NULL,
        CONSTRAINT pk_credit_notes PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_credit_notes_tenant_id_stripe_note_id UNIQUE (tenant_id, stripe_note_id),
        CONSTRAINT fk_credit_notes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_credit_notes_invoice ON credit_notes (tenant_id, stripe_invoice_id)
    """,
    """
    CREATE TABLE credits (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kind TEXT NOT NULL,
        line TEXT DEFAULT '' NOT NULL,
        month DATE,
        meter_key TEXT DEFAULT '' NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        method TEXT NOT NULL,
        source TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        state TEXT NOT NULL,
        waits TEXT DEFAULT '' NOT NULL,
        target_invoice_id TEXT,
        lines JSONB DEFAULT '[]' NOT NULL,
        attempt INTEGER DEFAULT '0' NOT NULL,
        error TEXT DEFAULT '' NOT NULL,
        asked_by UUID,
        asked_by_name TEXT NOT NULL,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        approved_by UUID,
        approved_by_name TEXT DEFAULT '' NOT NULL,
        approved_at TIMESTAMP WITH TIME ZONE,
        refused_by_name TEXT DEFAULT '' NOT NULL,
        stripe_id TEXT,
        number TEXT DEFAULT '' NOT NULL,
        total BIGINT,
        issued_at TIMESTAMP WITH TIME ZONE,
        expires_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_credits PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_credits_kind CHECK (kind IN ('sla', 'goodwill', 'correction')),
        CONSTRAINT ck_credits_method CHECK (method IN ('credit_note', 'credit_grant')),
        CONSTRAINT ck_credits_state CHECK (state IN ('draft', 'approved', 'issuing', 'issued', 'void', 'refused')),
        CONSTRAINT ck_credits_waits CHECK (waits IN ('', 'no_customer', 'no_invoice', 'draft', 'gone', 'over', 'refused')),
        CONSTRAINT ck_credits_amount CHECK (amount > 0),
        CONSTRAINT ck_credits_month CHECK (extract(day FROM month) = 1),
        CONSTRAINT ck_credits_sla CHECK (kind <> 'sla' OR (month IS NOT NULL AND line <> '')),
        CONSTRAINT ck_credits_reason CHECK (kind <> 'goodwill' OR length(reason) > 0),
        CONSTRAINT ck_credits_four_eyes CHECK (state NOT IN ('approved', 'issuing', 'issued') OR (amount <= 10000 AND kind <> 'goodwill') OR (approved_by IS NOT NULL AND approved_by IS DISTINCT FROM asked_by)),
        CONSTRAINT ck_credits_issued CHECK ((state = 'issued') = (stripe_id IS NOT NULL)),
        CONSTRAINT uq_credits_tenant_id_source UNIQUE (tenant_id, source),
        CONSTRAINT fk_credits_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_credits_at ON credits (tenant_id, asked_at, id)
    """,
    """
    CREATE UNIQUE INDEX uq_credits_sla ON credits (tenant_id, line, month, kind) WHERE kind = 'sla'
    """,
    """
    CREATE TABLE usage_contests (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        meter_key TEXT NOT NULL,
        source_type TEXT NOT NULL,
        source_id UUID NOT NULL,
        request_number INTEGER,
        occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
        hour TIMESTAMP WITH TIME ZONE NOT NULL,
        quantity BIGINT NOT NULL,
        unit_amount NUMERIC NOT NULL,
        currency TEXT NOT NULL,
        invoice_number TEXT DEFAULT '' NOT NULL,
        accepted BIGINT,
        reason TEXT NOT NULL,
        evidence JSONB NOT NULL,
        raised_by UUID,
        raised_by_name TEXT NOT NULL,
        raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
        state TEXT DEFAULT 'open' NOT NULL,
        verdict TEXT,
        remains BIGINT,
        answer TEXT DEFAULT '' NOT NULL,
        decided_by UUID,
        decided_by_name TEXT DEFAULT '' NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE,
        confirmed_by UUID,
        confirmed_by_name TEXT DEFAULT '' NOT NULL,
        confirmed_at TIMESTAMP WITH TIME ZONE,
        outcome TEXT DEFAULT '' NOT NULL,
        credited BIGINT DEFAULT '0' NOT NULL,
        stripe_invoice_id TEXT DEFAULT '' NOT NULL,
        settled_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_usage_contests PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_usage_contests_meter_key CHECK (meter_key IN ('statement_lines', 'operator_minutes', 'payslips', 'invoices_issued', 'orders_handled', 'deliveries')),
        CONSTRAINT ck_usage_contests_state CHECK (state IN ('open', 'proposed', 'decided')),
        CONSTRAINT ck_usage_contests_verdict CHECK (verdict IN ('upheld', 'adjusted', 'answered')),
        CONSTRAINT ck_usage_contests_outcome CHECK (outcome IN ('', 'reversed', 'credited', 'nothing')),
        CONSTRAINT ck_usage_contests_quantity CHECK (quantity > 0),
        CONSTRAINT ck_usage_contests_reason CHECK (length(reason) > 0),
        CONSTRAINT ck_usage_contests_accepted CHECK (accepted >= 0 AND accepted < quantity),
        CONSTRAINT ck_usage_contests_remains CHECK (remains >= 0 AND remains <= quantity),
        CONSTRAINT ck_usage_contests_answered CHECK ((state = 'open') = (verdict IS NULL) AND (verdict IS NULL) = (remains IS NULL) AND (verdict IS NULL OR length(answer) > 0)),
        CONSTRAINT ck_usage_contests_four_eyes CHECK (state <> 'decided' OR (quantity - remains) * unit_amount <= 10000 OR coalesce(confirmed_by <> decided_by, false)),
        CONSTRAINT uq_usage_contests_tenant_id_meter_key_source_type_source_id UNIQUE (tenant_id, meter_key, source_type, source_id),
        CONSTRAINT fk_usage_contests_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_usage_contests_at ON usage_contests (tenant_id, raised_at, id)
    """,
]
ACCESS = [
    *tenant_table("usage_contests", rights="SELECT, INSERT, UPDATE", content=False),
    *tenant_table("credits", rights="SELECT, INSERT, UPDATE", content=False),
    *tenant_table("credit_notes", rights="SELECT, INSERT, UPDATE", content=False),
    *tenant_table("credit_balances", rights="SELECT, INSERT, UPDATE", content=False),
    # The provider's own invoices to a client: a credit on one of them is prepared in sight of it.
    "DROP POLICY IF EXISTS not_administration ON stripe_invoices",
    "DROP POLICY IF EXISTS not_administration ON stripe_invoice_lines",
    *(
        policy(table, "credit_figures", "coulisse_figures", "true", "SELECT")
        for table in ("credits", "usage_contests")
    ),
    "GRANT SELECT (tenant_id, id, kind, line, month, amount, currency, method, state, waits,"
    " asked_at, number) ON credits TO coulisse_figures",
    "GRANT SELECT (tenant_id, id, meter_key, request_number, quantity, remains, unit_amount,"
    " currency, invoice_number, state, verdict, raised_at) ON usage_contests TO coulisse_figures",
]
FUNCTIONS = [
    *definer(
        "listed_credits",
        "p_state text, p_company text",
        "TABLE (slug text, company text, code text, id uuid, kind text, line text, month date,"
        " amount bigint, currency text, method text, state text, waits text,"
        " asked_at timestamptz, number text)",
        f"""
        SELECT t.slug, t.name, t.code, c.id, c.kind, c.line, c.month, c.amount, c.currency,
            c.method, c.state, c.waits, c.asked_at, c.number
        FROM credits c JOIN tenants t ON t.id = c.tenant_id
        WHERE (p_state = '' OR c.state = p_state) AND (p_company = '' OR t.slug = p_company)
        AND {ADMINISTERS}
        ORDER BY c.asked_at DESC, c.id DESC LIMIT 200
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "listed_contests",
        "p_state text, p_company text",
        "TABLE (slug text, company text, code text, id uuid, meter_key text,"
        " request_number integer, quantity bigint, remains bigint, unit_amount numeric,"
        " currency text, invoice_number text, state text, verdict text, raised_at timestamptz)",
        f"""
        SELECT t.slug, t.name, t.code, c.id, c.meter_key, c.request_number, c.quantity, c.remains,
            c.unit_amount, c.currency, c.invoice_number, c.state, c.verdict, c.raised_at
        FROM usage_contests c JOIN tenants t ON t.id = c.tenant_id
        WHERE (p_state = '' OR c.state = p_state) AND (p_company = '' OR t.slug = p_company)
        AND {ADMINISTERS}
        ORDER BY c.raised_at DESC, c.id DESC LIMIT 200
        """,
        owner="coulisse_figures",
    ),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(FUNCTIONS)
