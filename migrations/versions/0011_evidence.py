"""The audit log by what it is about."""

from migrations.sql import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run(["CREATE INDEX ix_audit_events_object ON audit_events (tenant_id, object_id, at)"])
