"""States and links of requests; the ledger of their clocks."""

from migrations.sql import run

revision = "0013"
down_revision = "0012"

STATEMENTS: list[str] = []


def upgrade() -> None:
    run(STATEMENTS)
