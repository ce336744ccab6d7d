"""Second factors that an administrator resets."""

from migrations.sql import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run([])
