"""Companies' facts, and when a grant was last used."""

from migrations.sql import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run([])
