"""Billing: usage ledger and hour totals, mirror of Stripe, webhook inbox."""

from migrations.sql import definer, run
from tenants.rls import force, policy, tenant_table

revision = "0003"
down_revision = "0002"

OWNED = "owner_tenant = nullif(current_setting('app.tenant_id', true), '')::uuid"
NOBODYS = "owner_tenant IS NULL AND state IN ('parked', 'ignored')"

TABLES = [
    """
    CREATE TABLE catalog_map (
        lookup_key TEXT NOT NULL, 
        plan_key TEXT NOT NULL, 
        plan_version INTEGER NOT NULL, 
        kind TEXT NOT NULL, 
        meter_key TEXT, 
        currency TEXT NOT NULL, 
        unit_amount NUMERIC NOT NULL, 
        stripe_price_id TEXT NOT NULL, 
        stripe_product_id TEXT NOT NULL, 
        stripe_meter_id TEXT, 
        CONSTRAINT pk_catalog_map PRIMARY KEY (lookup_key), 
        CONSTRAINT ck_catalog_map_kind CHECK (kind IN ('base', 'meter', 'tax'))
    )
    """,
    """
    CREATE TABLE billing_accounts (
        tenant_id UUID NOT NULL, 
        id UUID DEFAULT uuidv7() NOT NULL, 
        stripe_customer_id TEXT, 
        plan_key TEXT NOT NULL, 
        currency TEXT NOT NULL, 
        country TEXT NOT NULL, 
        billing_name TEXT NOT NULL, 
        billing_email TEXT NOT NULL, 
        requested_at TIMESTAMP WITH TIME ZONE NOT NULL, 
        invoiced_until TIMESTAMP WITH TIME ZONE, 
        has_payment_method BOOLEAN DEFAULT false NOT NULL, 
        sync_version INTEGER DEFAULT '0' NOT NULL, 
        synced_at TIMESTAMP WITH TIME ZONE, 
        customer_deleted_at TIMESTAMP WITH TIME ZONE, 
        CONSTRAINT pk_billing_accounts PRIMARY KEY (tenant_id, id), 
        CONSTRAINT uq_billing_accounts_tenant_id UNIQUE (tenant_id), 
        CONSTRAINT fk_billing_accounts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE stripe_customers (
        stripe_customer_id TEXT NOT NULL, 
        owner_tenant UUID NOT NULL, 
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
        CONSTRAINT pk_stripe_customers PRIMARY KEY (stripe_customer_id), 
        CONSTRAINT fk_stripe_customers_owner_tenant FOREIGN KEY(owner_tenant) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_stripe_customers_owner_tenant ON stripe_customers (owner_tenant)
    """,
    """
    CREATE TABLE stripe_invoice_lines (
        tenant_id UUID NOT NULL, 
        id UUID DEFAULT uuidv7() NOT NULL, 
        stripe_invoice_id TEXT NOT NULL, 
        stripe_line_id TEXT NOT NULL, 
        place INTEGER NOT NULL, 
        lookup_key TEXT DEFAULT '' NOT NULL, 
        description TEXT DEFAULT '' NOT NULL, 
        quantity NUMERIC, 
        unit_amount NUMERIC, 
        amount BIGINT NOT NULL, 
        currency TEXT NOT NULL, 
        period_start TIMESTAMP WITH TIME ZONE NOT NULL, 
        period_end TIMESTAMP WITH TIME ZONE NOT NULL, 
        sync_version INTEGER NOT NULL, 
        CONSTRAINT pk_stripe_invoice_lines PRIMARY KEY (tenant_id, id), 
        CONSTRAINT uq_stripe_invoice_lines_tenant_id_stripe_invoice_id_str_101e UNIQUE (tenant_id, stripe_invoice_id, stripe_line_id), 
        CONSTRAINT fk_stripe_invoice_lines_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE stripe_invoices (
        tenant_id UUID NOT NULL, 
        id UUID DEFAULT uuidv7() NOT NULL, 
        stripe_invoice_id TEXT NOT NULL, 
        stripe_subscription_id TEXT, 
        number TEXT, 
        status TEXT NOT NULL, 
        billing_reason TEXT DEFAULT '' NOT NULL, 
        currency TEXT NOT NULL, 
        subtotal BIGINT NOT NULL, 
        total_tax BIGINT NOT NULL, 
        total BIGINT NOT NULL, 
        amount_due BIGINT NOT NULL, 
        amount_paid BIGINT NOT NULL, 
        amount_remaining BIGINT NOT NULL, 
        invoiced_at TIMESTAMP WITH TIME ZONE NOT NULL, 
        period_start TIMESTAMP WITH TIME ZONE NOT NULL, 
        period_end TIMESTAMP WITH TIME ZONE NOT NULL, 
        due_at TIMESTAMP WITH TIME ZONE, 
        finalizes_at TIMESTAMP WITH TIME ZONE, 
        finalized_at TIMESTAMP WITH TIME ZONE, 
        paid_at TIMESTAMP WITH TIME ZONE, 
        voided_at TIMESTAMP WITH TIME ZONE, 
        attempt_count INTEGER DEFAULT '0' NOT NULL, 
        next_attempt_at TIMESTAMP WITH TIME ZONE, 
        hosted_url TEXT, 
        pdf_url TEXT, 
        sync_version INTEGER NOT NULL, 
        CONSTRAINT pk_stripe_invoices PRIMARY KEY (tenant_id, id), 
        CONSTRAINT uq_stripe_invoices_tenant_id_stripe_invoice_id UNIQUE (tenant_id, stripe_invoice_id), 
        CONSTRAINT fk_stripe_invoices_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_stripe_invoices_at ON stripe_invoices (tenant_id, invoiced_at, id)
    """,
    """
    CREATE TABLE subscription_items (
        tenant_id UUID NOT NULL, 
        id UUID DEFAULT uuidv7() NOT NULL, 
        stripe_subscription_id TEXT NOT NULL, 
        stripe_item_id TEXT NOT NULL, 
        lookup_key TEXT NOT NULL, 
        quantity BIGINT, 
        period_start TIMESTAMP WITH TIME ZONE NOT NULL, 
        period_end TIMESTAMP WITH TIME ZONE NOT NULL, 
        sync_version INTEGER NOT NULL, 
        CONSTRAINT pk_subscription_items PRIMARY KEY (tenant_id, id), 
        CONSTRAINT uq_subscription_items_tenant_id_stripe_item_id UNIQUE (tenant_id, stripe_item_id), 
        CONSTRAINT fk_subscription_items_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_subscription_items_subscription ON subscription_items (tenant_id, stripe_subscription_id)
    """,
    """
    CREATE TABLE subscriptions (
        tenant_id UUID NOT NULL, 
        id UUID DEFAULT uuidv7() NOT NULL, 
        stripe_subscription_id TEXT NOT NULL, 
        plan_key TEXT NOT NULL, 
        status TEXT NOT NULL, 
        started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
        cancel_at TIMESTAMP WITH TIME ZONE, 
        cancel_at_period_end BOOLEAN DEFAULT false NOT NULL, 
        canceled_at TIMESTAMP WITH TIME ZONE, 
        ended_at TIMESTAMP WITH TIME ZONE, 
        latest_invoice_id TEXT, 
        sync_version INTEGER NOT NULL, 
        CONSTRAINT pk_subscriptions PRIMARY KEY (tenant_id, id), 
        CONSTRAINT uq_subscriptions_tenant_id_stripe_subscription_id UNIQUE (tenant_id, stripe_subscription_id), 
        CONSTRAINT fk_subscriptions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE usage_buckets (
        tenant_id UUID NOT NULL, 
        id UUID DEFAULT uuidv7() NOT NULL, 
        meter_key TEXT NOT NULL, 
        hour TIMESTAMP WITH TIME ZONE NOT NULL, 
        total BIGINT NOT NULL, 
        revision INTEGER NOT NULL, 
        state TEXT NOT NULL, 
        sent_total BIGINT DEFAULT '0' NOT NULL, 
        sent_revision INTEGER DEFAULT '0' NOT NULL, 
        sent_at TIMESTAMP WITH TIME ZONE, 
        identifier TEXT DEFAULT '' NOT NULL, 
        error TEXT DEFAULT '' NOT NULL, 
        CONSTRAINT pk_usage_buckets PRIMARY KEY (tenant_id, id), 
        CONSTRAINT ck_usage_buckets_meter_key CHECK (meter_key IN ('statement_lines', 'operator_minutes')), 
        CONSTRAINT ck_usage_buckets_state CHECK (state IN ('dirty', 'sending', 'sent', 'rejected', 'closed')), 
        CONSTRAINT ck_usage_buckets_total CHECK (total >= 0), 
        CONSTRAINT ck_usage_buckets_sent_revision CHECK (sent_revision <= revision), 
        CONSTRAINT uq_usage_buckets_tenant_id_meter_key_hour UNIQUE (tenant_id, meter_key, hour), 
        CONSTRAINT fk_usage_buckets_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_usage_buckets_unsent ON usage_buckets (tenant_id, hour) WHERE state IN ('dirty', 'sending')
    """,
    """
    CREATE TABLE usage_events (
        tenant_id UUID NOT NULL, 
        id UUID DEFAULT uuidv7() NOT NULL, 
        meter_key TEXT NOT NULL, 
        quantity BIGINT NOT NULL, 
        occurred_at TIMESTAMP WITH TIME ZONE NOT NULL, 
        hour TIMESTAMP WITH TIME ZONE NOT NULL, 
        source_type TEXT NOT NULL, 
        source_id UUID NOT NULL, 
        source_rev INTEGER NOT NULL, 
        recorded_by UUID, 
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
        CONSTRAINT pk_usage_events PRIMARY KEY (tenant_id, id), 
        CONSTRAINT ck_usage_events_meter_key CHECK (meter_key IN ('statement_lines', 'operator_minutes')), 
        CONSTRAINT ck_usage_events_quantity CHECK (quantity <> 0), 
        CONSTRAINT uq_usage_events_tenant_id_meter_key_source_type_source__cfb9 UNIQUE (tenant_id, meter_key, source_type, source_id, source_rev), 
        CONSTRAINT fk_usage_events_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_usage_events_hour ON usage_events (tenant_id, meter_key, hour)
    """,
    """
    CREATE INDEX ix_usage_events_occurred ON usage_events (tenant_id, meter_key, occurred_at, id)
    """,
    """
    CREATE TABLE webhook_inbox (
        livemode BOOLEAN NOT NULL, 
        event_id TEXT NOT NULL, 
        type TEXT NOT NULL, 
        api_version TEXT DEFAULT '' NOT NULL, 
        stripe_created TIMESTAMP WITH TIME ZONE NOT NULL, 
        received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
        object_type TEXT DEFAULT '' NOT NULL, 
        object_id TEXT DEFAULT '' NOT NULL, 
        customer_id TEXT DEFAULT '' NOT NULL, 
        owner_tenant UUID, 
        payload JSONB NOT NULL, 
        state TEXT DEFAULT 'new' NOT NULL, 
        done_at TIMESTAMP WITH TIME ZONE, 
        CONSTRAINT pk_webhook_inbox PRIMARY KEY (livemode, event_id), 
        CONSTRAINT ck_webhook_inbox_state CHECK (state IN ('new', 'done', 'ignored', 'parked')), 
        CONSTRAINT ck_webhook_inbox_owner CHECK ((owner_tenant IS NULL) = (state IN ('parked', 'ignored'))), 
        CONSTRAINT fk_webhook_inbox_owner_tenant FOREIGN KEY(owner_tenant) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_webhook_inbox_new ON webhook_inbox (owner_tenant, received_at) WHERE state = 'new'
    """,
]

ACCESS = [
    *tenant_table("billing_accounts", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("subscriptions", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("subscription_items"),
    *tenant_table("usage_events", rights="SELECT, INSERT"),
    *tenant_table("usage_buckets", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("stripe_invoices"),
    *tenant_table("stripe_invoice_lines"),
    # a plan's parts are added once and never change
    *force("catalog_map"),
    policy("catalog_map", "reference", "coulisse_app", "true", "SELECT"),
    policy("catalog_map", "added", "coulisse_app", "true", "INSERT"),
    "GRANT SELECT, INSERT ON catalog_map TO coulisse_app",
    *force("stripe_customers"),
    policy("stripe_customers", "own_read", "coulisse_app", OWNED, "SELECT"),
    policy("stripe_customers", "own_link", "coulisse_app", OWNED, "INSERT"),
    policy("stripe_customers", "lookup", "coulisse_lookup", "true", "SELECT"),
    "GRANT SELECT, INSERT ON stripe_customers TO coulisse_app",
    "GRANT SELECT (stripe_customer_id, owner_tenant) ON stripe_customers TO coulisse_lookup",
    *force("webhook_inbox"),
    policy("webhook_inbox", "own_read", "coulisse_app", OWNED, "SELECT"),
    policy("webhook_inbox", "own_change", "coulisse_app", OWNED, "UPDATE"),
    policy("webhook_inbox", "arrival", "coulisse_app", f"{OWNED} OR ({NOBODYS})", "INSERT"),
    "GRANT SELECT, INSERT, UPDATE ON webhook_inbox TO coulisse_app",
]

FUNCTIONS = definer(
    "stripe_customer_owner",
    "p_customer text",
    "uuid",
    "SELECT owner_tenant FROM stripe_customers WHERE stripe_customer_id = p_customer",
    owner="coulisse_lookup",
)


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    run(FUNCTIONS)
