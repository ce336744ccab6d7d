"""Items of the catalogue and their versions."""

from migrations.sql import run

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run(["INSERT INTO service_lines (code) VALUES ('marketing')"])
