"""What the provider's administrators see of billing over all companies: figures, by functions that
answer nobody else."""

from migrations.sql import definer, run
from tenants.rls import force, policy, tenant_table

revision = "0039"
down_revision = "0038"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"
ADMINISTERS = f"""({ACTS_AS_PROVIDER} AND EXISTS (
    SELECT FROM staff me WHERE me.user_id = {MINE} AND me.active AND me.role = 'provider_admin'))"""
# Nobody's address stands in a reason that is shown outside of its company.
SAFE = r"regexp_replace(left({}, 300), '\S+@\S+', '…', 'g')"

TABLES = [
    """
    CREATE TABLE billing_figures (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        month DATE NOT NULL,
        mrr_minor BIGINT NOT NULL,
        currency TEXT NOT NULL,
        noted_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_billing_figures PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_billing_figures_mrr_minor CHECK (mrr_minor >= 0),
        CONSTRAINT ck_billing_figures_first_day CHECK (extract(day FROM month) = 1),
        CONSTRAINT uq_billing_figures_tenant_id_month UNIQUE (tenant_id, month),
        CONSTRAINT fk_billing_figures_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE internal_rates (
        id UUID NOT NULL,
        user_id UUID,
        role TEXT DEFAULT '' NOT NULL,
        cents INTEGER NOT NULL,
        starts_on DATE NOT NULL,
        set_at TIMESTAMP WITH TIME ZONE NOT NULL,
        set_by UUID NOT NULL,
        set_by_name TEXT NOT NULL,
        CONSTRAINT pk_internal_rates PRIMARY KEY (id),
        CONSTRAINT ck_internal_rates_cents CHECK (cents BETWEEN 0 AND 100000),
        CONSTRAINT ck_internal_rates_first_day CHECK (extract(day FROM starts_on) = 1),
        CONSTRAINT ck_internal_rates_whose CHECK ((user_id IS NULL) = (role <> '')),
        CONSTRAINT fk_internal_rates_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id)
    )
    """,
    "CREATE INDEX ix_internal_rates_user_id ON internal_rates (user_id)",
    "CREATE INDEX ix_usage_buckets_rejected ON usage_buckets (tenant_id, hour)"
    " WHERE state = 'rejected'",
    "CREATE INDEX ix_stripe_invoices_unsettled ON stripe_invoices (tenant_id, status)"
    " WHERE status IN ('open', 'draft')",
]
READ = {
    "billing_accounts": "tenant_id, plan_key, plan_version, interval, currency, requested_at,"
    " invoiced_until, synced_at, access_since, access_reason, attention, stripe_customer_id",
    "subscriptions": "tenant_id, stripe_subscription_id, status, started_at, cancel_at,"
    " cancel_at_period_end, ended_at, trial_end",
    "subscription_items": "tenant_id, stripe_subscription_id, period_start, period_end",
    "usage_events": "tenant_id, meter_key, source_type, source_id, quantity",
    "usage_buckets": "tenant_id, meter_key, hour, total, state, error, sent_at",
    "stripe_invoices": "tenant_id, id, stripe_invoice_id, number, status, currency, subtotal, total,"
    " amount_remaining, invoiced_at, period_start, period_end, due_at, finalized_at, finalizes_at,"
    " attempt_count",
    "stripe_invoice_lines": "tenant_id, stripe_invoice_id, stripe_item_id, lookup_key, amount,"
    " period_start, period_end",
    "invoice_items": "tenant_id, amount, stripe_item_id",
    "price_overrides": "tenant_id, id, lookup_key, unit_amount, starts_on, ends_on",
    "price_decisions": "tenant_id, id, override_id, verdict, decided_at",
    "billing_transitions": "tenant_id, id, at, kind, before, after, reason",
    "plan_changes": "tenant_id, id, kind, state, reason, asked_at, asked_by_name",
    "reconcile_findings": "tenant_id, id, kind, subject, expected, actual, found_at, seen_at,"
    " resolved_at",
    "billing_figures": "tenant_id, month, mrr_minor",
    "stripe_customers": "stripe_customer_id, owner_tenant",
}
ACCESS = [
    *tenant_table("billing_figures", rights="SELECT, INSERT, UPDATE"),
    # The provider's own: set anew, never changed.
    *force("internal_rates"),
    policy("internal_rates", "own_read", "coulisse_app", ACTS_AS_PROVIDER, "SELECT"),
    policy("internal_rates", "own_set", "coulisse_app", ACTS_AS_PROVIDER, "INSERT"),
    "GRANT SELECT, INSERT ON internal_rates TO coulisse_app",
    *(policy(table, "figures", "coulisse_figures", "true", "SELECT") for table in READ),
    *(
        f"GRANT SELECT ({columns}) ON {table} TO coulisse_figures"
        for table, columns in READ.items()
    ),
    "GRANT SELECT (id, line, merged_into, time_step) ON requests TO coulisse_figures",
    "GRANT SELECT (request_id, billable) ON time_entries TO coulisse_figures",
    "GRANT SELECT (tenant_id, month, line, amount, state, issued_at) ON credits TO coulisse_figures",
    "GRANT SELECT (state, error) ON outbox TO coulisse_figures",
    policy("webhook_inbox", "figures", "coulisse_figures", "true"),
    "GRANT SELECT (event_id, type, customer_id, object_type, object_id, received_at, state,"
    " owner_tenant), UPDATE (state, owner_tenant) ON webhook_inbox TO coulisse_figures",
]

COMPANIES = definer(
    "billing_companies",
    "p_now timestamptz",
    "TABLE (tenant_id uuid, slug text, name text, code text, colour text, state text,"
    " access_state text, plan_key text, plan_version integer, base_interval text, currency text,"
    " requested_at timestamptz, invoiced_until timestamptz, synced_at timestamptz,"
    " access_since timestamptz, access_reason text, attention text, status text,"
    " started_at timestamptz, trial_end timestamptz, cancel_at timestamptz, ending boolean,"
    " ended_at timestamptz, period_start timestamptz, period_end timestamptz,"
    " open_count integer, open_minor bigint, overdue_count integer, overdue_minor bigint,"
    " items_minor bigint, draft_at timestamptz)",
    f"""
    SELECT t.id, t.slug, t.name, t.code, t.colour, t.state, t.access_state,
        a.plan_key, a.plan_version, a.interval, a.currency, a.requested_at, a.invoiced_until,
        a.synced_at, a.access_since, a.access_reason, a.attention,
        s.status, s.started_at, s.trial_end, s.cancel_at,
        coalesce(s.cancel_at_period_end OR s.cancel_at IS NOT NULL, false), s.ended_at,
        p.starts, p.ends, v.n::int, v.minor::bigint, v.late::int, v.late_minor::bigint,
        w.minor::bigint, v.draft_at
    FROM tenants t
    LEFT JOIN billing_accounts a ON a.tenant_id = t.id
    LEFT JOIN LATERAL (
        SELECT * FROM (SELECT x.stripe_subscription_id, x.status, x.started_at, x.trial_end,
            x.cancel_at, x.cancel_at_period_end, x.ended_at
            FROM subscriptions x WHERE x.tenant_id = t.id) x
        ORDER BY x.status IN ('canceled', 'incomplete_expired'), x.started_at DESC LIMIT 1) s
        ON true
    LEFT JOIN LATERAL (
        SELECT max(i.period_start) AS starts, min(i.period_end) AS ends FROM subscription_items i
        WHERE i.tenant_id = t.id AND i.stripe_subscription_id = s.stripe_subscription_id) p ON true
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x.status = 'open' AND x.amount_remaining > 0) AS n,
            coalesce(sum(x.amount_remaining) FILTER (WHERE x.status = 'open'), 0) AS minor,
            count(*) FILTER (WHERE x.overdue) AS late,
            coalesce(sum(x.amount_remaining) FILTER (WHERE x.overdue), 0) AS late_minor,
            min(coalesce(x.finalizes_at, x.period_end)) FILTER (WHERE x.status = 'draft') AS draft_at
        FROM (SELECT i.status, i.amount_remaining, i.finalizes_at, i.period_end,
                i.status = 'open' AND i.amount_remaining > 0
                AND (i.due_at < p_now OR i.due_at IS NULL AND i.attempt_count > 0) AS overdue
            FROM stripe_invoices i WHERE i.tenant_id = t.id AND i.status IN ('open', 'draft')) x
        ) v ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(m.amount), 0) AS minor FROM invoice_items m WHERE m.tenant_id = t.id
        AND NOT EXISTS (SELECT FROM stripe_invoice_lines l
            WHERE l.tenant_id = t.id AND l.stripe_item_id = m.stripe_item_id)) w ON true
    WHERE t.kind = 'client' AND {ADMINISTERS}
    ORDER BY t.name
    """,
    owner="coulisse_figures",
)
# By month in UTC: what was used, and what of that stands on no final invoice.
USAGE = definer(
    "billing_usage",
    "p_now timestamptz",
    "TABLE (tenant_id uuid, meter_key text, month date, quantity bigint, unbilled bigint)",
    f"""
    SELECT t.id, b.meter_key, date_trunc('month', b.hour AT TIME ZONE 'UTC')::date,
        sum(b.total)::bigint,
        coalesce(sum(b.total) FILTER (
            WHERE a.invoiced_until IS NULL OR b.hour >= a.invoiced_until), 0)::bigint
    FROM tenants t
    JOIN billing_accounts a ON a.tenant_id = t.id
    JOIN usage_buckets b ON b.tenant_id = t.id AND b.hour >= date_trunc('month',
        least(p_now, coalesce(a.invoiced_until, a.requested_at)) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
    WHERE t.kind = 'client' AND {ADMINISTERS}
    GROUP BY 1, 2, 3
    """,
    owner="coulisse_figures",
)
# Billable minutes on work that goes on, rounded as agreed, less what was recorded as usage.
PENDING = definer(
    "billing_pending_minutes",
    "",
    "TABLE (tenant_id uuid, minutes bigint)",
    f"""
    SELECT t.id, sum(greatest(0,
        ceil(e.minutes::numeric / r.time_step) * r.time_step - coalesce(u.quantity, 0)))::bigint
    FROM tenants t
    JOIN requests r ON r.tenant_id = t.id AND r.merged_into IS NULL
        AND r.state NOT IN ('closed', 'cancelled')
    JOIN LATERAL (
        SELECT sum(x.minutes) AS minutes FROM time_entries x
        WHERE x.tenant_id = t.id AND x.billable AND (x.request_id = r.id OR x.request_id IN (
            SELECT m.id FROM requests m WHERE m.tenant_id = t.id AND m.merged_into = r.id))) e ON true
    LEFT JOIN LATERAL (
        SELECT sum(x.quantity) AS quantity FROM usage_events x
        WHERE x.tenant_id = t.id AND x.meter_key = 'operator_minutes'
        AND x.source_type = 'request' AND x.source_id = r.id) u ON true
    WHERE t.kind = 'client' AND {ADMINISTERS} AND e.minutes > 0
    GROUP BY t.id
    """,
    owner="coulisse_figures",
)
PRICES = definer(
    "billing_agreed_prices",
    "",
    "TABLE (tenant_id uuid, id uuid, lookup_key text, unit_amount numeric, starts_on date,"
    " ends_on date, decision_id uuid, decided_at timestamptz)",
    f"""
    SELECT o.tenant_id, o.id, o.lookup_key, o.unit_amount, o.starts_on, o.ends_on, d.id, d.decided_at
    FROM tenants t
    JOIN price_overrides o ON o.tenant_id = t.id
    JOIN price_decisions d ON d.tenant_id = t.id AND d.override_id = o.id AND d.verdict = 'approved'
    WHERE t.kind = 'client' AND {ADMINISTERS}
    """,
    owner="coulisse_figures",
)
HISTORY = definer(
    "billing_history",
    "p_from date, p_until date",
    "TABLE (tenant_id uuid, month date, mrr_minor bigint)",
    f"""
    SELECT f.tenant_id, f.month, f.mrr_minor
    FROM tenants t
    JOIN billing_figures f ON f.tenant_id = t.id AND f.month >= p_from AND f.month < p_until
    WHERE t.kind = 'client' AND {ADMINISTERS}
    """,
    owner="coulisse_figures",
)
INVOICES = definer(
    "billing_invoices",
    "p_tenant uuid, p_unpaid boolean, p_now timestamptz",
    "TABLE (tenant_id uuid, stripe_invoice_id text, number text, status text, currency text,"
    " subtotal bigint, total bigint, amount_remaining bigint, invoiced_at timestamptz,"
    " period_start timestamptz, period_end timestamptz, due_at timestamptz, overdue boolean)",
    f"""
    SELECT i.tenant_id, i.stripe_invoice_id, i.number, i.status, i.currency, i.subtotal, i.total,
        i.amount_remaining, i.invoiced_at, i.period_start, i.period_end, i.due_at,
        coalesce(i.status = 'open' AND i.amount_remaining > 0
            AND (i.due_at < p_now OR i.due_at IS NULL AND i.attempt_count > 0), false)
    FROM tenants t
    JOIN stripe_invoices i ON i.tenant_id = t.id
        AND (NOT p_unpaid OR i.status = 'open' AND i.amount_remaining > 0)
    WHERE t.kind = 'client' AND (p_tenant IS NULL OR t.id = p_tenant) AND {ADMINISTERS}
    ORDER BY i.invoiced_at DESC, i.id DESC LIMIT 2000
    """,
    owner="coulisse_figures",
)
TRANSITIONS = definer(
    "billing_course",
    "p_tenant uuid",
    "TABLE (at timestamptz, kind text, before text, after text, reason text)",
    f"""
    SELECT b.at, b.kind, b.before, b.after, b.reason
    FROM tenants t JOIN (
        SELECT x.tenant_id, x.id, x.at, x.kind, x.before, x.after, x.reason
        FROM billing_transitions x
        UNION ALL
        SELECT p.tenant_id, p.id, p.asked_at, p.kind, p.asked_by_name, p.state, p.reason
        FROM plan_changes p WHERE p.kind = 'end') b ON b.tenant_id = t.id
    WHERE t.kind = 'client' AND t.id = p_tenant AND {ADMINISTERS}
    ORDER BY b.at DESC, b.id DESC LIMIT 100
    """,
    owner="coulisse_figures",
)
FINDINGS = definer(
    "billing_findings",
    "p_tenant uuid, p_resolved boolean",
    "TABLE (tenant_id uuid, id uuid, kind text, subject text, expected text, actual text,"
    " found_at timestamptz, seen_at timestamptz, resolved_at timestamptz)",
    f"""
    SELECT f.tenant_id, f.id, f.kind, f.subject, f.expected, f.actual, f.found_at, f.seen_at,
        f.resolved_at
    FROM tenants t
    JOIN reconcile_findings f ON f.tenant_id = t.id AND (f.resolved_at IS NOT NULL) = p_resolved
    WHERE t.kind = 'client' AND (p_tenant IS NULL OR t.id = p_tenant) AND {ADMINISTERS}
    ORDER BY coalesce(f.resolved_at, f.found_at) DESC, f.id DESC LIMIT 500
    """,
    owner="coulisse_figures",
)
LETTERS = [
    *definer(
        "billing_dead_jobs",
        "",
        "TABLE (tenant_id uuid, job_id uuid, name text, effect_id uuid, verb text, reason text,"
        " created_at timestamptz, finished_at timestamptz, failures integer)",
        f"""
        SELECT t.id, j.id, j.name, o.id, coalesce(o.verb, ''),
            {SAFE.format("coalesce(o.error, '')")},
            j.created_at, j.finished_at, j.failures
        FROM tenants t
        JOIN jobs j ON j.tenant_id = t.id AND j.state = 'quarantined' AND j.queue = 'billing'
        LEFT JOIN outbox o ON o.tenant_id = t.id AND o.id = j.subject_id AND o.kind = 'stripe'
        WHERE t.kind = 'client' AND {ADMINISTERS}
        ORDER BY j.finished_at DESC NULLS LAST, j.id DESC LIMIT 500
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "billing_rejected_hours",
        "",
        "TABLE (tenant_id uuid, meter_key text, hour timestamptz, total bigint, reason text)",
        f"""
        SELECT t.id, b.meter_key, b.hour, b.total, {SAFE.format("b.error")}
        FROM tenants t JOIN usage_buckets b ON b.tenant_id = t.id AND b.state = 'rejected'
        WHERE t.kind = 'client' AND {ADMINISTERS}
        ORDER BY b.hour DESC, t.id, b.meter_key LIMIT 500
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "billing_parked_events",
        "",
        "TABLE (event_id text, type text, customer_id text, object_type text, object_id text,"
        " received_at timestamptz, owner uuid)",
        f"""
        SELECT e.event_id, e.type, e.customer_id, e.object_type, e.object_id, e.received_at,
            c.owner_tenant
        FROM webhook_inbox e
        LEFT JOIN stripe_customers c ON c.stripe_customer_id = e.customer_id
        WHERE e.state = 'parked' AND {ADMINISTERS}
        ORDER BY e.received_at DESC, e.event_id LIMIT 500
        """,
        owner="coulisse_figures",
    ),
    # Once whose it is: theirs, and looked at by a job of theirs, as if it had come just now.
    *definer(
        "unpark_event",
        "p_event text",
        "bigint",
        f"""
        WITH known AS (
            UPDATE webhook_inbox e SET state = 'new', owner_tenant = c.owner_tenant
            FROM stripe_customers c
            WHERE e.event_id = p_event AND e.state = 'parked'
            AND c.stripe_customer_id = e.customer_id AND {ADMINISTERS}
            RETURNING e.event_id, c.owner_tenant),
        added AS (
            INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, actor_id,
                max_attempts)
            SELECT known.owner_tenant, uuidv7(), 'billing.sync_customer', 'billing',
                jsonb_build_object('event_id', known.event_id), 'event:' || known.event_id, {MINE}, 12
            FROM known ON CONFLICT ON CONSTRAINT uq_jobs_tenant_id_idempotency_key DO NOTHING
            RETURNING 1)
        SELECT count(*) FROM known
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "put_event_aside",
        "p_event text",
        "bigint",
        f"""
        WITH aside AS (
            UPDATE webhook_inbox e SET state = 'ignored'
            WHERE e.event_id = p_event AND e.state = 'parked' AND {ADMINISTERS} RETURNING 1)
        SELECT count(*) FROM aside
        """,
        owner="coulisse_figures",
    ),
]
MARGIN = [
    # Final invoices without tax, by price and the period that they are for.
    *definer(
        "billing_revenue",
        "p_from timestamptz, p_until timestamptz",
        "TABLE (tenant_id uuid, lookup_key text, starts timestamptz, ends timestamptz, minor bigint)",
        f"""
        SELECT t.id, l.lookup_key, l.period_start, l.period_end, sum(l.amount)::bigint
        FROM tenants t
        JOIN stripe_invoices i ON i.tenant_id = t.id AND i.status IN ('open', 'paid', 'uncollectible')
        JOIN stripe_invoice_lines l ON l.tenant_id = t.id
            AND l.stripe_invoice_id = i.stripe_invoice_id
            AND l.period_start < p_until AND l.period_end >= p_from
        WHERE t.kind = 'client' AND {ADMINISTERS}
        GROUP BY 1, 2, 3, 4
        """,
        owner="coulisse_figures",
    ),
    # Given back, before tax, in the month that it is for.
    *definer(
        "billing_credits",
        "p_from date, p_until date",
        "TABLE (tenant_id uuid, month date, line text, minor bigint)",
        f"""
        SELECT t.id, coalesce(c.month, date_trunc('month', c.issued_at AT TIME ZONE 'UTC')::date),
            c.line, sum(c.amount)::bigint
        FROM tenants t
        JOIN credits c ON c.tenant_id = t.id AND c.state = 'issued'
            AND coalesce(c.month, c.issued_at::date) >= p_from
            AND coalesce(c.month, c.issued_at::date) < p_until
        WHERE t.kind = 'client' AND {ADMINISTERS}
        GROUP BY 1, 2, 3
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "billing_time",
        "p_from date, p_until date",
        "TABLE (tenant_id uuid, month date, user_id uuid, line text, minutes bigint,"
        " billable bigint)",
        f"""
        SELECT t.id, date_trunc('month', e.worked_on)::date, e.user_id, r.line,
            sum(e.minutes)::bigint, coalesce(sum(e.minutes) FILTER (WHERE e.billable), 0)::bigint
        FROM tenants t
        JOIN time_entries e ON e.tenant_id = t.id AND e.worked_on >= p_from AND e.worked_on < p_until
        JOIN requests r ON r.tenant_id = t.id AND r.id = e.request_id
        WHERE t.kind = 'client' AND {ADMINISTERS}
        GROUP BY 1, 2, 3, 4
        """,
        owner="coulisse_figures",
    ),
    *definer(
        "billing_time_entries",
        "p_tenant uuid, p_from date, p_until date, p_line text",
        "TABLE (worked_on date, user_id uuid, line text, minutes bigint, billable bigint)",
        f"""
        SELECT e.worked_on, e.user_id, r.line, sum(e.minutes)::bigint,
            coalesce(sum(e.minutes) FILTER (WHERE e.billable), 0)::bigint
        FROM tenants t
        JOIN time_entries e ON e.tenant_id = t.id AND e.worked_on >= p_from AND e.worked_on < p_until
        JOIN requests r ON r.tenant_id = t.id AND r.id = e.request_id
            AND (p_line = '' OR r.line = p_line)
        WHERE t.kind = 'client' AND t.id = p_tenant AND {ADMINISTERS}
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        owner="coulisse_figures",
    ),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
    for functions in (COMPANIES, USAGE, PENDING, PRICES, HISTORY, INVOICES, TRANSITIONS, FINDINGS):
        run(functions)
    run(LETTERS)
    run(MARGIN)
