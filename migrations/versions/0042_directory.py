"""Customers and suppliers of a client company, their addresses, contacts and identifiers."""

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    pass
