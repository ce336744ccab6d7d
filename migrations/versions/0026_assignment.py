"""Who gets which work, and who stands in."""

from migrations.sql import definer, run
from tenants.rls import PROVIDER as PROVIDERS_SIDE
from tenants.rls import policy, tenant_table

revision = "0026"
down_revision = "0025"

PROVIDER = "00000000-0000-7000-8000-000000000001"

TABLES = [
    """
    CREATE TABLE absences (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        kind TEXT NOT NULL,
        first DATE NOT NULL,
        from_noon BOOLEAN DEFAULT false NOT NULL,
        last DATE NOT NULL,
        until_noon BOOLEAN DEFAULT false NOT NULL,
        starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        made_by_name TEXT NOT NULL,
        cancelled_at TIMESTAMP WITH TIME ZONE,
        cancelled_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_absences PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_absences_kind CHECK (kind IN ('holiday', 'ill', 'training', 'other')),
        CONSTRAINT ck_absences_ends_at CHECK (ends_at > starts_at),
        CONSTRAINT fk_absences_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_absences_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id)
    )
    """,
    """
    CREATE INDEX ix_absences_user ON absences (tenant_id, user_id, ends_at) WHERE cancelled_at IS NULL
    """,
    """
    CREATE TABLE assignment_rules (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        line TEXT NOT NULL,
        item TEXT DEFAULT '' NOT NULL,
        operator_id UUID,
        operator_name TEXT DEFAULT '' NOT NULL,
        deputy_id UUID,
        deputy_name TEXT DEFAULT '' NOT NULL,
        skill TEXT DEFAULT '' NOT NULL,
        by_load BOOLEAN DEFAULT false NOT NULL,
        version INTEGER NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT NOT NULL,
        CONSTRAINT pk_assignment_rules PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_assignment_rules_tenant_id_line_item UNIQUE (tenant_id, line, item),
        CONSTRAINT ck_assignment_rules_somebody CHECK (operator_id IS NOT NULL OR by_load),
        CONSTRAINT ck_assignment_rules_deputy CHECK (deputy_id IS NULL OR (operator_id IS NOT NULL AND deputy_id <> operator_id)),
        CONSTRAINT fk_assignment_rules_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_assignment_rules_line FOREIGN KEY(line) REFERENCES service_lines (code),
        CONSTRAINT fk_assignment_rules_operator_id FOREIGN KEY(operator_id) REFERENCES staff (user_id),
        CONSTRAINT fk_assignment_rules_deputy_id FOREIGN KEY(deputy_id) REFERENCES staff (user_id)
    )
    """,
    """
    CREATE TABLE staff_skills (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        skill TEXT NOT NULL,
        CONSTRAINT pk_staff_skills PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_staff_skills_skill CHECK (length(skill) BETWEEN 1 AND 40),
        CONSTRAINT uq_staff_skills_tenant_id_user_id_skill UNIQUE (tenant_id, user_id, skill),
        CONSTRAINT fk_staff_skills_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_staff_skills_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id)
    )
    """,
    """
    CREATE TABLE standins (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        absence_id UUID NOT NULL,
        user_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        moved INTEGER DEFAULT 0 NOT NULL,
        left_over INTEGER DEFAULT 0 NOT NULL,
        CONSTRAINT pk_standins PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_standins_tenant_id_absence_id UNIQUE (tenant_id, absence_id),
        CONSTRAINT fk_standins_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_standins_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id)
    )
    """,
]

ACCESS = [
    *tenant_table("staff_skills", rights="SELECT, INSERT, DELETE"),
    *tenant_table("absences", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("assignment_rules", also=PROVIDERS_SIDE),
    *tenant_table("standins", rights="SELECT, INSERT, UPDATE", also=PROVIDERS_SIDE),
    *(
        policy(table, "figures", "coulisse_figures", "true", "SELECT")
        for table in ("staff_skills", "absences")
    ),
    "GRANT SELECT (tenant_id, user_id, skill) ON staff_skills TO coulisse_figures",
    "GRANT SELECT (tenant_id, id, user_id, starts_at, ends_at, cancelled_at) ON absences"
    " TO coulisse_figures",
    "ALTER TABLE supervisor_tasks DROP CONSTRAINT ck_supervisor_tasks_kind,"
    " ADD CONSTRAINT ck_supervisor_tasks_kind CHECK (kind IN ('chased', 'rating', 'stand_in'))",
]

# Who of these could take work at a client, for the provider's side of any client: how much they hold
# over all clients, what they can do, and whether they are away. No reason, no words, no client.
STANDING = definer(
    "staff_standing",
    "p_ids uuid[], p_at timestamptz",
    "TABLE (user_id uuid, open_requests integer, skills text[], absence_id uuid,"
    " away_until timestamptz)",
    f"""
    SELECT s.user_id, coalesce(h.held, 0),
        ARRAY(SELECT k.skill FROM staff_skills k
            WHERE k.tenant_id = '{PROVIDER}' AND k.user_id = s.user_id ORDER BY k.skill),
        a.id, a.ends_at
    FROM staff s
    LEFT JOIN (
        SELECT r.assignee_id, count(*)::int AS held
        FROM tenants t JOIN requests r ON r.tenant_id = t.id
        WHERE t.kind = 'client' AND r.assignee_id = ANY (p_ids)
        AND r.state NOT IN ('closed', 'cancelled', 'rejected', 'merged', 'duplicate')
        AND r.state NOT IN ('delivered', 'awaiting_approval')
        GROUP BY r.assignee_id
    ) h ON h.assignee_id = s.user_id
    LEFT JOIN LATERAL (
        SELECT b.id, b.ends_at FROM absences b
        WHERE b.tenant_id = '{PROVIDER}' AND b.user_id = s.user_id AND b.cancelled_at IS NULL
        AND b.starts_at <= p_at AND b.ends_at > p_at
        ORDER BY b.ends_at DESC LIMIT 1
    ) a ON true
    WHERE s.active AND s.user_id = ANY (p_ids)
    AND current_setting('app.side', true) = 'provider'
    AND current_setting('app.tenant_id', true) <> ''
    """,
    owner="coulisse_figures",
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(STANDING)
