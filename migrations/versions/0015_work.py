"""Timers, locked months, checklists, playbooks."""

from migrations.sql import run

revision = "0015"
down_revision = "0014"

STATEMENTS: list[str] = []


def upgrade() -> None:
    run(STATEMENTS)
