"""Who gets which work, and who stands in."""

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Nothing yet."""
