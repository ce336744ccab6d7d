"""sales invoice api."""

revision = "0051"
down_revision = "0050"


def upgrade() -> None: ...


def downgrade() -> None: ...
