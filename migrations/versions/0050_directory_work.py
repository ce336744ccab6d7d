"""directory work."""

revision = "0050"
down_revision = "0049"


def upgrade() -> None: ...


def downgrade() -> None: ...
