from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

IMPORT_STATES = (
    "reading", "refused", "previewed", "taking", "taken", "undoing", "undone", "dropped",
)  # fmt: skip
OUTCOMES = ("new", "changed", "same", "rejected")


class PartyImport(TenantOwned, Model):
    """One file of customers and suppliers: looked at first, then taken, perhaps taken back.
    `problem` is a Reason as JSON. Rows in are new, changed, same and rejected together."""

    __tablename__ = "party_imports"
    number: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID] = mapped_column()
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    job_id: Mapped[UUID | None] = mapped_column()
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    columns: Mapped[list[Any]] = mapped_column(JSONB)
    ignored: Mapped[list[Any]] = mapped_column(JSONB)
    rows_in: Mapped[int] = mapped_column(server_default="0")
    rows_new: Mapped[int] = mapped_column(server_default="0")
    rows_changed: Mapped[int] = mapped_column(server_default="0")
    rows_same: Mapped[int] = mapped_column(server_default="0")
    rows_rejected: Mapped[int] = mapped_column(server_default="0")
    rows_undone: Mapped[int] = mapped_column(server_default="0")
    rows_kept: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[UUID | None] = mapped_column()
    created_by_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = timestamp()
    taken_at: Mapped[datetime | None] = timestamp(nullable=True)
    taken_by_name: Mapped[str] = mapped_column(Text, server_default="")
    undone_at: Mapped[datetime | None] = timestamp(nullable=True)
    undone_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "file_id"], ["files.tenant_id", "files.id"]),
        UniqueConstraint("tenant_id", "number"),
        one_of("state", IMPORT_STATES),
        one_of("role", ("customer", "supplier")),
    )


class PartyImportRow(TenantOwned, Model):
    """What became of a line. `reasons` are [column, Reason as JSON]; `before` is what a changed party
    was, `version` the one that this import gave it: a later one means that somebody changed it."""

    __tablename__ = "party_import_rows"
    import_id: Mapped[UUID] = mapped_column()
    line: Mapped[int] = mapped_column()
    outcome: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, server_default="")
    changes: Mapped[list[Any]] = mapped_column(JSONB)
    reasons: Mapped[list[Any]] = mapped_column(JSONB)
    party_id: Mapped[UUID | None] = mapped_column()
    version: Mapped[int | None] = mapped_column()
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    taken: Mapped[bool] = mapped_column(server_default="false")
    undo: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["party_imports.tenant_id", "party_imports.id"]
        ),
        UniqueConstraint("tenant_id", "import_id", "line"),
        one_of("outcome", OUTCOMES),
        one_of("undo", ("", "undone", "changed_since", "in_use", "gone")),
        Index("ix_party_import_rows_outcome", "tenant_id", "import_id", "outcome", "line"),
    )
