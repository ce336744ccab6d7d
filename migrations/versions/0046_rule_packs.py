"""Rule packs that an administrator installed."""

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    pass
