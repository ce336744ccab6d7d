"""Items of the catalogue: the provider's own, the same for every client."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp

SHIPPED, OWN = "shipped", "own"


class CatalogueVersion(Model):
    """Written once, never changed. `version` counts within the item; `shipped_version` is that of
    the file which it came with."""

    __tablename__ = "catalogue_versions"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    origin: Mapped[str] = mapped_column(Text)
    shipped_version: Mapped[int | None] = mapped_column()
    note: Mapped[str] = mapped_column(Text, server_default="")
    made_by: Mapped[UUID | None] = mapped_column()
    made_by_name: Mapped[str] = mapped_column(Text, server_default="")
    made_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        one_of("origin", (SHIPPED, OWN)),
        CheckConstraint("origin = 'shipped' OR length(note) > 0", name="note"),
        CheckConstraint("(origin = 'shipped') = (shipped_version IS NOT NULL)", name="shipped"),
        UniqueConstraint("code", "shipped_version"),
    )


class CatalogueEntry(Model):
    """Which version holds for new requests, and whether there may be any. `kept_version` is a newer
    shipped one that the provider looked at and didn't want."""

    __tablename__ = "catalogue_items"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column()
    offered: Mapped[bool] = mapped_column(server_default=text("true"))
    kept_version: Mapped[int | None] = mapped_column()
    changed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        ForeignKeyConstraint(
            ["code", "version"], ["catalogue_versions.code", "catalogue_versions.version"]
        ),
    )
