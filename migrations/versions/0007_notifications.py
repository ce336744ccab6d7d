"""What people want to be told by mail."""

from migrations.sql import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run([])
