"""What a company's documents look like and what they say; every version of a text is kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.documents.printing.letterheads import FONTS
from app.documents.templating.fields import KINDS
from tenants.core.db import Model
from tenants.models import LANGUAGES, one_of, timestamp
from tenants.scoping import TenantOwned


class LetterheadRow(TenantOwned, Model):
    """One a company. `named` lets the public page say whose documents these are."""

    __tablename__ = "letterheads"
    colour: Mapped[str] = mapped_column(Text)
    font: Mapped[str] = mapped_column(Text)
    sender: Mapped[list[Any]] = mapped_column(JSONB)
    footer: Mapped[list[Any]] = mapped_column(JSONB)
    logo_kind: Mapped[str] = mapped_column(Text, default="", server_default="")
    logo_file_id: Mapped[UUID | None] = mapped_column()
    named: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    version: Mapped[int] = mapped_column()
    changed_at: Mapped[datetime] = timestamp()
    changed_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        ForeignKeyConstraint(["tenant_id", "logo_file_id"], ["files.tenant_id", "files.id"]),
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
        one_of("font", tuple(FONTS)),
        one_of("logo_kind", ("", "png", "svg")),
        CheckConstraint("(logo_kind = '') = (logo_file_id IS NULL)", name="logo"),
    )


class DocumentTemplate(TenantOwned, Model):
    __tablename__ = "document_templates"
    kind: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    archived_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "language", "name"),
        one_of("kind", tuple(KINDS)),
        one_of("language", LANGUAGES),
    )


class DocumentTemplateVersion(TenantOwned, Model):
    __tablename__ = "document_template_versions"
    template_id: Mapped[UUID] = mapped_column()
    version: Mapped[int] = mapped_column()
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    closing: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "template_id"], ["document_templates.tenant_id", "document_templates.id"]
        ),
        UniqueConstraint("tenant_id", "template_id", "version"),
    )
