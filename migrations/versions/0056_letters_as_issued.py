"""What of a letter was issued, beside what is being written of it anew; files whose bytes went with a
document."""

from migrations.sql import run

revision = "0056"
down_revision = "0055"

# Of one that is being corrected nobody knows any more.
FILLED = """
    UPDATE letters SET issued = jsonb_build_object(
        'subject', subject, 'body', body, 'closing', closing, 'field_values', field_values,
        'table_text', table_text
    ) WHERE state = 'issued'
"""
STATEMENTS = [
    "ALTER TABLE letters ADD COLUMN issued JSONB",
    # The owner sees no row of a table whose row security is forced.
    "ALTER TABLE letters NO FORCE ROW LEVEL SECURITY",
    FILLED,
    "ALTER TABLE letters FORCE ROW LEVEL SECURITY",
    "ALTER TABLE files ADD COLUMN certificate INTEGER",
    "GRANT UPDATE (issued) ON letters TO coulisse_app",
    "GRANT UPDATE (certificate) ON files TO coulisse_app",
]


def upgrade() -> None:
    run(STATEMENTS)
