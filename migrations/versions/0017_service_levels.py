"""Months of service levels that are signed off, and the credits that follow."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0017"
down_revision = "0016"

TABLES = [
    """
    CREATE TABLE sla_months (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        line TEXT NOT NULL,
        zone TEXT NOT NULL,
        contract_number INTEGER,
        figures JSONB NOT NULL,
        signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        signed_by UUID,
        signed_by_name TEXT NOT NULL,
        CONSTRAINT pk_sla_months PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_sla_months_tenant_id_month_line UNIQUE (tenant_id, month, line),
        CONSTRAINT ck_sla_months_first_day CHECK (extract(day FROM month) = 1),
        CONSTRAINT fk_sla_months_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_sla_months_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE TABLE sla_month_contests (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        line TEXT NOT NULL,
        words TEXT NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        upheld BOOLEAN,
        answer TEXT DEFAULT '' NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        answered_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_sla_month_contests PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sla_month_contests_tenant_id_month_line FOREIGN KEY(tenant_id, month, line) REFERENCES sla_months (tenant_id, month, line),
        CONSTRAINT ck_sla_month_contests_words CHECK (length(words) > 0),
        CONSTRAINT ck_sla_month_contests_answered CHECK ((upheld IS NULL) = (answered_at IS NULL) AND (upheld IS NULL OR length(answer) > 0)),
        CONSTRAINT uq_sla_month_contests_tenant_id_line_month UNIQUE (tenant_id, line, month),
        CONSTRAINT fk_sla_month_contests_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE sla_credits (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        line TEXT NOT NULL,
        revision INTEGER NOT NULL,
        booked_in DATE NOT NULL,
        base BIGINT NOT NULL,
        cap INTEGER NOT NULL,
        rates INTEGER NOT NULL,
        breaches INTEGER NOT NULL,
        amount BIGINT NOT NULL,
        change BIGINT NOT NULL,
        currency TEXT NOT NULL,
        computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        computed_by_name TEXT NOT NULL,
        CONSTRAINT pk_sla_credits PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sla_credits_tenant_id_month_line FOREIGN KEY(tenant_id, month, line) REFERENCES sla_months (tenant_id, month, line),
        CONSTRAINT ck_sla_credits_amount CHECK (amount >= 0 AND amount <= base),
        CONSTRAINT uq_sla_credits_tenant_id_line_month_revision UNIQUE (tenant_id, line, month, revision),
        CONSTRAINT fk_sla_credits_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE sla_outcomes (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        line TEXT NOT NULL,
        request_id UUID NOT NULL,
        number INTEGER NOT NULL,
        clock TEXT NOT NULL,
        run INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        booked_in DATE NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        severity TEXT NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        due_at TIMESTAMP WITH TIME ZONE,
        original_due_at TIMESTAMP WITH TIME ZONE,
        target INTEGER,
        minutes INTEGER NOT NULL,
        late INTEGER NOT NULL,
        waited INTEGER NOT NULL,
        open INTEGER NOT NULL,
        CONSTRAINT pk_sla_outcomes PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sla_outcomes_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_sla_outcomes_tenant_id_month_line FOREIGN KEY(tenant_id, month, line) REFERENCES sla_months (tenant_id, month, line),
        CONSTRAINT ck_sla_outcomes_clock CHECK (clock IN ('first_response', 'resolution')),
        CONSTRAINT ck_sla_outcomes_outcome CHECK (outcome IN ('met', 'breached', 'excluded')),
        CONSTRAINT ck_sla_outcomes_reason CHECK (reason IN ('', 'cancelled_by_client', 'cancelled_by_provider', 'rejected', 'merged', 'duplicate', 'out_of_scope', 'no_target', 'counted_before', 'ended', 'spam', 'force_majeure', 'contested', 'corrected')),
        CONSTRAINT ck_sla_outcomes_severity CHECK (severity IN ('urgent', 'high', 'normal', 'low')),
        CONSTRAINT uq_sla_outcomes_tenant_id_request_id_clock_run_month_revision UNIQUE (tenant_id, request_id, clock, run, month, revision),
        CONSTRAINT fk_sla_outcomes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE sla_prepared_months (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        prepared_at TIMESTAMP WITH TIME ZONE NOT NULL,
        counted INTEGER NOT NULL,
        missed INTEGER NOT NULL,
        credit BIGINT NOT NULL,
        CONSTRAINT pk_sla_prepared_months PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_sla_prepared_months_tenant_id_month UNIQUE (tenant_id, month),
        CONSTRAINT ck_sla_prepared_months_first_day CHECK (extract(day FROM month) = 1),
        CONSTRAINT fk_sla_prepared_months_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE sla_inputs (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        line TEXT NOT NULL,
        request_id UUID NOT NULL,
        number INTEGER NOT NULL,
        document_id UUID,
        due_at TIMESTAMP WITH TIME ZONE NOT NULL,
        came_at TIMESTAMP WITH TIME ZONE,
        minutes INTEGER NOT NULL,
        CONSTRAINT pk_sla_inputs PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_sla_inputs_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_sla_inputs_tenant_id_month_line FOREIGN KEY(tenant_id, month, line) REFERENCES sla_months (tenant_id, month, line),
        CONSTRAINT fk_sla_inputs_tenant_id_document_id FOREIGN KEY(tenant_id, document_id) REFERENCES document_lines (tenant_id, id),
        CONSTRAINT ck_sla_inputs_minutes CHECK (minutes >= 0),
        CONSTRAINT fk_sla_inputs_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_sla_inputs_month ON sla_inputs (tenant_id, month, line)
    """,
    """
    CREATE INDEX ix_sla_outcomes_booked ON sla_outcomes (tenant_id, booked_in)
    """,
    """
    CREATE INDEX ix_sla_outcomes_month ON sla_outcomes (tenant_id, month, line)
    """,
]

ACCESS = [
    # What was signed stays as it is: no right to change or delete.
    *tenant_table("sla_months", rights="SELECT, INSERT", desk=True),
    *tenant_table("sla_outcomes", rights="SELECT, INSERT"),
    *tenant_table("sla_inputs", rights="SELECT, INSERT"),
    *tenant_table("sla_prepared_months", rights="SELECT, INSERT", desk=True),
    *tenant_table("sla_credits", rights="SELECT, INSERT"),
    *tenant_table("sla_month_contests", rights="SELECT, INSERT, UPDATE", desk=True),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
