"""The contract of a client company: versions, targets, calendar, quotas, limits; offers and prices."""

from migrations.sql import run

revision = "0012"
down_revision = "0011"

STATEMENTS: list[str] = []


def upgrade() -> None:
    run(STATEMENTS)
