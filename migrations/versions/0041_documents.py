"""Documents, their versions and the slips that say what was checked."""

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    pass
