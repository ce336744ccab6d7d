"""Rule packs that an administrator installed."""

from migrations.sql import run
from tenants.rls import force, policy

revision = "0046"
down_revision = "0045"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)

TABLES = [
    """
    CREATE TABLE rule_packs (
        id UUID NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        source_name TEXT NOT NULL,
        source_sha256 TEXT NOT NULL,
        rules INTEGER NOT NULL,
        levels JSONB NOT NULL,
        content BYTEA NOT NULL,
        installed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        installed_by_name TEXT NOT NULL,
        removed_at TIMESTAMP WITH TIME ZONE,
        removed_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_rule_packs PRIMARY KEY (id),
        CONSTRAINT ck_rule_packs_name CHECK (name IN
            ('cen-cii', 'kosit-xrechnung-cii', 'kosit-xrechnung-ubl', 'peppol-ubl')),
        CONSTRAINT ck_rule_packs_version CHECK (version <> ''),
        CONSTRAINT ck_rule_packs_rules CHECK (rules > 0),
        CONSTRAINT ck_rule_packs_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        CONSTRAINT ck_rule_packs_source_sha256 CHECK (source_sha256 ~ '^[0-9a-f]{64}$'),
        CONSTRAINT ck_rule_packs_removed CHECK ((removed_at IS NULL) = (removed_by_name = ''))
    )
    """,
    "CREATE UNIQUE INDEX uq_rule_packs_current ON rule_packs (name) WHERE removed_at IS NULL",
]

ACCESS = [
    *force("rule_packs"),
    policy("rule_packs", "reference", "coulisse_app", "true", "SELECT"),
    policy("rule_packs", "added", "coulisse_app", ACTS_AS_PROVIDER, "INSERT"),
    policy("rule_packs", "removed", "coulisse_app", ACTS_AS_PROVIDER, "UPDATE"),
    "GRANT SELECT, INSERT ON rule_packs TO coulisse_app",
    "GRANT UPDATE (removed_at, removed_by_name) ON rule_packs TO coulisse_app",
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
