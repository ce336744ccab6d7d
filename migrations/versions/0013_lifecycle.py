"""States and links of requests; the ledger of their clocks."""

from migrations.sql import definer, run
from tenants.rls import tenant_table

revision = "0013"
down_revision = "0012"

LIFECYCLE = [
    """
    ALTER TABLE requests
        ADD COLUMN closed_at TIMESTAMP WITH TIME ZONE,
        ADD COLUMN respond_by TIMESTAMP WITH TIME ZONE,
        ADD COLUMN first_response_at TIMESTAMP WITH TIME ZONE,
        ADD COLUMN breach_at TIMESTAMP WITH TIME ZONE DEFAULT '9000-01-01 00:00:00+00' NOT NULL,
        ADD COLUMN estimate_minutes INTEGER DEFAULT 0 NOT NULL,
        ADD COLUMN planned_for DATE,
        ADD COLUMN waiting_for TEXT DEFAULT '' NOT NULL,
        ADD COLUMN snoozed_until TIMESTAMP WITH TIME ZONE,
        ADD COLUMN snoozed_by UUID,
        ADD COLUMN merged_into UUID,
        ADD COLUMN reopened_count INTEGER DEFAULT 0 NOT NULL,
        ADD COLUMN requester_id UUID,
        ADD COLUMN requester_name TEXT DEFAULT '' NOT NULL,
        ADD COLUMN impact TEXT,
        ADD COLUMN urgency TEXT,
        ADD COLUMN proposed_priority TEXT,
        ADD COLUMN scope TEXT DEFAULT 'in_scope' NOT NULL,
        ADD COLUMN inputs_due_on DATE,
        ADD COLUMN time_step INTEGER DEFAULT 1 NOT NULL,
        ADD CONSTRAINT ck_requests_time_step CHECK (time_step BETWEEN 1 AND 60),
        DROP CONSTRAINT ck_requests_state,
        ADD CONSTRAINT ck_requests_state CHECK (state IN ('new', 'quote_needed', 'planned', 'assigned', 'in_progress', 'waiting_client', 'waiting_third_party', 'on_hold_provider', 'in_review', 'awaiting_approval', 'delivered', 'reopened', 'closed', 'cancelled', 'rejected', 'merged', 'duplicate')),
        ADD CONSTRAINT ck_requests_impact CHECK (impact IN ('low', 'normal', 'high')),
        ADD CONSTRAINT ck_requests_urgency CHECK (urgency IN ('low', 'normal', 'high')),
        ADD CONSTRAINT ck_requests_proposed_priority CHECK (proposed_priority IN ('urgent', 'high', 'normal', 'low')),
        ADD CONSTRAINT ck_requests_scope CHECK (scope IN ('in_scope', 'quota_used_up', 'out_of_scope', 'agreed')),
        ADD CONSTRAINT fk_requests_tenant_id_merged_into FOREIGN KEY (tenant_id, merged_into) REFERENCES requests (tenant_id, id)
    """,
    """
    DROP INDEX ix_requests_queue
    """,
    """
    CREATE INDEX ix_requests_queue ON requests (tenant_id, breach_at, id) INCLUDE (line, state, due_at, raised_at, state_since, snoozed_until, assignee_id) WHERE state NOT IN ('closed', 'cancelled', 'rejected', 'merged', 'duplicate')
    """,
    """
    CREATE INDEX ix_requests_merged ON requests (tenant_id, merged_into) WHERE merged_into IS NOT NULL
    """,
    """
    ALTER TABLE client_messages ADD COLUMN copied_from UUID
    """,
    """
    CREATE TABLE request_links (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        from_id UUID NOT NULL,
        to_id UUID NOT NULL,
        kind TEXT NOT NULL,
        by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_request_links PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_request_links_tenant_id_from_id FOREIGN KEY(tenant_id, from_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_request_links_tenant_id_to_id FOREIGN KEY(tenant_id, to_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_request_links_kind CHECK (kind IN ('related', 'merged', 'duplicate', 'split', 'follow_up')),
        CONSTRAINT ck_request_links_two_requests CHECK (from_id <> to_id),
        CONSTRAINT uq_request_links_tenant_id_from_id_to_id_kind UNIQUE (tenant_id, from_id, to_id, kind),
        CONSTRAINT fk_request_links_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_request_links_to ON request_links (tenant_id, to_id)
    """,
    *tenant_table("request_links", rights="SELECT, INSERT, DELETE"),
]

# Beside whom it found before: the provider's administrators, who hear of missed targets.
PROVIDER = "00000000-0000-7000-8000-000000000001"
HERE = "nullif(current_setting('app.tenant_id', true), '')::uuid"
RECIPIENTS = [
    "ALTER TABLE tenants ADD COLUMN region TEXT DEFAULT '' NOT NULL",
    "DROP FUNCTION mail_recipients(uuid[])",
    *definer(
        "mail_recipients",
        "p_user_ids uuid[]",
        "TABLE (user_id uuid, name text, email text, language text, time_zone text, muted text[],"
        " office_country text, office_region text)",
        f"""
        SELECT u.id, coalesce(m.display_name, s.display_name, u.display_name), u.email::text,
            u.language, u.time_zone, u.muted_notices, o.country, o.region
        FROM users u
        LEFT JOIN members m
            ON m.tenant_id = {HERE} AND m.user_id = u.id AND m.removed_at IS NULL
        LEFT JOIN staff s ON s.user_id = u.id AND s.active
        LEFT JOIN tenants o
            ON o.id = CASE WHEN m.id IS NULL THEN '{PROVIDER}'::uuid ELSE {HERE} END
        WHERE u.id = ANY (p_user_ids) AND u.active
        AND current_setting('app.side', true) = 'provider' AND (
            m.id IS NOT NULL
            OR s.role = 'provider_admin'
            OR (s.user_id IS NOT NULL AND EXISTS (
                SELECT FROM grants g WHERE g.tenant_id = {HERE} AND g.user_id = u.id))
            OR {HERE} = '{PROVIDER}'::uuid)
        ORDER BY u.id
        """,
        owner="coulisse_signin",
    ),
]
CLOCK = [
    """
    ALTER TABLE requests
        ADD COLUMN warn_at TIMESTAMP WITH TIME ZONE,
        ADD COLUMN warned JSONB DEFAULT '{}' NOT NULL,
        ADD COLUMN terms_number INTEGER
    """,
    """
    CREATE INDEX ix_requests_warn ON requests (tenant_id, warn_at) WHERE warn_at IS NOT NULL
    """,
    """
    CREATE TABLE sla_events (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        seq INTEGER NOT NULL,
        clock TEXT NOT NULL,
        event TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        question_id UUID,
        voids UUID,
        moment TIMESTAMP WITH TIME ZONE,
        line TEXT DEFAULT '' NOT NULL,
        item TEXT DEFAULT '' NOT NULL,
        priority TEXT DEFAULT '' NOT NULL,
        actor_id UUID,
        actor_name TEXT NOT NULL,
        CONSTRAINT pk_sla_events PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sla_events_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_sla_events_tenant_id_voids FOREIGN KEY(tenant_id, voids) REFERENCES sla_events (tenant_id, id),
        CONSTRAINT ck_sla_events_clock CHECK (clock IN ('first_response', 'resolution')),
        CONSTRAINT ck_sla_events_event CHECK (event IN ('started', 'paused', 'resumed', 'stopped', 'voided', 'moved', 'agreed', 'merged')),
        CONSTRAINT ck_sla_events_first_never_pauses CHECK (event <> 'paused' OR clock = 'resolution'),
        CONSTRAINT ck_sla_events_pause_has_question CHECK (event <> 'paused' OR reason <> 'waiting_client' OR question_id IS NOT NULL),
        CONSTRAINT ck_sla_events_voids CHECK ((event = 'voided') = (voids IS NOT NULL)),
        CONSTRAINT ck_sla_events_moment CHECK ((event IN ('moved', 'agreed', 'merged')) = (moment IS NOT NULL)),
        CONSTRAINT uq_sla_events_tenant_id_request_id_seq UNIQUE (tenant_id, request_id, seq),
        CONSTRAINT fk_sla_events_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE sla_exclusions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        kind TEXT NOT NULL,
        words TEXT NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        confirmed_by UUID,
        confirmed_by_name TEXT DEFAULT '' NOT NULL,
        confirmed_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_sla_exclusions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sla_exclusions_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_sla_exclusions_kind CHECK (kind IN ('spam', 'force_majeure')),
        CONSTRAINT ck_sla_exclusions_words CHECK (length(words) > 0),
        CONSTRAINT ck_sla_exclusions_two_people CHECK (confirmed_by IS NULL OR confirmed_by IS DISTINCT FROM by_id),
        CONSTRAINT uq_sla_exclusions_tenant_id_request_id_kind UNIQUE (tenant_id, request_id, kind),
        CONSTRAINT fk_sla_exclusions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE sla_contests (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        pause_id UUID NOT NULL,
        words TEXT NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        outcome TEXT,
        answer TEXT DEFAULT '' NOT NULL,
        decided_by UUID,
        decided_by_name TEXT DEFAULT '' NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_sla_contests PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sla_contests_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_sla_contests_tenant_id_pause_id FOREIGN KEY(tenant_id, pause_id) REFERENCES sla_events (tenant_id, id),
        CONSTRAINT ck_sla_contests_outcome CHECK (outcome IN ('upheld', 'declined')),
        CONSTRAINT ck_sla_contests_words CHECK (length(words) > 0),
        CONSTRAINT ck_sla_contests_answer CHECK (outcome <> 'declined' OR length(answer) > 0),
        CONSTRAINT ck_sla_contests_decided CHECK ((outcome IS NULL) = (decided_at IS NULL)),
        CONSTRAINT uq_sla_contests_tenant_id_pause_id UNIQUE (tenant_id, pause_id),
        CONSTRAINT fk_sla_contests_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_sla_contests_request ON sla_contests (tenant_id, request_id, at)
    """,
    *tenant_table("sla_events", rights="SELECT, INSERT"),
    *tenant_table("sla_contests", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("sla_exclusions", rights="SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    run(LIFECYCLE)
    run(CLOCK)
    run(RECIPIENTS)
