"""Letterheads, templates, seals and what the public page of verification knows."""

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    pass
