"""Monthly service reports."""

from migrations.sql import definer, run
from tenants.rls import tenant_table

revision = "0030"
down_revision = "0029"

PROVIDER = "00000000-0000-7000-8000-000000000001"

TABLES = [
    """
    CREATE TABLE service_reports (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        state TEXT DEFAULT 'draft' NOT NULL,
        version INTEGER NOT NULL,
        prepared_at TIMESTAMP WITH TIME ZONE NOT NULL,
        prepared_by_name TEXT NOT NULL,
        summary TEXT DEFAULT '' NOT NULL,
        remarks JSONB DEFAULT '{}' NOT NULL,
        written_at TIMESTAMP WITH TIME ZONE,
        written_by UUID,
        written_by_name TEXT DEFAULT '' NOT NULL,
        sealed INTEGER,
        sent_at TIMESTAMP WITH TIME ZONE,
        sent_by_name TEXT DEFAULT '' NOT NULL,
        acknowledged_at TIMESTAMP WITH TIME ZONE,
        acknowledged_by UUID,
        acknowledged_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_service_reports PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_service_reports_state CHECK (state IN ('draft', 'reviewed', 'sent', 'acknowledged')),
        CONSTRAINT ck_service_reports_first_day CHECK (extract(day FROM month) = 1),
        CONSTRAINT ck_service_reports_sealed CHECK ((sealed IS NULL) = (state = 'draft')),
        CONSTRAINT ck_service_reports_sent CHECK ((sent_at IS NULL) = (state IN ('draft', 'reviewed'))),
        CONSTRAINT ck_service_reports_acknowledged CHECK ((acknowledged_at IS NULL) = (state <> 'acknowledged')),
        CONSTRAINT uq_service_reports_tenant_id_month UNIQUE (tenant_id, month),
        CONSTRAINT fk_service_reports_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE service_report_seals (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        report_id UUID NOT NULL,
        revision INTEGER NOT NULL,
        content JSONB NOT NULL,
        sha256 TEXT NOT NULL,
        written_by UUID NOT NULL,
        reviewed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        reviewed_by UUID NOT NULL,
        reviewed_by_name TEXT NOT NULL,
        CONSTRAINT pk_service_report_seals PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_service_report_seals_tenant_id_report_id FOREIGN KEY(tenant_id, report_id) REFERENCES service_reports (tenant_id, id),
        CONSTRAINT ck_service_report_seals_two_people CHECK (reviewed_by <> written_by),
        CONSTRAINT uq_service_report_seals_tenant_id_report_id_revision UNIQUE (tenant_id, report_id, revision),
        CONSTRAINT fk_service_report_seals_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE service_report_files (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        report_id UUID NOT NULL,
        revision INTEGER NOT NULL,
        language TEXT NOT NULL,
        kind TEXT NOT NULL,
        file_id UUID NOT NULL,
        CONSTRAINT pk_service_report_files PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_service_report_files_tenant_id_report_id_revision FOREIGN KEY(tenant_id, report_id, revision) REFERENCES service_report_seals (tenant_id, report_id, revision),
        CONSTRAINT fk_service_report_files_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT ck_service_report_files_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_service_report_files_kind CHECK (kind IN ('pdf', 'csv')),
        CONSTRAINT uq_service_report_files_tenant_id_report_id_revision_la_5871 UNIQUE (tenant_id, report_id, revision, language, kind),
        CONSTRAINT fk_service_report_files_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
]

ACCESS = [
    *tenant_table("service_reports", rights="SELECT, INSERT, UPDATE", desk=True),
    # what was sealed stays
    *tenant_table("service_report_seals", rights="SELECT, INSERT"),
    *tenant_table("service_report_files", rights="SELECT, INSERT"),
    "GRANT SELECT (legal_form, registration_number, vat_id) ON tenants TO coulisse_figures",
]

# Whose letterhead a client's documents carry: what stands on every invoice too.
LETTERHEAD = definer(
    "provider_letterhead",
    "",
    "TABLE (name text, colour text, legal_form text, registration_number text, vat_id text)",
    "SELECT t.name, t.colour, t.legal_form, t.registration_number, t.vat_id"
    f" FROM tenants t WHERE t.id = '{PROVIDER}'",
    owner="coulisse_figures",
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(LETTERHEAD)
