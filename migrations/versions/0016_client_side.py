"""Drafts of forms, document requests, approvals by several, watchers, ratings."""

from migrations.sql import run
from tenants.rls import ME, PROVIDER, tenant_table

revision = "0016"
down_revision = "0015"

CLIENT = "current_setting('app.side', true) = 'client'"

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

DOCUMENTS = [
    """
    CREATE TABLE document_lines (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        list_id UUID NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        why TEXT DEFAULT '' NOT NULL,
        format TEXT DEFAULT 'any' NOT NULL,
        due_on DATE,
        state TEXT DEFAULT 'open' NOT NULL,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        asked_by_name TEXT NOT NULL,
        file_id UUID,
        words TEXT DEFAULT '' NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        answered_by_name TEXT DEFAULT '' NOT NULL,
        returned_words TEXT DEFAULT '' NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE,
        decided_by_name TEXT DEFAULT '' NOT NULL,
        moved_to INTEGER,
        CONSTRAINT pk_document_lines PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_document_lines_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_document_lines_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT fk_document_lines_tenant_id_moved_to FOREIGN KEY(tenant_id, moved_to) REFERENCES requests (tenant_id, number),
        CONSTRAINT ck_document_lines_moved CHECK (moved_to IS NULL OR state = 'withdrawn'),
        CONSTRAINT ck_document_lines_state CHECK (state IN ('open', 'given', 'unavailable', 'accepted', 'withdrawn')),
        CONSTRAINT ck_document_lines_format CHECK (format IN ('any', 'pdf', 'table', 'image')),
        CONSTRAINT ck_document_lines_given CHECK (state <> 'given' OR file_id IS NOT NULL),
        CONSTRAINT ck_document_lines_unavailable CHECK (state <> 'unavailable' OR length(words) > 0),
        CONSTRAINT fk_document_lines_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_document_lines_open ON document_lines (tenant_id, list_id) WHERE state = 'open'
    """,
    """
    CREATE INDEX ix_document_lines_request ON document_lines (tenant_id, request_id, asked_at, position)
    """,
    *tenant_table("document_lines"),
]

# What is asked in another request now stays readable where it was asked first.
MOVED = [
    """
    ALTER TABLE questions
        ADD COLUMN moved_to INTEGER,
        ADD CONSTRAINT fk_questions_tenant_id_moved_to FOREIGN KEY (tenant_id, moved_to)
            REFERENCES requests (tenant_id, number),
        ADD CONSTRAINT ck_questions_moved CHECK (moved_to IS NULL OR withdrawn_at IS NOT NULL)
    """,
]

REMINDERS = [
    """
    CREATE TABLE reminders (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        kind TEXT NOT NULL,
        about_id UUID NOT NULL,
        step INTEGER NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_reminders PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_reminders_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_reminders_kind CHECK (kind IN ('question', 'documents')),
        CONSTRAINT uq_reminders_tenant_id_about_id_step UNIQUE (tenant_id, about_id, step),
        CONSTRAINT fk_reminders_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_reminders_request ON reminders (tenant_id, request_id, at)
    """,
    *tenant_table("reminders"),
]

SUPERVISION = [
    """
    CREATE TABLE supervisor_tasks (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        kind TEXT NOT NULL,
        about_id UUID NOT NULL,
        line TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        due_at TIMESTAMP WITH TIME ZONE NOT NULL,
        done_at TIMESTAMP WITH TIME ZONE,
        done_by UUID,
        done_by_name TEXT DEFAULT '' NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_supervisor_tasks PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_supervisor_tasks_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_supervisor_tasks_kind CHECK (kind IN ('chased', 'rating')),
        CONSTRAINT ck_supervisor_tasks_note CHECK (done_at IS NULL OR length(note) > 0),
        CONSTRAINT uq_supervisor_tasks_tenant_id_kind_about_id UNIQUE (tenant_id, kind, about_id),
        CONSTRAINT fk_supervisor_tasks_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_supervisor_tasks_open ON supervisor_tasks (tenant_id, due_at) WHERE done_at IS NULL
    """,
    """
    CREATE INDEX ix_supervisor_tasks_request ON supervisor_tasks (tenant_id, request_id)
    """,
    *tenant_table("supervisor_tasks", also=PROVIDER, desk=True),
]

WATCHERS = [
    """
    CREATE TABLE request_watchers (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        name TEXT NOT NULL,
        side TEXT NOT NULL,
        added_by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        left_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_request_watchers PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_request_watchers_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_request_watchers_side CHECK (side IN ('client', 'provider')),
        CONSTRAINT uq_request_watchers_tenant_id_request_id_user_id UNIQUE (tenant_id, request_id, user_id),
        CONSTRAINT fk_request_watchers_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("request_watchers"),
]

RATINGS = [
    """
    CREATE TABLE rating_invitations (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_rating_invitations PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_rating_invitations_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT uq_rating_invitations_tenant_id_request_id_user_id UNIQUE (tenant_id, request_id, user_id),
        CONSTRAINT fk_rating_invitations_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_rating_invitations_user ON rating_invitations (tenant_id, user_id, at)
    """,
    """
    CREATE TABLE ratings (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        user_name TEXT NOT NULL,
        score INTEGER NOT NULL,
        speed INTEGER,
        quality INTEGER,
        comment TEXT DEFAULT '' NOT NULL,
        rated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_ratings PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_ratings_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_ratings_score CHECK (score BETWEEN 1 AND 5),
        CONSTRAINT ck_ratings_speed CHECK (speed BETWEEN 1 AND 5),
        CONSTRAINT ck_ratings_quality CHECK (quality BETWEEN 1 AND 5),
        CONSTRAINT uq_ratings_tenant_id_request_id_user_id UNIQUE (tenant_id, request_id, user_id),
        CONSTRAINT fk_ratings_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("rating_invitations"),
    *tenant_table("ratings", rights="SELECT, INSERT, UPDATE"),
]

# The client's own word: the provider's side reads it and changes nothing.
OWN_WORD = [
    f"CREATE POLICY own_word_{command.lower()} ON ratings AS RESTRICTIVE FOR {command} TO coulisse_app {clause}"
    for command, clause in (
        ("INSERT", f"WITH CHECK ({CLIENT})"),
        ("UPDATE", f"USING ({CLIENT}) WITH CHECK ({CLIENT})"),
    )
]

STATEMENTS: list[str] = [
    *DRAFTS,
    *APPROVALS,
    *VOICES,
    *DOCUMENTS,
    *MOVED,
    *REMINDERS,
    *SUPERVISION,
    *WATCHERS,
    *RATINGS,
    *OWN_WORD,
]


def upgrade() -> None:
    run(STATEMENTS)
