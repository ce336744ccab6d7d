"""Saved views, drafts, text modules."""

from migrations.sql import run

revision = "0014"
down_revision = "0013"

STATEMENTS: list[str] = []


def upgrade() -> None:
    run(STATEMENTS)
