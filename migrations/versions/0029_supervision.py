"""What supervisors see over all their clients."""

from migrations.sql import run
from tenants.rls import MANY, policy

revision = "0029"
down_revision = "0028"

# What a credit that forms is counted from: no words among it.
READ = {
    "sla_events": "tenant_id, id, request_id, seq, clock, event, at, reason, question_id, voids,"
    " moment, line, item, priority",
    "sla_exclusions": "tenant_id, request_id, kind, confirmed_at",
    "sla_outcomes": "tenant_id, request_id, month, clock, run, outcome",
    "request_moves": "tenant_id, request_id, at, target, actor_side",
}
INDEXES = [
    "CREATE INDEX ix_sla_events_at ON sla_events (tenant_id, at)",
    "CREATE INDEX ix_sla_events_odd ON sla_events (tenant_id, request_id)"
    " WHERE event IN ('voided', 'agreed', 'merged')",
]
ACCESS = [
    *(policy(table, "granted_tenants", "coulisse_desk", MANY, "SELECT") for table in READ),
    *(f"GRANT SELECT ({columns}) ON {table} TO coulisse_desk" for table, columns in READ.items()),
]


def upgrade() -> None:
    run(INDEXES)
    run(ACCESS)
