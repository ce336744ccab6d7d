"""Prices agreed with a client in the place of the plan's: proposed by one person, decided by another."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0019"
down_revision = "0018"

TABLES = [
    """
    CREATE TABLE price_overrides (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        lookup_key TEXT NOT NULL,
        unit_amount NUMERIC NOT NULL,
        currency TEXT NOT NULL,
        starts_on DATE NOT NULL,
        ends_on DATE,
        reason TEXT NOT NULL,
        proposed_by UUID NOT NULL,
        proposed_by_name TEXT NOT NULL,
        proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        stripe_price_id TEXT,
        CONSTRAINT pk_price_overrides PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_price_overrides_tenant_id_id_proposed_by UNIQUE (tenant_id, id, proposed_by),
        CONSTRAINT ck_price_overrides_unit_amount CHECK (unit_amount >= 0),
        CONSTRAINT ck_price_overrides_reason CHECK (length(reason) > 0),
        CONSTRAINT ck_price_overrides_starts_on CHECK (extract(day FROM starts_on) = 1),
        CONSTRAINT ck_price_overrides_ends_on CHECK (ends_on > starts_on AND extract(day FROM ends_on) = 1),
        CONSTRAINT fk_price_overrides_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_price_overrides_start ON price_overrides (tenant_id, starts_on)
    """,
    """
    CREATE TABLE price_decisions (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        override_id UUID NOT NULL,
        proposed_by UUID NOT NULL,
        verdict TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        decided_by UUID NOT NULL,
        decided_by_name TEXT NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_price_decisions PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_price_decisions_tenant_id_override_id_proposed_by FOREIGN KEY(tenant_id, override_id, proposed_by) REFERENCES price_overrides (tenant_id, id, proposed_by),
        CONSTRAINT uq_price_decisions_tenant_id_override_id UNIQUE (tenant_id, override_id),
        CONSTRAINT ck_price_decisions_verdict CHECK (verdict IN ('approved', 'refused', 'withdrawn')),
        CONSTRAINT ck_price_decisions_checker_is_not_maker CHECK ((verdict = 'withdrawn') = (decided_by = proposed_by)),
        CONSTRAINT ck_price_decisions_reason CHECK (verdict <> 'refused' OR length(reason) > 0),
        CONSTRAINT fk_price_decisions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
]
ACCESS = [
    # The provider's administrators propose and decide. What was said stays; Stripe's id is added.
    *tenant_table(
        "price_overrides", rights="SELECT, INSERT, UPDATE (stripe_price_id)", content=False
    ),
    *tenant_table("price_decisions", rights="SELECT, INSERT", content=False),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
