from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import LANGUAGES, one_of, timestamp
from tenants.scoping import TenantOwned

KINDS = ("letter", "list", "cover")
DRAFT, ISSUED, DISCARDED = "draft", "issued", "discarded"


class Letter(TenantOwned, Model):
    """A document that is written for a request: the provider's own until it is issued. Written
    again afterwards, it becomes the next version of the same document; `issued` is what the last
    one says."""

    __tablename__ = "letters"
    request_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=DRAFT)
    template_id: Mapped[UUID | None] = mapped_column()
    template_version: Mapped[int | None] = mapped_column()
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    closing: Mapped[str] = mapped_column(Text)
    field_values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    table_text: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column()
    written_at: Mapped[datetime] = timestamp()
    written_by_name: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID | None] = mapped_column()
    issued: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "template_id", "template_version"],
            [
                "document_template_versions.tenant_id",
                "document_template_versions.template_id",
                "document_template_versions.version",
            ],
        ),
        ForeignKeyConstraint(["tenant_id", "document_id"], ["documents.tenant_id", "documents.id"]),
        one_of("kind", KINDS),
        one_of("language", LANGUAGES),
        one_of("state", (DRAFT, ISSUED, DISCARDED)),
        CheckConstraint("state <> 'issued' OR document_id IS NOT NULL", name="issued"),
        CheckConstraint("(template_id IS NULL) = (template_version IS NULL)", name="template"),
        Index("ix_letters_request", "tenant_id", "request_id", "id"),
    )
