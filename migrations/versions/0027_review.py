"""Samples and findings of the quality check."""

from migrations.sql import run
from tenants.rls import MANY, PROVIDER, force, policy, tenant_table

revision = "0027"
down_revision = "0026"

OWNER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{OWNER}'::uuid AND {PROVIDER}"
)
# Whose work it was doesn't say how it stands.
ANOTHERS = (
    f"{PROVIDER} AND user_id IS DISTINCT FROM"
    " nullif(current_setting('app.user_id', true), '')::uuid"
)

TABLES = [
    """
    CREATE TABLE review_draws (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        submission INTEGER NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        operator_id UUID,
        operator_name TEXT NOT NULL,
        item TEXT NOT NULL,
        rate INTEGER NOT NULL,
        because TEXT NOT NULL,
        slip INTEGER NOT NULL,
        drawn BOOLEAN NOT NULL,
        raised_by UUID,
        CONSTRAINT pk_review_draws PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_review_draws_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT uq_review_draws_tenant_id_request_id_submission UNIQUE (tenant_id, request_id, submission),
        CONSTRAINT ck_review_draws_because CHECK (because IN ('always', 'returned', 'raised', 'operator', 'item', 'kind')),
        CONSTRAINT ck_review_draws_submission CHECK (submission > 0),
        CONSTRAINT ck_review_draws_rate CHECK (rate BETWEEN 0 AND 100),
        CONSTRAINT ck_review_draws_slip CHECK (slip BETWEEN 0 AND 9999),
        CONSTRAINT ck_review_draws_drawn CHECK (drawn = (slip < rate * 100)),
        CONSTRAINT fk_review_draws_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE review_rates (
        id UUID NOT NULL,
        item TEXT NOT NULL,
        user_id UUID,
        rate INTEGER NOT NULL,
        reason TEXT NOT NULL,
        set_at TIMESTAMP WITH TIME ZONE NOT NULL,
        set_by UUID NOT NULL,
        set_by_name TEXT NOT NULL,
        CONSTRAINT pk_review_rates PRIMARY KEY (id),
        CONSTRAINT uq_review_rates_item_user_id UNIQUE NULLS NOT DISTINCT (item, user_id),
        CONSTRAINT ck_review_rates_rate CHECK (rate BETWEEN 0 AND 100),
        CONSTRAINT ck_review_rates_reason CHECK (length(reason) BETWEEN 1 AND 500),
        CONSTRAINT fk_review_rates_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id)
    )
    """,
    """
    CREATE TABLE review_standings (
        user_id UUID NOT NULL,
        item TEXT NOT NULL,
        checks_left INTEGER DEFAULT 0 NOT NULL,
        since TIMESTAMP WITH TIME ZONE NOT NULL,
        client_id UUID NOT NULL,
        review_id UUID NOT NULL,
        CONSTRAINT pk_review_standings PRIMARY KEY (user_id, item),
        CONSTRAINT ck_review_standings_checks_left CHECK (checks_left >= 0),
        CONSTRAINT fk_review_standings_user_id FOREIGN KEY(user_id) REFERENCES staff (user_id),
        CONSTRAINT fk_review_standings_client_id FOREIGN KEY(client_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE review_findings (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        request_id UUID NOT NULL,
        review_id UUID NOT NULL,
        position INTEGER NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        operator_id UUID,
        line TEXT NOT NULL,
        item TEXT NOT NULL,
        kind TEXT NOT NULL,
        severity TEXT NOT NULL,
        body TEXT NOT NULL,
        fixed_at TIMESTAMP WITH TIME ZONE,
        fixed_by UUID,
        fixed_by_name TEXT DEFAULT '' NOT NULL,
        confirmed_at TIMESTAMP WITH TIME ZONE,
        confirmed_by UUID,
        confirmed_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_review_findings PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_review_findings_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_review_findings_tenant_id_review_id FOREIGN KEY(tenant_id, review_id) REFERENCES reviews (tenant_id, id),
        CONSTRAINT uq_review_findings_tenant_id_review_id_position UNIQUE (tenant_id, review_id, position),
        CONSTRAINT ck_review_findings_severity CHECK (severity IN ('minor', 'major', 'critical')),
        CONSTRAINT ck_review_findings_body CHECK (length(body) BETWEEN 1 AND 10000),
        CONSTRAINT ck_review_findings_confirmed CHECK (confirmed_at IS NULL OR fixed_at IS NOT NULL),
        CONSTRAINT ck_review_findings_four_eyes CHECK (confirmed_by IS NULL OR confirmed_by <> fixed_by),
        CONSTRAINT fk_review_findings_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
        CONSTRAINT fk_review_findings_line FOREIGN KEY(line) REFERENCES service_lines (code)
    )
    """,
    """
    CREATE INDEX ix_review_findings_at ON review_findings (tenant_id, at)
    """,
    """
    CREATE INDEX ix_review_findings_request ON review_findings (tenant_id, request_id, at)
    """,
    "CREATE INDEX ix_requests_delivered ON requests (tenant_id, delivered_at)"
    " WHERE delivered_at IS NOT NULL",
    "CREATE INDEX ix_reviews_request ON reviews (tenant_id, request_id, outcome)",
]

ACCESS = [
    *tenant_table("review_draws", rights="SELECT, INSERT", also=PROVIDER, desk=True),
    *tenant_table("review_findings", rights="SELECT, INSERT, UPDATE", also=PROVIDER, desk=True),
    policy("reviews", "granted_tenants", "coulisse_desk", MANY, "SELECT"),
    "GRANT SELECT (tenant_id, request_id, outcome) ON reviews TO coulisse_desk",
    *force("review_rates"),
    policy("review_rates", "read", "coulisse_app", PROVIDER, "SELECT"),
    policy("review_rates", "set", "coulisse_app", ACTS_AS_PROVIDER, "INSERT"),
    policy("review_rates", "changed", "coulisse_app", ACTS_AS_PROVIDER, "UPDATE"),
    policy("review_rates", "taken_back", "coulisse_app", ACTS_AS_PROVIDER, "DELETE"),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON review_rates TO coulisse_app",
    *force("review_standings"),
    policy("review_standings", "read", "coulisse_app", PROVIDER, "SELECT"),
    policy("review_standings", "found", "coulisse_app", ANOTHERS, "INSERT"),
    policy("review_standings", "checked", "coulisse_app", ANOTHERS, "UPDATE"),
    "GRANT SELECT, INSERT, UPDATE ON review_standings TO coulisse_app",
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
