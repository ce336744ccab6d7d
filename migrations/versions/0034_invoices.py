"""Invoices, credits, contests and what is agreed for them."""

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
