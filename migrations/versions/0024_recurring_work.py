"""Work that comes again by itself."""

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Nothing yet."""
