"""Service requests: conversation, questions, deliverables, reviews, approvals, time."""

from migrations.sql import run
from tenants.rls import PROVIDER, tenant_table

revision = "0002"
down_revision = "0001"

TABLES = [
    """
    CREATE TABLE requests (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        item TEXT NOT NULL,
        line TEXT NOT NULL,
        title TEXT NOT NULL,
        form JSONB NOT NULL,
        priority TEXT DEFAULT 'normal' NOT NULL,
        state TEXT NOT NULL,
        version INTEGER NOT NULL,
        raised_by UUID,
        raised_by_name TEXT NOT NULL,
        raised_side TEXT NOT NULL,
        assignee_id UUID,
        assignee_name TEXT DEFAULT '' NOT NULL,
        preparer_id UUID,
        due_at TIMESTAMP WITH TIME ZONE NOT NULL,
        raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
        state_since TIMESTAMP WITH TIME ZONE NOT NULL,
        delivered_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_requests PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_requests_state CHECK (state IN ('new', 'assigned', 'in_progress', 'waiting_client', 'in_review', 'awaiting_approval', 'delivered', 'closed', 'cancelled')),
        CONSTRAINT ck_requests_priority CHECK (priority IN ('urgent', 'high', 'normal', 'low')),
        CONSTRAINT ck_requests_raised_side CHECK (raised_side IN ('client', 'provider', 'system')),
        CONSTRAINT uq_requests_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT fk_requests_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_requests_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE INDEX ix_requests_queue ON requests (tenant_id, due_at, id) WHERE state NOT IN ('closed', 'cancelled')
    """,
    """
    CREATE INDEX ix_requests_state ON requests (tenant_id, state, due_at, id)
    """,
    """
    CREATE TABLE approvals (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        decision TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        sha256 TEXT NOT NULL,
        preparer_id UUID,
        approver_id UUID NOT NULL,
        approver_name TEXT NOT NULL,
        second_factor_at TIMESTAMP WITH TIME ZONE,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_approvals PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_approvals_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_approvals_decision CHECK (decision IN ('approved', 'refused')),
        CONSTRAINT ck_approvals_four_eyes CHECK (approver_id IS DISTINCT FROM preparer_id),
        CONSTRAINT ck_approvals_reason CHECK (decision = 'approved' OR length(reason) > 0),
        CONSTRAINT ck_approvals_second_factor CHECK (decision = 'refused' OR second_factor_at IS NOT NULL),
        CONSTRAINT fk_approvals_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_approvals_approved ON approvals (tenant_id, request_id, sha256) WHERE decision = 'approved'
    """,
    """
    CREATE TABLE client_messages (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        author_id UUID,
        author_name TEXT NOT NULL,
        author_side TEXT NOT NULL,
        body TEXT NOT NULL,
        CONSTRAINT pk_client_messages PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_client_messages_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_client_messages_author_side CHECK (author_side IN ('client', 'provider', 'system')),
        CONSTRAINT fk_client_messages_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_client_messages_at ON client_messages (tenant_id, request_id, at)
    """,
    """
    CREATE TABLE deliverables (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        file_id UUID NOT NULL,
        kind TEXT NOT NULL,
        version INTEGER NOT NULL,
        title TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        measures JSONB NOT NULL,
        slip JSONB NOT NULL,
        added_by UUID,
        added_by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        superseded_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_deliverables PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_deliverables_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_deliverables_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT uq_deliverables_tenant_id_request_id_kind_version UNIQUE (tenant_id, request_id, kind, version),
        CONSTRAINT fk_deliverables_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_deliverables_current ON deliverables (tenant_id, request_id, kind) WHERE superseded_at IS NULL
    """,
    """
    CREATE TABLE internal_notes (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        author_id UUID,
        author_name TEXT NOT NULL,
        body TEXT NOT NULL,
        CONSTRAINT pk_internal_notes PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_internal_notes_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_internal_notes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_internal_notes_at ON internal_notes (tenant_id, request_id, at)
    """,
    """
    CREATE TABLE questions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        asked_by UUID,
        asked_by_name TEXT NOT NULL,
        body TEXT NOT NULL,
        answer TEXT DEFAULT '' NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        answered_by_name TEXT DEFAULT '' NOT NULL,
        withdrawn_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_questions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_questions_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_questions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_questions_request ON questions (tenant_id, request_id, asked_at)
    """,
    """
    CREATE TABLE request_moves (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        verb TEXT NOT NULL,
        source TEXT,
        target TEXT NOT NULL,
        actor_id UUID,
        actor_name TEXT NOT NULL,
        actor_side TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_request_moves PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_request_moves_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_request_moves_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_request_moves_at ON request_moves (tenant_id, request_id, at)
    """,
    """
    CREATE TABLE reviews (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        preparer_id UUID,
        reviewer_id UUID NOT NULL,
        reviewer_name TEXT NOT NULL,
        outcome TEXT NOT NULL,
        findings TEXT DEFAULT '' NOT NULL,
        sha256 TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_reviews PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_reviews_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_reviews_outcome CHECK (outcome IN ('passed', 'returned')),
        CONSTRAINT ck_reviews_four_eyes CHECK (reviewer_id IS DISTINCT FROM preparer_id),
        CONSTRAINT ck_reviews_findings CHECK (outcome = 'passed' OR length(findings) > 0),
        CONSTRAINT fk_reviews_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE time_entries (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        user_id UUID NOT NULL,
        user_name TEXT NOT NULL,
        worked_on DATE NOT NULL,
        minutes INTEGER NOT NULL,
        activity TEXT NOT NULL,
        billable BOOLEAN DEFAULT true NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_time_entries PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_time_entries_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_time_entries_minutes CHECK (minutes <> 0 AND abs(minutes) <= 1440),
        CONSTRAINT fk_time_entries_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_time_entries_request ON time_entries (tenant_id, request_id, at)
    """,
    """
    CREATE TABLE request_files (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        file_id UUID NOT NULL,
        message_id UUID,
        slot TEXT DEFAULT '' NOT NULL,
        added_by_name TEXT NOT NULL,
        added_side TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_request_files PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_request_files_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_request_files_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT uq_request_files_tenant_id_request_id_file_id UNIQUE (tenant_id, request_id, file_id),
        CONSTRAINT fk_request_files_tenant_id_message_id FOREIGN KEY(tenant_id, message_id) REFERENCES client_messages (tenant_id, id),
        CONSTRAINT fk_request_files_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
]

ACCESS = [
    *tenant_table("requests", rights="SELECT, INSERT, UPDATE", desk=True),
    *tenant_table("request_moves", rights="SELECT, INSERT"),
    *tenant_table("client_messages", rights="SELECT, INSERT"),
    *tenant_table("internal_notes", rights="SELECT, INSERT", also=PROVIDER),
    *tenant_table("questions", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("request_files", rights="SELECT, INSERT"),
    *tenant_table("deliverables", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("reviews", rights="SELECT, INSERT", also=PROVIDER),
    *tenant_table("approvals", rights="SELECT, INSERT"),
    *tenant_table("time_entries", rights="SELECT, INSERT"),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
