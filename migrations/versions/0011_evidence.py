"""The audit log by what it is about; what the dispatcher counts."""

from migrations.sql import run
from tenants.rls import policy

revision = "0011"
down_revision = "0010"

STATEMENTS = [
    "CREATE INDEX ix_audit_events_object ON audit_events (tenant_id, object_id, at)",
    "CREATE INDEX ix_jobs_quarantined ON jobs (tenant_id, id) WHERE state = 'quarantined'",
    policy("webhook_inbox", "counted", "coulisse_dispatcher", "true", "SELECT"),
    "GRANT SELECT (state, received_at) ON webhook_inbox TO coulisse_dispatcher",
]


def upgrade() -> None:
    run(STATEMENTS)
