"""Letterheads, templates, seals and what the public page of verification knows."""

from migrations.sql import definer, run
from tenants.rls import PROVIDER, force, policy, tenant_table

revision = "0044"
down_revision = "0043"

PROVIDER_ID = "00000000-0000-7000-8000-000000000001"
TABLES = [
    """
    CREATE TABLE letterheads (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        colour TEXT NOT NULL,
        font TEXT NOT NULL,
        sender JSONB NOT NULL,
        footer JSONB NOT NULL,
        logo_kind TEXT DEFAULT '' NOT NULL,
        logo_file_id UUID,
        named BOOLEAN DEFAULT true NOT NULL,
        version INTEGER NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT NOT NULL,
        CONSTRAINT pk_letterheads PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_letterheads_tenant_id UNIQUE (tenant_id),
        CONSTRAINT fk_letterheads_tenant_id_logo_file_id FOREIGN KEY(tenant_id, logo_file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT ck_letterheads_colour CHECK (colour ~ '^#[0-9a-f]{6}$'),
        CONSTRAINT ck_letterheads_font CHECK (font IN ('inter', 'noto_sans')),
        CONSTRAINT ck_letterheads_logo_kind CHECK (logo_kind IN ('', 'png', 'svg')),
        CONSTRAINT ck_letterheads_logo CHECK ((logo_kind = '') = (logo_file_id IS NULL)),
        CONSTRAINT fk_letterheads_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE document_templates (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kind TEXT NOT NULL,
        language TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        archived_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_document_templates PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_document_templates_tenant_id_kind_language_name UNIQUE (tenant_id, kind, language, name),
        CONSTRAINT ck_document_templates_kind CHECK (kind IN ('letter', 'list', 'cover', 'invoice')),
        CONSTRAINT ck_document_templates_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT fk_document_templates_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE document_template_versions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        template_id UUID NOT NULL,
        version INTEGER NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        closing TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        by_id UUID,
        by_name TEXT NOT NULL,
        CONSTRAINT pk_document_template_versions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_document_template_versions_tenant_id_template_id FOREIGN KEY(tenant_id, template_id) REFERENCES document_templates (tenant_id, id),
        CONSTRAINT uq_document_template_versions_tenant_id_template_id_version UNIQUE (tenant_id, template_id, version),
        CONSTRAINT fk_document_template_versions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE letters (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        kind TEXT NOT NULL,
        language TEXT NOT NULL,
        state TEXT DEFAULT 'draft' NOT NULL,
        template_id UUID,
        template_version INTEGER,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        closing TEXT NOT NULL,
        field_values JSONB NOT NULL,
        table_text TEXT DEFAULT '' NOT NULL,
        version INTEGER NOT NULL,
        written_at TIMESTAMP WITH TIME ZONE NOT NULL,
        written_by_name TEXT NOT NULL,
        document_id UUID,
        CONSTRAINT pk_letters PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_letters_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_letters_tenant_id_template_id_template_version FOREIGN KEY(tenant_id, template_id, template_version) REFERENCES document_template_versions (tenant_id, template_id, version),
        CONSTRAINT fk_letters_tenant_id_document_id FOREIGN KEY(tenant_id, document_id) REFERENCES documents (tenant_id, id),
        CONSTRAINT ck_letters_kind CHECK (kind IN ('letter', 'list', 'cover')),
        CONSTRAINT ck_letters_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_letters_state CHECK (state IN ('draft', 'issued', 'discarded')),
        CONSTRAINT ck_letters_issued CHECK (state <> 'issued' OR document_id IS NOT NULL),
        CONSTRAINT ck_letters_template CHECK ((template_id IS NULL) = (template_version IS NULL)),
        CONSTRAINT fk_letters_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_letters_request ON letters (tenant_id, request_id, id)",
    """
    CREATE TABLE seal_certificates (
        id UUID NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        pem TEXT NOT NULL,
        starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_seal_certificates PRIMARY KEY (id),
        CONSTRAINT ck_seal_certificates_kind CHECK (kind IN ('root', 'seal'))
    )
    """,
    """
    CREATE TABLE seal_keys (
        certificate_id UUID NOT NULL,
        sealed TEXT NOT NULL,
        CONSTRAINT pk_seal_keys PRIMARY KEY (certificate_id),
        CONSTRAINT fk_seal_keys_certificate_id FOREIGN KEY(certificate_id) REFERENCES seal_certificates (id)
    )
    """,
]
ACCESS = [
    *tenant_table(
        "letterheads",
        rights="SELECT, INSERT, UPDATE (colour, font, sender, footer, logo_kind, logo_file_id,"
        " named, version, changed_at, changed_by_name)",
    ),
    *tenant_table(
        "document_templates", rights="SELECT, INSERT, UPDATE (name, version, archived_at)"
    ),
    *tenant_table("document_template_versions", rights="SELECT, INSERT"),
    # A draft is the provider's until it is issued.
    *tenant_table(
        "letters",
        rights="SELECT, INSERT, UPDATE (language, state, template_id, template_version, subject,"
        " body, closing, field_values, table_text, version, written_at, written_by_name,"
        " document_id)",
        also=PROVIDER,
    ),
    # Certificates are there to be shown; their keys, which the master key seals, are for those who
    # seal.
    *force("seal_certificates"),
    policy("seal_certificates", "public_read", "coulisse_app", "true", "SELECT"),
    policy("seal_certificates", "own_made", "coulisse_app", PROVIDER, "INSERT"),
    "GRANT SELECT, INSERT ON seal_certificates TO coulisse_app",
    *force("seal_keys"),
    policy("seal_keys", "own_read", "coulisse_app", PROVIDER, "SELECT"),
    policy("seal_keys", "own_made", "coulisse_app", PROVIDER, "INSERT"),
    "GRANT SELECT, INSERT ON seal_keys TO coulisse_app",
]
SHOWN = {
    "letterheads": "tenant_id, named",
    "documents": "tenant_id, id, kind, latest, deleted_at",
    "document_versions": "tenant_id, document_id, number, sha256, code, origin, issued_at",
}
# Anybody may ask with the exact file's hash or with the code that stands on it; nothing else is
# told of it, and what doesn't exist any more is as unknown as what never did. Company by company,
# since that is what the indexes begin with.
VERIFY = [
    *(policy(table, "verified", "coulisse_lookup", "true", "SELECT") for table in SHOWN),
    *(
        f"GRANT SELECT ({columns}) ON {table} TO coulisse_lookup"
        for table, columns in SHOWN.items()
    ),
    *definer(
        "verify_document",
        "p_sha256 text, p_code text",
        "TABLE (issued_at timestamptz, kind text, version integer, latest integer,"
        " replaced_at timestamptz, company text, provider text)",
        f"""
        SELECT v.issued_at, d.kind, v.number, d.latest, n.issued_at,
            CASE WHEN coalesce(l.named, true) THEN t.name ELSE '' END, p.name
        FROM tenants t
        JOIN document_versions v ON v.tenant_id = t.id
            AND (v.sha256 = p_sha256 OR v.code = nullif(p_code, ''))
        JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
        JOIN tenants p ON p.id = '{PROVIDER_ID}'
        LEFT JOIN document_versions n ON n.tenant_id = v.tenant_id
            AND n.document_id = v.document_id AND n.number = v.number + 1
        LEFT JOIN letterheads l ON l.tenant_id = t.id
        WHERE v.origin = 'issued' AND d.deleted_at IS NULL
        ORDER BY v.issued_at LIMIT 1
        """,
        owner="coulisse_lookup",
    ),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(VERIFY)
