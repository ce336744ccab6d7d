"""Differences that settle an item, matches decided together, rules learned from confirmed work."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0009"
down_revision = "0008"

TABLES = [
    """
    CREATE TABLE payment_rules (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kind TEXT NOT NULL,
        state TEXT DEFAULT 'active' NOT NULL,
        evidence TEXT NOT NULL,
        account_sealed TEXT DEFAULT '' NOT NULL,
        shown TEXT NOT NULL,
        customer TEXT DEFAULT '' NOT NULL,
        customer_key TEXT DEFAULT '' NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        confirmed INTEGER DEFAULT '0' NOT NULL,
        undone INTEGER DEFAULT '0' NOT NULL,
        learned_by UUID,
        learned_by_name TEXT DEFAULT '' NOT NULL,
        learned_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT DEFAULT '' NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_payment_rules PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_payment_rules_kind CHECK (kind IN ('payer_account', 'payer_name', 'leave_open')),
        CONSTRAINT ck_payment_rules_state CHECK (state IN ('active', 'off', 'retired')),
        CONSTRAINT uq_payment_rules_tenant_id_kind_evidence_customer_key UNIQUE (tenant_id, kind, evidence, customer_key),
        CONSTRAINT fk_payment_rules_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE payment_rule_sources (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        rule_id UUID NOT NULL,
        request_id UUID NOT NULL,
        confirmed INTEGER DEFAULT '0' NOT NULL,
        undone INTEGER DEFAULT '0' NOT NULL,
        by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_payment_rule_sources PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_payment_rule_sources_tenant_id_rule_id FOREIGN KEY(tenant_id, rule_id) REFERENCES payment_rules (tenant_id, id),
        CONSTRAINT fk_payment_rule_sources_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT uq_payment_rule_sources_tenant_id_rule_id_request_id UNIQUE (tenant_id, rule_id, request_id),
        CONSTRAINT fk_payment_rule_sources_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE payment_tolerances (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        currency TEXT NOT NULL,
        absolute BIGINT NOT NULL,
        basis_points INTEGER NOT NULL,
        changed_by UUID,
        changed_by_name TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_payment_tolerances PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_payment_tolerances_tenant_id_currency UNIQUE (tenant_id, currency),
        CONSTRAINT ck_payment_tolerances_absolute CHECK (absolute >= 0),
        CONSTRAINT ck_payment_tolerances_basis_points CHECK (basis_points BETWEEN 0 AND 200),
        CONSTRAINT fk_payment_tolerances_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
]

COLUMNS = [
    "ALTER TABLE statement_lines ADD COLUMN bank_reference TEXT DEFAULT '' NOT NULL",
    """
    ALTER TABLE matches
        ADD COLUMN difference BIGINT DEFAULT '0' NOT NULL,
        ADD COLUMN difference_kind TEXT DEFAULT '' NOT NULL,
        ADD COLUMN group_id UUID,
        ADD COLUMN learned_rule_id UUID
    """,
    """
    ALTER TABLE matches
        ADD CONSTRAINT fk_matches_tenant_id_learned_rule_id FOREIGN KEY(tenant_id, learned_rule_id) REFERENCES payment_rules (tenant_id, id),
        ADD CONSTRAINT ck_matches_difference_kind CHECK (difference_kind IN ('small_difference', 'bank_charge', 'cash_discount', '')),
        ADD CONSTRAINT ck_matches_difference CHECK ((difference = 0) = (difference_kind = '')),
        DROP CONSTRAINT ck_matches_rule,
        ADD CONSTRAINT ck_matches_rule CHECK (rule IN ('reference_amount', 'reference_part', 'reference_difference', 'amount_iban', 'amount_name', 'amount_learned', 'sum_iban', 'sum_name', 'sum_learned', 'difference_iban', 'difference_name', 'difference_learned', 'instalments', 'by_hand'))
    """,
]

ACCESS = [
    *tenant_table("payment_rules", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("payment_rule_sources", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("payment_tolerances", rights="SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    run(TABLES)
    run(COLUMNS)
    run(ACCESS)
