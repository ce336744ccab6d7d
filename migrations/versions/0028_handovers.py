"""Handover notes of somebody who is away."""

from migrations.sql import definer, run
from tenants.rls import PROVIDER as PROVIDERS_SIDE
from tenants.rls import tenant_table

revision = "0028"
down_revision = "0027"

PROVIDER = "00000000-0000-7000-8000-000000000001"

TABLES = [
    """
    CREATE TABLE handover_notes (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        absence_id UUID NOT NULL,
        user_id UUID NOT NULL,
        user_name TEXT NOT NULL,
        words TEXT DEFAULT '' NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        sent_at TIMESTAMP WITH TIME ZONE,
        sent_by_name TEXT DEFAULT '' NOT NULL,
        missing_at TIMESTAMP WITH TIME ZONE,
        settled_at TIMESTAMP WITH TIME ZONE,
        settled_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_handover_notes PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_handover_notes_tenant_id_absence_id UNIQUE (tenant_id, absence_id),
        CONSTRAINT ck_handover_notes_words CHECK (length(words) <= 4000),
        CONSTRAINT fk_handover_notes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_handover_notes_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id)
    )
    """,
    """
    CREATE INDEX ix_handover_notes_user ON handover_notes (tenant_id, user_id)
    """,
    """
    CREATE TABLE handover_items (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        note_id UUID NOT NULL,
        request_id UUID NOT NULL,
        line TEXT NOT NULL,
        substitute_id UUID,
        substitute_name TEXT DEFAULT '' NOT NULL,
        words TEXT DEFAULT '' NOT NULL,
        facts JSONB NOT NULL,
        state TEXT DEFAULT 'draft' NOT NULL,
        sent_at TIMESTAMP WITH TIME ZONE,
        answer_by TIMESTAMP WITH TIME ZONE,
        answered_at TIMESTAMP WITH TIME ZONE,
        answered_by UUID,
        answered_by_name TEXT DEFAULT '' NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        given_at TIMESTAMP WITH TIME ZONE,
        raised_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_handover_items PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_handover_items_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_handover_items_tenant_id_note_id FOREIGN KEY(tenant_id, note_id) REFERENCES handover_notes (tenant_id, id),
        CONSTRAINT ck_handover_items_state CHECK (state IN ('draft', 'sent', 'kept', 'accepted', 'declined', 'void')),
        CONSTRAINT uq_handover_items_tenant_id_note_id_request_id UNIQUE (tenant_id, note_id, request_id),
        CONSTRAINT ck_handover_items_words CHECK (length(words) <= 4000),
        CONSTRAINT ck_handover_items_substitute CHECK (state NOT IN ('sent', 'accepted', 'declined') OR substitute_id IS NOT NULL),
        CONSTRAINT ck_handover_items_answer_by CHECK (state <> 'sent' OR answer_by IS NOT NULL),
        CONSTRAINT ck_handover_items_reason CHECK (state <> 'declined' OR length(reason) > 0),
        CONSTRAINT fk_handover_items_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_handover_items_line FOREIGN KEY(line) REFERENCES service_lines (code),
        CONSTRAINT fk_handover_items_substitute_id FOREIGN KEY(substitute_id) REFERENCES staff (user_id)
    )
    """,
    """
    CREATE INDEX ix_handover_items_raised ON handover_items (tenant_id, raised_at) WHERE raised_at IS NOT NULL
    """,
    """
    CREATE INDEX ix_handover_items_request ON handover_items (tenant_id, request_id)
    """,
    """
    CREATE INDEX ix_handover_items_waiting ON handover_items (tenant_id, substitute_id) WHERE state = 'sent'
    """,
]

ACCESS = [
    *tenant_table("handover_notes", also=PROVIDERS_SIDE, desk=True),
    *tenant_table("handover_items", also=PROVIDERS_SIDE, desk=True),
    "GRANT SELECT (country, region, time_zone) ON tenants TO coulisse_figures",
]

# When these people are away at some time between two moments, for the provider's side of any client:
# days and the office's own place, by which its business days are counted; no reason, no client.
AWAY = definer(
    "staff_away",
    "p_ids uuid[], p_from timestamptz, p_to timestamptz",
    "TABLE (user_id uuid, absence_id uuid, starts_at timestamptz, ends_at timestamptz,"
    " country text, region text, time_zone text)",
    f"""
    SELECT a.user_id, a.id, a.starts_at, a.ends_at, t.country, t.region, t.time_zone
    FROM absences a
    JOIN tenants t ON t.id = a.tenant_id
    JOIN staff s ON s.user_id = a.user_id AND s.active
    WHERE a.tenant_id = '{PROVIDER}' AND a.user_id = ANY (p_ids) AND a.cancelled_at IS NULL
    AND a.starts_at < p_to AND a.ends_at > p_from
    AND current_setting('app.side', true) = 'provider'
    AND current_setting('app.tenant_id', true) <> ''
    ORDER BY a.starts_at, a.id
    """,
    owner="coulisse_figures",
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(AWAY)
