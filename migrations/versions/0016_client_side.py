"""Drafts of forms, document requests, approvals by several, watchers, ratings."""

from migrations.sql import run
from tenants.rls import ME, tenant_table

revision = "0016"
down_revision = "0015"

DRAFTS = [
    """
    CREATE TABLE form_drafts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        item TEXT NOT NULL,
        values JSONB NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_form_drafts PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_form_drafts_tenant_id_user_id_item UNIQUE (tenant_id, user_id, item),
        CONSTRAINT fk_form_drafts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("form_drafts", also=ME),
]

APPROVALS = [
    """
    CREATE TABLE approval_delegations (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        principal_id UUID NOT NULL,
        principal_name TEXT NOT NULL,
        delegate_id UUID NOT NULL,
        delegate_name TEXT NOT NULL,
        lines TEXT[] NOT NULL,
        starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        ended_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_approval_delegations PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_approval_delegations_tenant_id_principal_id FOREIGN KEY(tenant_id, principal_id) REFERENCES members (tenant_id, user_id),
        CONSTRAINT fk_approval_delegations_tenant_id_delegate_id FOREIGN KEY(tenant_id, delegate_id) REFERENCES members (tenant_id, user_id),
        CONSTRAINT ck_approval_delegations_two_people CHECK (principal_id <> delegate_id),
        CONSTRAINT ck_approval_delegations_dates CHECK (ends_at > starts_at),
        CONSTRAINT ck_approval_delegations_lines CHECK (cardinality(lines) > 0),
        CONSTRAINT fk_approval_delegations_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_approval_delegations_delegate ON approval_delegations (tenant_id, delegate_id, ends_at)
    """,
    """
    CREATE TABLE approval_rounds (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        sha256 TEXT NOT NULL,
        needed INTEGER NOT NULL,
        asks_code BOOLEAN NOT NULL,
        amount BIGINT,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        expired_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        outcome TEXT,
        CONSTRAINT pk_approval_rounds PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_approval_rounds_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT uq_approval_rounds_tenant_id_id_request_id_sha256 UNIQUE (tenant_id, id, request_id, sha256),
        CONSTRAINT ck_approval_rounds_needed CHECK (needed BETWEEN 1 AND 2),
        CONSTRAINT ck_approval_rounds_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)),
        CONSTRAINT ck_approval_rounds_outcome CHECK (outcome IN ('approved', 'refused', 'renewed', 'replaced', 'ended')),
        CONSTRAINT fk_approval_rounds_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_approval_rounds_expiry ON approval_rounds (tenant_id, expires_at) WHERE ended_at IS NULL AND expired_at IS NULL
    """,
    """
    CREATE UNIQUE INDEX uq_approval_rounds_open ON approval_rounds (tenant_id, request_id) WHERE ended_at IS NULL
    """,
    *tenant_table("approval_rounds"),
    *tenant_table("approval_delegations"),
]

# Several approve, each for themselves or for who named them; rows from before stand for themselves.
VOICES = [
    "ALTER TABLE approvals ADD COLUMN asks_code BOOLEAN DEFAULT true NOT NULL",
    "ALTER TABLE approvals ADD COLUMN round_id UUID",
    "ALTER TABLE approvals ADD COLUMN voice_id UUID",
    "ALTER TABLE approvals ADD COLUMN voice_name TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE approvals NO FORCE ROW LEVEL SECURITY",
    "UPDATE approvals SET voice_id = approver_id",
    "ALTER TABLE approvals FORCE ROW LEVEL SECURITY",
    """
    ALTER TABLE approvals
        ALTER COLUMN voice_id SET NOT NULL,
        DROP CONSTRAINT ck_approvals_second_factor,
        ADD CONSTRAINT ck_approvals_second_factor CHECK (
            decision = 'refused' OR second_factor_at IS NOT NULL OR NOT asks_code),
        ADD CONSTRAINT ck_approvals_voice CHECK (voice_id IS DISTINCT FROM preparer_id),
        ADD CONSTRAINT fk_approvals_round FOREIGN KEY (tenant_id, round_id, request_id, sha256)
            REFERENCES approval_rounds (tenant_id, id, request_id, sha256)
    """,
    "DROP INDEX uq_approvals_approved",
    "CREATE INDEX ix_approvals_request ON approvals (tenant_id, request_id, at)",
    """
    CREATE UNIQUE INDEX uq_approvals_person ON approvals (tenant_id, round_id, approver_id)
        WHERE decision = 'approved'
    """,
    """
    CREATE UNIQUE INDEX uq_approvals_voice ON approvals (tenant_id, round_id, voice_id)
        WHERE decision = 'approved'
    """,
]

STATEMENTS: list[str] = [*DRAFTS, *APPROVALS, *VOICES]


def upgrade() -> None:
    run(STATEMENTS)
