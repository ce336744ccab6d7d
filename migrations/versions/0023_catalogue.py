"""Items of the catalogue and their versions: the provider's own, for every client."""

from migrations.sql import definer, run
from tenants.rls import force, policy

revision = "0023"
down_revision = "0022"

PROVIDER = "00000000-0000-7000-8000-000000000001"
ACTS_AS_PROVIDER = (
    f"nullif(current_setting('app.tenant_id', true), '')::uuid = '{PROVIDER}'::uuid"
    " AND current_setting('app.side', true) = 'provider'"
)

MINE = "nullif(current_setting('app.user_id', true), '')::uuid"
ADMINISTERS = f"""({ACTS_AS_PROVIDER} AND EXISTS (
    SELECT FROM staff me WHERE me.user_id = {MINE} AND me.active AND me.role = 'provider_admin'))"""

MARKETING = [
    # Forced, its policies let even the owner only read.
    "ALTER TABLE service_lines NO FORCE ROW LEVEL SECURITY",
    "INSERT INTO service_lines (code) VALUES ('marketing')",
    "ALTER TABLE service_lines FORCE ROW LEVEL SECURITY",
]

TABLES = [
    """
    CREATE TABLE catalogue_versions (
        code TEXT NOT NULL,
        version INTEGER NOT NULL,
        document JSONB NOT NULL,
        origin TEXT NOT NULL,
        shipped_version INTEGER,
        note TEXT DEFAULT '' NOT NULL,
        made_by UUID,
        made_by_name TEXT DEFAULT '' NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_catalogue_versions PRIMARY KEY (code, version),
        CONSTRAINT ck_catalogue_versions_origin CHECK (origin IN ('shipped', 'own')),
        CONSTRAINT ck_catalogue_versions_note CHECK (origin = 'shipped' OR length(note) > 0),
        CONSTRAINT ck_catalogue_versions_shipped
            CHECK ((origin = 'shipped') = (shipped_version IS NOT NULL)),
        CONSTRAINT uq_catalogue_versions_code_shipped_version UNIQUE (code, shipped_version)
    )
    """,
    """
    CREATE TABLE catalogue_items (
        code TEXT NOT NULL,
        version INTEGER NOT NULL,
        offered BOOLEAN DEFAULT true NOT NULL,
        kept_version INTEGER,
        changed_by_name TEXT DEFAULT '' NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_catalogue_items PRIMARY KEY (code),
        CONSTRAINT fk_catalogue_items_code_version FOREIGN KEY(code, version)
            REFERENCES catalogue_versions (code, version)
    )
    """,
    "ALTER TABLE requests ADD COLUMN item_version INTEGER DEFAULT 1 NOT NULL",
]

ACCESS = [
    *force("catalogue_versions"),
    policy("catalogue_versions", "reference", "coulisse_app, coulisse_desk", "true", "SELECT"),
    policy(
        "catalogue_versions", "own", "coulisse_app", f"{ACTS_AS_PROVIDER} AND origin = 'own'",
        "INSERT",
    ),
    "GRANT SELECT, INSERT ON catalogue_versions TO coulisse_app",
    "GRANT SELECT ON catalogue_versions TO coulisse_desk",
    *force("catalogue_items"),
    policy("catalogue_items", "reference", "coulisse_app, coulisse_desk", "true", "SELECT"),
    policy("catalogue_items", "begun", "coulisse_app", ACTS_AS_PROVIDER, "INSERT"),
    policy("catalogue_items", "changed", "coulisse_app", ACTS_AS_PROVIDER, "UPDATE"),
    "GRANT SELECT, INSERT, UPDATE ON catalogue_items TO coulisse_app",
    "GRANT SELECT ON catalogue_items TO coulisse_desk",
]  # fmt: skip


USE = [
    "GRANT SELECT (item, raised_at) ON requests TO coulisse_figures",
    *definer(
        "catalogue_use",
        "p_since timestamptz",
        "TABLE (item text, requests bigint)",
        f"""
        SELECT r.item, count(*) FROM requests r
        WHERE r.raised_at >= p_since AND {ADMINISTERS} GROUP BY r.item
        """,
        owner="coulisse_figures",
    ),
]


def upgrade() -> None:
    run(MARKETING)
    run(TABLES)
    run(ACCESS)
    run(USE)
