"""Mail that clients send, and what can't be trusted."""

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Nothing yet."""
