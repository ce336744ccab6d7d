"""Profiles of bank CSV files."""

from migrations.sql import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run([])
