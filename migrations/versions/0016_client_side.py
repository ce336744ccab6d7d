"""Drafts of forms, document requests, approvals by several, watchers, ratings."""

from migrations.sql import run
from tenants.rls import ME, tenant_table

revision = "0016"
down_revision = "0015"

DRAFTS = [
    """
    CREATE TABLE form_drafts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        user_id UUID NOT NULL,
        item TEXT NOT NULL,
        values JSONB NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_form_drafts PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_form_drafts_tenant_id_user_id_item UNIQUE (tenant_id, user_id, item),
        CONSTRAINT fk_form_drafts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("form_drafts", also=ME),
]

STATEMENTS: list[str] = [*DRAFTS]


def upgrade() -> None:
    run(STATEMENTS)
