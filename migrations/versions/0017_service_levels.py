"""Frozen months and credits."""

from migrations.sql import run

revision = "0017"
down_revision = "0016"

STATEMENTS: list[str] = []


def upgrade() -> None:
    run(STATEMENTS)
