"""Plans by month and year, six meters, and what a subscription lets a company do."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0032"
down_revision = "0031"

METERS = (
    "'statement_lines', 'operator_minutes', 'payslips', 'invoices_issued', 'orders_handled',"
    " 'deliveries'"
)
TABLES = [
    "ALTER TABLE catalog_map ADD COLUMN included INTEGER DEFAULT '0' NOT NULL",
    "ALTER TABLE billing_accounts"
    " ADD COLUMN plan_version INTEGER DEFAULT '1' NOT NULL,"
    " ADD COLUMN interval TEXT DEFAULT 'month' NOT NULL,"
    " ADD COLUMN access_reason TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN access_since TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN attention TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN grace_since TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN export_until TIMESTAMP WITH TIME ZONE,"
    " ADD CONSTRAINT ck_billing_accounts_interval CHECK (interval IN ('month', 'year'))",
    "ALTER TABLE subscriptions"
    " ADD COLUMN trial_end TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN paused_reason TEXT DEFAULT '' NOT NULL,"
    " ADD COLUMN by_invoice BOOLEAN DEFAULT false NOT NULL",
    *(
        statement
        for table in ("usage_events", "usage_buckets")
        for statement in (
            f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_meter_key",
            f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_meter_key"
            f" CHECK (meter_key IN ({METERS}))",
        )
    ),
    # Whether work that isn't begun yet may begin: a late payment stops that before anything else.
    "ALTER TABLE tenants ADD COLUMN new_work BOOLEAN DEFAULT true NOT NULL",
    """
    CREATE TABLE billing_transitions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        kind TEXT NOT NULL,
        before TEXT DEFAULT '' NOT NULL,
        after TEXT DEFAULT '' NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        effect_key TEXT NOT NULL,
        CONSTRAINT pk_billing_transitions PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_billing_transitions_kind CHECK (kind IN ('access', 'mail', 'attention')),
        CONSTRAINT uq_billing_transitions_tenant_id_effect_key UNIQUE (tenant_id, effect_key),
        CONSTRAINT fk_billing_transitions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_billing_transitions_at ON billing_transitions (tenant_id, at)
    """,
]
ACCESS = [
    # what became of an account stays as it was
    *tenant_table("billing_transitions", rights="SELECT, INSERT", content=False),
    "GRANT SELECT (new_work) ON tenants TO coulisse_desk, coulisse_figures",
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
