"""Many invoices at once, and invoices that come again."""

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    pass
