"""Items of the catalogue and their versions."""

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Nothing yet."""
