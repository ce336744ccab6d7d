"""From when to when an e-invoice address holds, and the customer files that are opened for a request."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0050"
down_revision = "0049"

TABLES = [
    """
    ALTER TABLE party_endpoints ADD COLUMN valid_from DATE
    """,
    """
    ALTER TABLE party_endpoints ADD COLUMN valid_until DATE
    """,
    """
    ALTER TABLE party_endpoints ADD CONSTRAINT ck_party_endpoints_validity CHECK (valid_until >= valid_from)
    """,
    """
    CREATE TABLE customer_files (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        party_id UUID NOT NULL,
        origin TEXT NOT NULL,
        opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        opened_by_name TEXT NOT NULL,
        document_id UUID,
        finished_at TIMESTAMP WITH TIME ZONE,
        finished_by_name TEXT DEFAULT '' NOT NULL,
        finished_version INTEGER,
        CONSTRAINT pk_customer_files PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_customer_files_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_customer_files_tenant_id_party_id FOREIGN KEY(tenant_id, party_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT fk_customer_files_tenant_id_document_id FOREIGN KEY(tenant_id, document_id) REFERENCES documents (tenant_id, id),
        CONSTRAINT uq_customer_files_tenant_id_request_id UNIQUE (tenant_id, request_id),
        CONSTRAINT ck_customer_files_origin CHECK (origin IN ('created', 'found')),
        CONSTRAINT ck_customer_files_finished CHECK ((finished_at IS NULL) = (document_id IS NULL)),
        CONSTRAINT fk_customer_files_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_customer_files_party ON customer_files (tenant_id, party_id)
    """,
]
# Read by the client's people too: an import of theirs that is taken back leaves what is in a file.
ACCESS = [
    *tenant_table(
        "customer_files",
        rights="SELECT, INSERT, UPDATE (party_id, origin, document_id, finished_at,"
        " finished_by_name, finished_version)",
    ),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
