"""Drafts of forms, document requests, approvals by several, watchers, ratings."""

from migrations.sql import run

revision = "0016"
down_revision = "0015"

STATEMENTS: list[str] = []


def upgrade() -> None:
    run(STATEMENTS)
