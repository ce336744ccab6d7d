"""Notices to a client's own systems."""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Nothing yet."""
