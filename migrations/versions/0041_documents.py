"""Documents, their versions and the slips that say what was checked."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0041"
down_revision = "0040"

TABLES = [
    """
    CREATE TABLE document_folders (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        parent_id UUID,
        level INTEGER NOT NULL,
        code TEXT DEFAULT '' NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        position INTEGER NOT NULL,
        CONSTRAINT pk_document_folders PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_document_folders_tenant_id_parent_id FOREIGN KEY(tenant_id, parent_id) REFERENCES document_folders (tenant_id, id),
        CONSTRAINT ck_document_folders_level CHECK (level BETWEEN 1 AND 3),
        CONSTRAINT ck_document_folders_top CHECK ((level = 1) = (parent_id IS NULL)),
        CONSTRAINT ck_document_folders_named CHECK (code <> '' OR name <> ''),
        CONSTRAINT fk_document_folders_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_document_folders_code ON document_folders (tenant_id, code) WHERE code <> ''
    """,
    """
    CREATE TABLE documents (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        language TEXT NOT NULL,
        line TEXT NOT NULL,
        folder_id UUID NOT NULL,
        request_id UUID,
        about_type TEXT DEFAULT '' NOT NULL,
        about_id UUID,
        dated DATE NOT NULL,
        retention_class TEXT NOT NULL,
        keep_until DATE,
        latest INTEGER NOT NULL,
        held BOOLEAN DEFAULT false NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        deleted_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_documents PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_documents_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT fk_documents_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_documents_tenant_id_folder_id FOREIGN KEY(tenant_id, folder_id) REFERENCES document_folders (tenant_id, id),
        CONSTRAINT ck_documents_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_documents_latest CHECK (latest > 0),
        CONSTRAINT ck_documents_about CHECK ((about_type = '') = (about_id IS NULL)),
        CONSTRAINT ck_documents_held_is_kept CHECK (NOT (held AND deleted_at IS NOT NULL)),
        CONSTRAINT ck_documents_title CHECK ((title = '') = (deleted_at IS NOT NULL)),
        CONSTRAINT fk_documents_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_documents_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE INDEX ix_documents_about ON documents (tenant_id, about_id) WHERE about_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_documents_folder ON documents (tenant_id, folder_id, id)
    """,
    """
    CREATE INDEX ix_documents_keep_until ON documents (tenant_id, keep_until) WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX ix_documents_request ON documents (tenant_id, request_id) WHERE request_id IS NOT NULL
    """,
    """
    CREATE TABLE document_versions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        document_id UUID NOT NULL,
        number INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        language TEXT NOT NULL,
        origin TEXT NOT NULL,
        file_id UUID,
        code TEXT DEFAULT '' NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
        issued_by UUID,
        issued_by_name TEXT NOT NULL,
        issued_side TEXT NOT NULL,
        CONSTRAINT pk_document_versions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_document_versions_tenant_id_document_id FOREIGN KEY(tenant_id, document_id) REFERENCES documents (tenant_id, id),
        CONSTRAINT fk_document_versions_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT uq_document_versions_tenant_id_document_id_number UNIQUE (tenant_id, document_id, number),
        CONSTRAINT ck_document_versions_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        CONSTRAINT ck_document_versions_size CHECK (size > 0),
        CONSTRAINT ck_document_versions_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_document_versions_origin CHECK (origin IN ('issued', 'uploaded')),
        CONSTRAINT fk_document_versions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_document_versions_file ON document_versions (tenant_id, file_id)
    """,
    """
    CREATE INDEX ix_document_versions_sha256 ON document_versions (tenant_id, sha256)
    """,
    """
    CREATE UNIQUE INDEX uq_document_versions_code ON document_versions (tenant_id, code) WHERE code <> ''
    """,
    """
    CREATE TABLE validation_slips (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        version_id UUID NOT NULL,
        sha256 TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        outcome TEXT NOT NULL,
        content JSONB NOT NULL,
        kept_by_name TEXT NOT NULL,
        CONSTRAINT pk_validation_slips PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_validation_slips_tenant_id_version_id FOREIGN KEY(tenant_id, version_id) REFERENCES document_versions (tenant_id, id),
        CONSTRAINT ck_validation_slips_outcome CHECK (outcome IN ('valid', 'invalid', 'not_validated')),
        CONSTRAINT fk_validation_slips_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_validation_slips_version ON validation_slips (tenant_id, version_id, at)
    """,
    """
    CREATE TABLE document_holds (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        document_id UUID NOT NULL,
        reason TEXT NOT NULL,
        placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        placed_by_name TEXT NOT NULL,
        lifted_at TIMESTAMP WITH TIME ZONE,
        lifted_by_name TEXT DEFAULT '' NOT NULL,
        lifted_reason TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_document_holds PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_document_holds_tenant_id_document_id FOREIGN KEY(tenant_id, document_id) REFERENCES documents (tenant_id, id),
        CONSTRAINT ck_document_holds_reason CHECK (reason <> ''),
        CONSTRAINT ck_document_holds_lifted CHECK ((lifted_at IS NULL) = (lifted_by_name = '') AND (lifted_at IS NULL) = (lifted_reason = '')),
        CONSTRAINT fk_document_holds_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_document_holds_document ON document_holds (tenant_id, document_id, placed_at)
    """,
    """
    CREATE TABLE document_disposals (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        document_id UUID NOT NULL,
        state TEXT DEFAULT 'listed' NOT NULL,
        listed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        keep_until DATE NOT NULL,
        proposed_by UUID,
        proposed_by_name TEXT DEFAULT '' NOT NULL,
        proposed_at TIMESTAMP WITH TIME ZONE,
        released_by UUID,
        released_by_name TEXT DEFAULT '' NOT NULL,
        released_at TIMESTAMP WITH TIME ZONE,
        kept_by_name TEXT DEFAULT '' NOT NULL,
        kept_reason TEXT DEFAULT '' NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_document_disposals PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_document_disposals_tenant_id_document_id FOREIGN KEY(tenant_id, document_id) REFERENCES documents (tenant_id, id),
        CONSTRAINT ck_document_disposals_state CHECK (state IN ('listed', 'proposed', 'released', 'deleted', 'kept')),
        CONSTRAINT ck_document_disposals_four_eyes CHECK (state NOT IN ('released', 'deleted') OR coalesce(released_by <> proposed_by, false)),
        CONSTRAINT ck_document_disposals_ended CHECK ((ended_at IS NULL) = (state NOT IN ('deleted', 'kept'))),
        CONSTRAINT ck_document_disposals_kept CHECK (state <> 'kept' OR kept_reason <> ''),
        CONSTRAINT fk_document_disposals_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_document_disposals_open ON document_disposals (tenant_id, document_id) WHERE ended_at IS NULL
    """,
    """
    CREATE TABLE deletion_certificates (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        document_id UUID NOT NULL,
        document_number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        line TEXT NOT NULL,
        dated DATE NOT NULL,
        retention_class TEXT NOT NULL,
        keep_until DATE NOT NULL,
        versions JSONB NOT NULL,
        proposed_by_name TEXT NOT NULL,
        released_by_name TEXT NOT NULL,
        deleted_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_deletion_certificates PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_deletion_certificates_tenant_id_document_id FOREIGN KEY(tenant_id, document_id) REFERENCES documents (tenant_id, id),
        CONSTRAINT uq_deletion_certificates_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT uq_deletion_certificates_tenant_id_document_id UNIQUE (tenant_id, document_id),
        CONSTRAINT fk_deletion_certificates_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_deletion_certificates_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
]
ACCESS = [
    *tenant_table(
        "document_folders",
        rights="SELECT, INSERT, UPDATE (parent_id, level, name, position), DELETE",
    ),
    *tenant_table(
        "documents",
        rights="SELECT, INSERT, UPDATE (title, line, folder_id, retention_class, keep_until,"
        " latest, held, deleted_at)",
    ),
    # What left stays as it was; the file of a deleted document goes.
    *tenant_table("document_versions", rights="SELECT, INSERT, UPDATE (file_id)"),
    *tenant_table("validation_slips", rights="SELECT, INSERT, DELETE"),
    *tenant_table(
        "document_holds", rights="SELECT, INSERT, UPDATE (lifted_at, lifted_by_name, lifted_reason)"
    ),
    *tenant_table(
        "document_disposals",
        rights="SELECT, INSERT, UPDATE (state, proposed_by, proposed_by_name, proposed_at,"
        " released_by, released_by_name, released_at, kept_by_name, kept_reason, ended_at)",
    ),
    *tenant_table("deletion_certificates", rights="SELECT, INSERT"),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
