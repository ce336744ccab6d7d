"""The database looks at the jobs more often than at tables that only grow: each is changed three times
in seconds, and most are of the past."""

from migrations.sql import run

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run(
        [
            "ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.02,"
            " autovacuum_analyze_scale_factor = 0.02)"
        ]
    )
