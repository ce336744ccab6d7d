"""retention rules."""

revision = "0049"
down_revision = "0048"


def upgrade() -> None: ...


def downgrade() -> None: ...
