"""Items of the catalogue and their versions."""

from migrations.sql import run

revision = "0023"
down_revision = "0022"


MARKETING = [
    # Forced, its policies let even the owner only read.
    "ALTER TABLE service_lines NO FORCE ROW LEVEL SECURITY",
    "INSERT INTO service_lines (code) VALUES ('marketing')",
    "ALTER TABLE service_lines FORCE ROW LEVEL SECURITY",
]


def upgrade() -> None:
    run(MARKETING)
