"""How usage reaches Stripe: by which kind of meter, and what no meter takes any more. What happened
there is asked for as well, and told to the companies that it is about."""

from migrations.sql import definer, run
from tenants.rls import policy, tenant_table

revision = "0037"
down_revision = "0036"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)
FINDINGS = (
    "'ledger', 'usage_at_stripe', 'usage_invoiced', 'subscriptions', 'unpriced', 'rejected',"
    " 'unbilled', 'effect', 'orphan', 'catalogue', 'parked'"
)
TABLES = [
    "ALTER TABLE catalog_map ADD COLUMN sink TEXT,"
    " ADD CONSTRAINT ck_catalog_map_sink CHECK (sink IN ('totals', 'deltas'))",
    "ALTER TABLE usage_buckets"
    " ADD COLUMN claimed_revision INTEGER,"
    " ADD COLUMN claimed_total BIGINT,"
    " ADD COLUMN claimed_at TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE invoice_items"
    " ADD COLUMN period_start TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN period_end TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE webhook_inbox ADD COLUMN source TEXT DEFAULT 'push' NOT NULL,"
    " ADD CONSTRAINT ck_webhook_inbox_source CHECK (source IN ('push', 'backfill'))",
    "ALTER TABLE reconcile_findings DROP CONSTRAINT ck_reconcile_findings_kind,"
    f" ADD CONSTRAINT ck_reconcile_findings_kind CHECK (kind IN ({FINDINGS}))",
    """
    CREATE TABLE billing_cursors (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        name TEXT NOT NULL,
        reached_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_billing_cursors PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_billing_cursors_tenant_id_name UNIQUE (tenant_id, name),
        CONSTRAINT fk_billing_cursors_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE stripe_disputes (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        stripe_dispute_id TEXT NOT NULL,
        stripe_invoice_id TEXT DEFAULT '' NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        status TEXT NOT NULL,
        opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        due_at TIMESTAMP WITH TIME ZONE,
        fetched_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_stripe_disputes PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_stripe_disputes_tenant_id_stripe_dispute_id UNIQUE (tenant_id, stripe_dispute_id),
        CONSTRAINT fk_stripe_disputes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE usage_adjustments (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        meter_key TEXT NOT NULL,
        period_start TIMESTAMP WITH TIME ZONE NOT NULL,
        period_end TIMESTAMP WITH TIME ZONE NOT NULL,
        source_type TEXT NOT NULL,
        source_id UUID NOT NULL,
        quantity BIGINT NOT NULL,
        charged BIGINT NOT NULL,
        unit_amount NUMERIC NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        reason TEXT NOT NULL,
        recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_usage_adjustments PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_usage_adjustments_meter_key CHECK (meter_key IN ('statement_lines', 'operator_minutes', 'payslips', 'invoices_issued', 'orders_handled', 'deliveries')),
        CONSTRAINT ck_usage_adjustments_reason CHECK (reason IN ('too_old', 'ended')),
        CONSTRAINT ck_usage_adjustments_quantity CHECK (quantity > 0 AND charged BETWEEN 0 AND quantity),
        CONSTRAINT fk_usage_adjustments_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_usage_adjustments_period ON usage_adjustments (tenant_id, meter_key, period_start)
    """,
]
ACCESS = [
    # what is charged once stays as it was charged
    *tenant_table("usage_adjustments", rights="SELECT, INSERT"),
    *tenant_table("stripe_disputes", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("billing_cursors", rights="SELECT, INSERT, UPDATE"),
    policy("stripe_customers", "filing", "coulisse_figures", "true", "SELECT"),
    "GRANT SELECT (stripe_customer_id, owner_tenant) ON stripe_customers TO coulisse_figures",
    policy("webhook_inbox", "filing", "coulisse_figures", "true", "INSERT"),
    policy("webhook_inbox", "filed", "coulisse_figures", "true", "SELECT"),
    policy("webhook_inbox", "known_by_now", "coulisse_figures", "true", "UPDATE"),
    "GRANT SELECT (livemode, event_id, owner_tenant, state), UPDATE (owner_tenant, state), INSERT (livemode, event_id, type, api_version,"
    " stripe_created, object_type, object_id, customer_id, owner_tenant, payload, source, state)"
    " ON webhook_inbox TO coulisse_figures",
]
JOBS = "tenant_id, id, name, queue, args, idempotency_key, max_attempts"
# Events that a company never heard of, in its own inbox with the same job as if they had come, and those
# that came before their customer was known; with a `job` they are the provider's. Only the provider's own work may call it.
FILE_EVENTS = definer(
    "file_stripe_events",
    "p_events jsonb",
    "TABLE (tenant_id uuid)",
    f"""
    WITH given AS (
        SELECT g.*, CASE WHEN g.job <> '' THEN '{PROVIDER}'::uuid ELSE c.owner_tenant END AS owner
        FROM jsonb_to_recordset(p_events) AS g (livemode boolean, event_id text, type text,
            api_version text, stripe_created timestamptz, object_type text, object_id text,
            customer_id text, payload jsonb, job text, ours boolean)
        LEFT JOIN stripe_customers c ON c.stripe_customer_id = g.customer_id AND g.ours
        WHERE g.job IN ('', 'billing.read_meter_report', 'billing.read_dispute')
        AND {ACTS_AS_PROVIDER}
    ), kept AS (
        INSERT INTO webhook_inbox (livemode, event_id, type, api_version, stripe_created,
            object_type, object_id, customer_id, owner_tenant, payload, source, state)
        SELECT livemode, event_id, type, api_version, stripe_created, object_type, object_id,
            customer_id, owner, payload, 'backfill',
            CASE WHEN owner IS NOT NULL THEN 'new' WHEN customer_id = '' THEN 'ignored'
                ELSE 'parked' END
        FROM given ON CONFLICT DO NOTHING RETURNING event_id, owner_tenant
    ), known_by_now AS (
        UPDATE webhook_inbox e SET owner_tenant = g.owner, state = 'new' FROM given g
        WHERE e.livemode = g.livemode AND e.event_id = g.event_id AND e.state = 'parked'
        AND g.owner IS NOT NULL
        RETURNING e.event_id, e.owner_tenant
    )
    INSERT INTO jobs ({JOBS})
    SELECT k.owner_tenant, uuidv7(), coalesce(nullif(g.job, ''), 'billing.sync_customer'),
        'billing', jsonb_build_object('event_id', k.event_id), 'event:' || k.event_id, 12
    FROM (SELECT * FROM kept UNION ALL SELECT * FROM known_by_now) k
    JOIN given g ON g.event_id = k.event_id
    WHERE k.owner_tenant IS NOT NULL
    ON CONFLICT ON CONSTRAINT uq_jobs_tenant_id_idempotency_key DO NOTHING
    RETURNING jobs.tenant_id
    """,
    owner="coulisse_figures",
)
# What Stripe told the provider, told on to the companies that it is about.
TELL = definer(
    "tell_billing",
    "p_told jsonb",
    "TABLE (tenant_id uuid)",
    f"""
    INSERT INTO jobs ({JOBS})
    SELECT t.id, uuidv7(), g.job, 'billing', g.args, g.key, 12
    FROM jsonb_to_recordset(p_told) AS g (tenant_id uuid, job text, key text, args jsonb)
    JOIN tenants t ON t.id = g.tenant_id AND t.kind = 'client'
    WHERE g.job IN ('billing.take_back_rejected', 'billing.note_dispute') AND {ACTS_AS_PROVIDER}
    ON CONFLICT ON CONSTRAINT uq_jobs_tenant_id_idempotency_key DO NOTHING
    RETURNING jobs.tenant_id
    """,
    owner="coulisse_figures",
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(FILE_EVENTS)
    run(TELL)
