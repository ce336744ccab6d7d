"""Rules learned from confirmed matches."""

from migrations.sql import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run([])
