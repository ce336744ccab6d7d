"""More formats of bank statements: charges, continuity of an account, profiles of bank CSV files."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0010"
down_revision = "0009"

CONTROLS = [
    "ALTER TABLE payment_controls ADD COLUMN statement_format TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE payment_controls DROP CONSTRAINT ck_payment_controls_state",
    """
    ALTER TABLE payment_controls ADD CONSTRAINT ck_payment_controls_state
        CHECK (state IN ('reading', 'refused', 'duplicate', 'unbalanced', 'unchecked', 'ready'))
    """,
    "DROP INDEX uq_payment_controls_statement",
    """
    CREATE UNIQUE INDEX uq_payment_controls_statement ON payment_controls (tenant_id, statement_sha256) WHERE state IN ('unbalanced', 'unchecked', 'ready')
    """,
]

STATEMENTS = [
    """
    ALTER TABLE bank_statements
        ADD COLUMN account_index TEXT DEFAULT '' NOT NULL,
        ADD COLUMN sequence_number TEXT DEFAULT '' NOT NULL,
        ADD COLUMN continuity JSONB
    """,
    """
    CREATE INDEX ix_bank_statements_account ON bank_statements (tenant_id, account_index, ends_on)
    """,
    """
    ALTER TABLE statement_lines
        ADD COLUMN valued_on DATE,
        ADD COLUMN charges BIGINT DEFAULT '0' NOT NULL,
        ADD COLUMN documents JSONB DEFAULT '[]'::jsonb NOT NULL,
        ADD COLUMN mandate_id TEXT DEFAULT '' NOT NULL,
        ADD COLUMN return_reason TEXT DEFAULT '' NOT NULL,
        ADD COLUMN fingerprint TEXT DEFAULT '' NOT NULL
    """,
    """
    CREATE INDEX ix_statement_lines_fingerprint ON statement_lines (tenant_id, fingerprint)
    """,
]

PROFILES = [
    """
    CREATE TABLE bank_csv_profiles (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        separator TEXT NOT NULL,
        encoding TEXT DEFAULT '' NOT NULL,
        skip_rows INTEGER DEFAULT '0' NOT NULL,
        date_format TEXT NOT NULL,
        decimal_mark TEXT NOT NULL,
        currency TEXT DEFAULT '' NOT NULL,
        account_sealed TEXT DEFAULT '' NOT NULL,
        columns JSONB NOT NULL,
        changed_by UUID,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_bank_csv_profiles PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_bank_csv_profiles_tenant_id_name UNIQUE (tenant_id, name),
        CONSTRAINT ck_bank_csv_profiles_name CHECK (length(name) BETWEEN 1 AND 80),
        CONSTRAINT fk_bank_csv_profiles_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("bank_csv_profiles", rights="SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    run(CONTROLS)
    run(STATEMENTS)
    run(PROFILES)
