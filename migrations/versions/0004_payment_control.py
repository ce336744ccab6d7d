"""Payment control: statements, open items, matches, rejects."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0004"
down_revision = "0003"

TABLES = [
    """
    CREATE TABLE payment_controls (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        state TEXT DEFAULT 'reading' NOT NULL,
        job_id UUID,
        report_job_id UUID,
        open_items_file_id UUID,
        statement_file_id UUID,
        open_items_sha256 TEXT DEFAULT '' NOT NULL,
        statement_sha256 TEXT DEFAULT '' NOT NULL,
        problem JSONB,
        duplicate_of INTEGER,
        items_in INTEGER DEFAULT '0' NOT NULL,
        items_rejected INTEGER DEFAULT '0' NOT NULL,
        lines_in INTEGER DEFAULT '0' NOT NULL,
        lines_rejected INTEGER DEFAULT '0' NOT NULL,
        accepted_by UUID,
        accepted_by_name TEXT DEFAULT '' NOT NULL,
        accepted_reason TEXT DEFAULT '' NOT NULL,
        accepted_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_payment_controls PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_payment_controls_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT uq_payment_controls_tenant_id_request_id UNIQUE (tenant_id, request_id),
        CONSTRAINT ck_payment_controls_state CHECK (state IN ('reading', 'refused', 'duplicate', 'unbalanced', 'ready')),
        CONSTRAINT ck_payment_controls_accepted_reason CHECK (accepted_at IS NULL OR length(accepted_reason) > 0),
        CONSTRAINT fk_payment_controls_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_payment_controls_statement ON payment_controls (tenant_id, statement_sha256) WHERE state IN ('unbalanced', 'ready')
    """,
    """
    CREATE TABLE bank_statements (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        control_id UUID NOT NULL,
        position INTEGER NOT NULL,
        statement_id TEXT NOT NULL,
        account_sealed TEXT NOT NULL,
        currency TEXT NOT NULL,
        starts_on DATE,
        ends_on DATE,
        opening BIGINT,
        closing BIGINT,
        movements BIGINT NOT NULL,
        difference BIGINT,
        problem JSONB,
        CONSTRAINT pk_bank_statements PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_bank_statements_tenant_id_control_id FOREIGN KEY(tenant_id, control_id) REFERENCES payment_controls (tenant_id, id),
        CONSTRAINT uq_bank_statements_tenant_id_control_id_position UNIQUE (tenant_id, control_id, position),
        CONSTRAINT fk_bank_statements_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE import_rejects (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        control_id UUID NOT NULL,
        source TEXT NOT NULL,
        line INTEGER NOT NULL,
        column_name TEXT DEFAULT '' NOT NULL,
        raw TEXT NOT NULL,
        reason JSONB NOT NULL,
        CONSTRAINT pk_import_rejects PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_import_rejects_tenant_id_control_id FOREIGN KEY(tenant_id, control_id) REFERENCES payment_controls (tenant_id, id),
        CONSTRAINT ck_import_rejects_source CHECK (source IN ('open_items', 'statement')),
        CONSTRAINT fk_import_rejects_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_import_rejects_line ON import_rejects (tenant_id, control_id, source, line)
    """,
    """
    CREATE TABLE open_items (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        control_id UUID NOT NULL,
        line INTEGER NOT NULL,
        number TEXT NOT NULL,
        customer TEXT NOT NULL,
        iban_sealed TEXT DEFAULT '' NOT NULL,
        iban_index TEXT DEFAULT '' NOT NULL,
        issued_on DATE NOT NULL,
        due_on DATE NOT NULL,
        currency TEXT NOT NULL,
        amount BIGINT NOT NULL,
        open_amount BIGINT NOT NULL,
        CONSTRAINT pk_open_items PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_open_items_tenant_id_control_id FOREIGN KEY(tenant_id, control_id) REFERENCES payment_controls (tenant_id, id),
        CONSTRAINT uq_open_items_tenant_id_control_id_line UNIQUE (tenant_id, control_id, line),
        CONSTRAINT fk_open_items_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE statement_lines (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        control_id UUID NOT NULL,
        statement INTEGER NOT NULL,
        position INTEGER NOT NULL,
        booked_on DATE NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        name TEXT NOT NULL,
        iban_sealed TEXT DEFAULT '' NOT NULL,
        iban_index TEXT DEFAULT '' NOT NULL,
        remittance TEXT NOT NULL,
        reference_texts JSONB NOT NULL,
        reversal BOOLEAN NOT NULL,
        candidates JSONB,
        left_open_by TEXT DEFAULT '' NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_statement_lines PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_statement_lines_tenant_id_control_id FOREIGN KEY(tenant_id, control_id) REFERENCES payment_controls (tenant_id, id),
        CONSTRAINT uq_statement_lines_tenant_id_control_id_statement_position UNIQUE (tenant_id, control_id, statement, position),
        CONSTRAINT fk_statement_lines_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE matches (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        control_id UUID NOT NULL,
        line_id UUID NOT NULL,
        item_id UUID NOT NULL,
        amount BIGINT NOT NULL,
        rule TEXT NOT NULL,
        confidence INTEGER,
        explanation JSONB,
        state TEXT DEFAULT 'proposed' NOT NULL,
        decided_by UUID,
        decided_by_name TEXT DEFAULT '' NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE,
        note TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_matches PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_matches_tenant_id_control_id FOREIGN KEY(tenant_id, control_id) REFERENCES payment_controls (tenant_id, id),
        CONSTRAINT fk_matches_tenant_id_line_id FOREIGN KEY(tenant_id, line_id) REFERENCES statement_lines (tenant_id, id),
        CONSTRAINT fk_matches_tenant_id_item_id FOREIGN KEY(tenant_id, item_id) REFERENCES open_items (tenant_id, id),
        CONSTRAINT ck_matches_state CHECK (state IN ('proposed', 'confirmed', 'undone')),
        CONSTRAINT ck_matches_rule CHECK (rule IN ('reference_amount', 'reference_part', 'amount_iban', 'amount_name', 'by_hand')),
        CONSTRAINT ck_matches_amount CHECK (amount <> 0),
        CONSTRAINT ck_matches_confidence CHECK (confidence BETWEEN 0 AND 100),
        CONSTRAINT fk_matches_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_matches_control ON matches (tenant_id, control_id, state)
    """,
    """
    CREATE UNIQUE INDEX uq_matches_live ON matches (tenant_id, line_id, item_id) WHERE state <> 'undone'
    """,
]

ACCESS = [
    *tenant_table("payment_controls", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("bank_statements", rights="SELECT, INSERT, DELETE"),
    *tenant_table("statement_lines"),
    *tenant_table("open_items", rights="SELECT, INSERT, DELETE"),
    *tenant_table("matches"),
    *tenant_table("import_rejects", rights="SELECT, INSERT, DELETE"),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
