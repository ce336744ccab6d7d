"""An e-invoice address can hold twice, in days that don't meet."""

from migrations.sql import run

revision = "0057"
down_revision = "0056"

ENDPOINTS = [
    """
    ALTER TABLE party_endpoints
        DROP CONSTRAINT uq_party_endpoints_tenant_id_party_id_scheme_value,
        ADD CONSTRAINT uq_party_endpoints_days
            UNIQUE NULLS NOT DISTINCT (tenant_id, party_id, scheme, value, valid_from, valid_until)
    """,
]


def upgrade() -> None:
    run(ENDPOINTS)
