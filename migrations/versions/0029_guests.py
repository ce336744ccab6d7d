"""Accountants and auditors as guests."""

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Nothing yet."""
