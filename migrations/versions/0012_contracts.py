"""The contract of a client company: versions, targets, calendar, quotas, limits; offers and prices."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0012"
down_revision = "0011"

TABLES = [
    """
    CREATE TABLE contract_versions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        valid_from DATE NOT NULL,
        document JSONB NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        activated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        activated_by UUID,
        activated_by_name TEXT NOT NULL,
        CONSTRAINT pk_contract_versions PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_contract_versions_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT fk_contract_versions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE contract_drafts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        document JSONB NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        base_number INTEGER,
        revision INTEGER NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT NOT NULL,
        CONSTRAINT pk_contract_drafts PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_contract_drafts_tenant_id UNIQUE (tenant_id),
        CONSTRAINT fk_contract_drafts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE invoice_items (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        source_type TEXT NOT NULL,
        source_id UUID NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        description TEXT NOT NULL,
        recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
        recorded_by UUID,
        stripe_item_id TEXT,
        sent_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_invoice_items PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_invoice_items_tenant_id_source_type_source_id UNIQUE (tenant_id, source_type, source_id),
        CONSTRAINT ck_invoice_items_amount CHECK (amount > 0),
        CONSTRAINT fk_invoice_items_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE request_offers (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        number INTEGER NOT NULL,
        price BIGINT NOT NULL,
        currency TEXT NOT NULL,
        body TEXT NOT NULL,
        valid_until DATE NOT NULL,
        start_on DATE,
        needed INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        state TEXT DEFAULT 'open' NOT NULL,
        offered_by UUID,
        offered_by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        ended_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_request_offers PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_request_offers_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_request_offers_state CHECK (state IN ('open', 'accepted', 'declined', 'superseded', 'withdrawn')),
        CONSTRAINT ck_request_offers_price CHECK (price > 0 AND price <= 99999999),
        CONSTRAINT ck_request_offers_needed CHECK (needed IN (1, 2)),
        CONSTRAINT ck_request_offers_ended CHECK ((state = 'open') = (ended_at IS NULL)),
        CONSTRAINT uq_request_offers_tenant_id_request_id_number UNIQUE (tenant_id, request_id, number),
        CONSTRAINT fk_request_offers_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_request_offers_accepted ON request_offers (tenant_id, ended_at, id) WHERE state = 'accepted'
    """,
    """
    CREATE UNIQUE INDEX uq_request_offers_live ON request_offers (tenant_id, request_id) WHERE state IN ('open', 'accepted')
    """,
    """
    CREATE TABLE offer_decisions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        offer_id UUID NOT NULL,
        decision TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        sha256 TEXT NOT NULL,
        approver_id UUID NOT NULL,
        approver_name TEXT NOT NULL,
        second_factor_at TIMESTAMP WITH TIME ZONE,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_offer_decisions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_offer_decisions_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_offer_decisions_tenant_id_offer_id FOREIGN KEY(tenant_id, offer_id) REFERENCES request_offers (tenant_id, id),
        CONSTRAINT ck_offer_decisions_decision CHECK (decision IN ('accepted', 'declined')),
        CONSTRAINT ck_offer_decisions_reason CHECK (decision = 'accepted' OR length(reason) > 0),
        CONSTRAINT ck_offer_decisions_second_factor CHECK (decision = 'declined' OR second_factor_at IS NOT NULL),
        CONSTRAINT uq_offer_decisions_tenant_id_offer_id_approver_id UNIQUE (tenant_id, offer_id, approver_id),
        CONSTRAINT fk_offer_decisions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
]

INDEXES = [
    "CREATE INDEX ix_requests_item ON requests (tenant_id, item, raised_at)",
    "CREATE INDEX ix_invoice_items_at ON invoice_items (tenant_id, recorded_at, id)",
    # Which of our items an invoice's line is.
    "ALTER TABLE stripe_invoice_lines ADD COLUMN stripe_item_id TEXT DEFAULT '' NOT NULL",
]

ACCESS = [
    # What was agreed stays as it is: no right to change or delete.
    *tenant_table("contract_versions", rights="SELECT, INSERT", content=False, desk=True),
    *tenant_table("contract_drafts", content=False),
    *tenant_table("request_offers", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("offer_decisions", rights="SELECT, INSERT"),
    *tenant_table("invoice_items", rights="SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    run(TABLES)
    run(INDEXES)
    run(ACCESS)
