"""invoice batches."""

revision = "0047"
down_revision = "0046"


def upgrade() -> None: ...


def downgrade() -> None: ...
