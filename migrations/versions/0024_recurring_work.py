"""Work that comes again by itself, and what the provider says of statutory deadlines."""

from migrations.sql import run
from tenants.rls import force, policy, tenant_table

revision = "0024"
down_revision = "0023"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)

TABLES = [
    """
    CREATE TABLE recurrences (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        title TEXT NOT NULL,
        item TEXT NOT NULL,
        line TEXT NOT NULL,
        form JSONB NOT NULL,
        rule JSONB NOT NULL,
        about INTEGER DEFAULT 0 NOT NULL,
        lead_days INTEGER DEFAULT 0 NOT NULL,
        assignee_id UUID,
        assignee_name TEXT DEFAULT '' NOT NULL,
        questions JSONB NOT NULL,
        documents JSONB NOT NULL,
        state TEXT DEFAULT 'active' NOT NULL,
        starts_on DATE NOT NULL,
        ends_on DATE,
        paused_from DATE,
        paused_until DATE,
        counts_from DATE NOT NULL,
        next_on DATE,
        next_raise_on DATE,
        revision INTEGER NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by UUID,
        created_by_name TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT NOT NULL,
        CONSTRAINT pk_recurrences PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_recurrences_state CHECK (state IN ('active', 'ended')),
        CONSTRAINT ck_recurrences_about CHECK (about BETWEEN -2 AND 1),
        CONSTRAINT ck_recurrences_lead_days CHECK (lead_days BETWEEN 0 AND 40),
        CONSTRAINT ck_recurrences_ends_on CHECK (ends_on >= starts_on),
        CONSTRAINT ck_recurrences_paused_until CHECK (paused_until IS NULL OR paused_until >= paused_from),
        CONSTRAINT uq_recurrences_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT fk_recurrences_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_recurrences_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE INDEX ix_recurrences_next ON recurrences (tenant_id, next_raise_on) WHERE state = 'active'
    """,
    """
    CREATE TABLE deadline_versions (
        code TEXT NOT NULL,
        revision INTEGER NOT NULL,
        document JSONB,
        withdrawn BOOLEAN DEFAULT false NOT NULL,
        note TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        CONSTRAINT pk_deadline_versions PRIMARY KEY (code, revision),
        CONSTRAINT ck_deadline_versions_code CHECK (code ~ '^[a-z]{2,3}[.][a-z0-9_]{1,60}$'),
        CONSTRAINT ck_deadline_versions_note CHECK (length(note) > 0),
        CONSTRAINT fk_deadline_versions_by_id FOREIGN KEY(by_id) REFERENCES staff (user_id)
    )
    """,
    """
    CREATE TABLE recurrence_versions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        recurrence_id UUID NOT NULL,
        revision INTEGER NOT NULL,
        document JSONB NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        CONSTRAINT pk_recurrence_versions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_recurrence_versions_tenant_id_recurrence_id FOREIGN KEY(tenant_id, recurrence_id) REFERENCES recurrences (tenant_id, id),
        CONSTRAINT uq_recurrence_versions_tenant_id_recurrence_id_revision UNIQUE (tenant_id, recurrence_id, revision),
        CONSTRAINT fk_recurrence_versions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE recurrence_instances (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        recurrence_id UUID NOT NULL,
        revision INTEGER NOT NULL,
        period TEXT NOT NULL,
        about TEXT NOT NULL,
        item TEXT NOT NULL,
        title TEXT NOT NULL,
        due_on DATE NOT NULL,
        raise_on DATE NOT NULL,
        state TEXT NOT NULL,
        request_id UUID,
        reason TEXT DEFAULT '' NOT NULL,
        words TEXT DEFAULT '' NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        CONSTRAINT pk_recurrence_instances PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_recurrence_instances_version FOREIGN KEY(tenant_id, recurrence_id, revision) REFERENCES recurrence_versions (tenant_id, recurrence_id, revision),
        CONSTRAINT fk_recurrence_instances_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT ck_recurrence_instances_state CHECK (state IN ('raised', 'backfilled', 'skipped', 'blocked')),
        CONSTRAINT ck_recurrence_instances_request CHECK ((request_id IS NOT NULL) = (state IN ('raised', 'backfilled'))),
        CONSTRAINT ck_recurrence_instances_reason CHECK (request_id IS NOT NULL OR length(reason) > 0),
        CONSTRAINT uq_recurrence_instances_tenant_id_recurrence_id_period UNIQUE (tenant_id, recurrence_id, period),
        CONSTRAINT fk_recurrence_instances_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_recurrence_instances_blocked ON recurrence_instances (tenant_id, recurrence_id) WHERE state = 'blocked'
    """,
    """
    CREATE INDEX ix_recurrence_instances_due ON recurrence_instances (tenant_id, due_on)
    """,
    """
    CREATE INDEX ix_recurrence_instances_request ON recurrence_instances (tenant_id, request_id)
    """,
    """
    CREATE UNIQUE INDEX uq_recurrence_instances_work ON recurrence_instances (tenant_id, item, title, about) WHERE request_id IS NOT NULL
    """,
    "ALTER TABLE document_lines ADD COLUMN slot TEXT DEFAULT '' NOT NULL",
]

ACCESS = [
    *tenant_table("recurrences", rights="SELECT, INSERT, UPDATE", desk=True),
    *tenant_table("recurrence_versions", rights="SELECT, INSERT"),
    *tenant_table("recurrence_instances", rights="SELECT, INSERT, UPDATE", desk=True),
    *force("deadline_versions"),
    policy("deadline_versions", "reference", "coulisse_app, coulisse_desk", "true", "SELECT"),
    policy("deadline_versions", "administered", "coulisse_app", ACTS_AS_PROVIDER, "INSERT"),
    "GRANT SELECT, INSERT ON deadline_versions TO coulisse_app",
    "GRANT SELECT ON deadline_versions TO coulisse_desk",
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
