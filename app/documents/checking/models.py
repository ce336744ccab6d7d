"""Rule packs that an administrator of the provider installed, for every company."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.documents.checking.packs import INSTALLABLE
from tenants.core.db import Model
from tenants.core.ids import uuid7
from tenants.models import one_of, timestamp


class RulePack(Model):
    """One rule set under one of the names that can be installed; of a name the one that wasn't
    removed holds. `content` is the XSLT, packed with gzip; `source_sha256` is that of the file it
    came in. Rows stay, so that a slip's version can always be found again."""

    __tablename__ = "rule_packs"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    source_name: Mapped[str] = mapped_column(Text)
    source_sha256: Mapped[str] = mapped_column(Text)
    rules: Mapped[int] = mapped_column()
    levels: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    installed_at: Mapped[datetime] = timestamp()
    installed_by_name: Mapped[str] = mapped_column(Text)
    removed_at: Mapped[datetime | None] = timestamp(nullable=True)
    removed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        one_of("name", tuple(INSTALLABLE)),
        CheckConstraint("version <> ''", name="version"),
        CheckConstraint("rules > 0", name="rules"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("source_sha256 ~ '^[0-9a-f]{64}$'", name="source_sha256"),
        CheckConstraint("(removed_at IS NULL) = (removed_by_name = '')", name="removed"),
        Index("uq_rule_packs_current", "name", unique=True,
              postgresql_where=text("removed_at IS NULL")),
    )  # fmt: skip
