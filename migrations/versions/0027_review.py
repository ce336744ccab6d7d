"""Samples and findings of the quality check."""

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Nothing yet."""
