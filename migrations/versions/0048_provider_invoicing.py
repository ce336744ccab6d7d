"""provider invoicing."""

revision = "0048"
down_revision = "0047"


def upgrade() -> None: ...


def downgrade() -> None: ...
