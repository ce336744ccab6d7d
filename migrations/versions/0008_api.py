"""Tokens and idempotency keys."""

from migrations.sql import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run([])
