"""Documents of a company, their versions, where they are filed, and how they end."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import LANGUAGES, one_of, timestamp
from tenants.scoping import TenantOwned

OUTCOMES = ("valid", "invalid", "not_validated")
ORIGINS = ("issued", "uploaded")
LISTED, PROPOSED, RELEASED, DELETED, KEPT = "listed", "proposed", "released", "deleted", "kept"
DISPOSAL_STATES = (LISTED, PROPOSED, RELEASED, DELETED, KEPT)
UNDECIDED = (LISTED, PROPOSED, RELEASED)


def of_document() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "document_id"], ["documents.tenant_id", "documents.id"]
    )


class DocumentFolder(TenantOwned, Model):
    """`code` names a folder of the plan that every company begins with; it keeps its name in every
    language until somebody gives it one."""

    __tablename__ = "document_folders"
    parent_id: Mapped[UUID | None] = mapped_column()
    level: Mapped[int] = mapped_column()
    code: Mapped[str] = mapped_column(Text, server_default="")
    name: Mapped[str] = mapped_column(Text, server_default="")
    position: Mapped[int] = mapped_column()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "parent_id"], ["document_folders.tenant_id", "document_folders.id"]
        ),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        CheckConstraint("(level = 1) = (parent_id IS NULL)", name="top"),
        CheckConstraint("code <> '' OR name <> ''", name="named"),
        Index("uq_document_folders_code", "tenant_id", "code", unique=True,
              postgresql_where=text("code <> ''")),
    )  # fmt: skip


class Document(TenantOwned, Model):
    """What a company keeps; `latest` is the number of the version that holds.

    `line` says who sees it: that of its request, or of its kind. `about_type` and `about_id` name
    what it was made of. `keep_until` is the last day on which it has to be kept, empty where no
    period is known, `lawful_until` that of the law alone; the year of `counts_from` is the one after
    which periods begin. Of a deleted one its number, its dates and its versions' hashes are left.
    """

    __tablename__ = "documents"
    number: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    folder_id: Mapped[UUID] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()
    about_type: Mapped[str] = mapped_column(Text, server_default="")
    about_id: Mapped[UUID | None] = mapped_column()
    dated: Mapped[date] = mapped_column()
    retention_class: Mapped[str] = mapped_column(Text)
    keep_until: Mapped[date | None] = mapped_column()
    lawful_until: Mapped[date | None] = mapped_column()
    counts_from: Mapped[date] = mapped_column()
    latest: Mapped[int] = mapped_column()
    held: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = timestamp()
    deleted_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "folder_id"], ["document_folders.tenant_id", "document_folders.id"]
        ),
        one_of("language", LANGUAGES),
        CheckConstraint("latest > 0", name="latest"),
        CheckConstraint("(about_type = '') = (about_id IS NULL)", name="about"),
        CheckConstraint("NOT (held AND deleted_at IS NOT NULL)", name="held_is_kept"),
        CheckConstraint("(title = '') = (deleted_at IS NOT NULL)", name="title"),
        Index("ix_documents_folder", "tenant_id", "folder_id", "id"),
        Index("ix_documents_request", "tenant_id", "request_id",
              postgresql_where=text("request_id IS NOT NULL")),
        Index("ix_documents_about", "tenant_id", "about_id",
              postgresql_where=text("about_id IS NOT NULL")),
        Index("ix_documents_keep_until", "tenant_id", "keep_until",
              postgresql_where=text("deleted_at IS NULL")),
        Index("ix_documents_title", "tenant_id", "title", postgresql_using="gin",
              postgresql_ops={"title": "gin_trgm_ops"}),
    )  # fmt: skip


class DocumentVersion(TenantOwned, Model):
    """Rows are added; the database lets nothing of them be changed but the file, which goes with a
    deleted document and takes its name along. `sha256` stays, so another file in its place is found
    out. `code` is what stands on the document for the verify page."""

    __tablename__ = "document_versions"
    document_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column()
    media_type: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID | None] = mapped_column()
    code: Mapped[str] = mapped_column(Text, default="", server_default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    issued_at: Mapped[datetime] = timestamp()
    issued_by: Mapped[UUID | None] = mapped_column()
    issued_by_name: Mapped[str] = mapped_column(Text)
    issued_side: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        of_document(),
        ForeignKeyConstraint(["tenant_id", "file_id"], ["files.tenant_id", "files.id"]),
        UniqueConstraint("tenant_id", "document_id", "number"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("size > 0", name="size"),
        one_of("language", LANGUAGES),
        one_of("origin", ORIGINS),
        Index("ix_document_versions_sha256", "tenant_id", "sha256"),
        Index("ix_document_versions_file", "tenant_id", "file_id"),
        Index("uq_document_versions_code", "tenant_id", "code", unique=True,
              postgresql_where=text("code <> ''")),
    )  # fmt: skip


class ValidationSlip(TenantOwned, Model):
    """What was checked of one version, when, with which rules and with what result. Never changed;
    a later check adds another."""

    __tablename__ = "validation_slips"
    version_id: Mapped[UUID] = mapped_column()
    sha256: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    outcome: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "version_id"], ["document_versions.tenant_id", "document_versions.id"]
        ),
        one_of("outcome", OUTCOMES),
        Index("ix_validation_slips_version", "tenant_id", "version_id", "at"),
    )


class DocumentHold(TenantOwned, Model):
    """Why a document must not be deleted, whatever its period; several may stand at once."""

    __tablename__ = "document_holds"
    document_id: Mapped[UUID] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = timestamp()
    placed_by_name: Mapped[str] = mapped_column(Text)
    lifted_at: Mapped[datetime | None] = timestamp(nullable=True)
    lifted_by_name: Mapped[str] = mapped_column(Text, server_default="")
    lifted_reason: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_document(),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_name = '')"
            " AND (lifted_at IS NULL) = (lifted_reason = '')",
            name="lifted",
        ),
        Index("ix_document_holds_document", "tenant_id", "document_id", "placed_at"),
    )


class DocumentDisposal(TenantOwned, Model):
    """A document whose period has ended, and what people decide of it: one proposes that it be
    deleted, another releases it, and the next night deletes it."""

    __tablename__ = "document_disposals"
    document_id: Mapped[UUID] = mapped_column()
    state: Mapped[str] = mapped_column(Text, server_default=LISTED)
    listed_at: Mapped[datetime] = timestamp()
    keep_until: Mapped[date] = mapped_column()
    proposed_by: Mapped[UUID | None] = mapped_column()
    proposed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    proposed_at: Mapped[datetime | None] = timestamp(nullable=True)
    released_by: Mapped[UUID | None] = mapped_column()
    released_by_name: Mapped[str] = mapped_column(Text, server_default="")
    released_at: Mapped[datetime | None] = timestamp(nullable=True)
    kept_by_name: Mapped[str] = mapped_column(Text, server_default="")
    kept_reason: Mapped[str] = mapped_column(Text, server_default="")
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_document(),
        one_of("state", DISPOSAL_STATES),
        CheckConstraint(
            "state NOT IN ('released', 'deleted')"
            " OR coalesce(released_by <> proposed_by, false)",
            name="four_eyes",
        ),
        CheckConstraint("(ended_at IS NULL) = (state NOT IN ('deleted', 'kept'))", name="ended"),
        CheckConstraint("state <> 'kept' OR kept_reason <> ''", name="kept"),
        Index("uq_document_disposals_open", "tenant_id", "document_id", unique=True,
              postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip


class DeletionCertificate(TenantOwned, Model):
    """That a document was deleted, after which period and on whose word: its hashes, no content."""

    __tablename__ = "deletion_certificates"
    number: Mapped[int] = mapped_column()
    document_id: Mapped[UUID] = mapped_column()
    document_number: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    dated: Mapped[date] = mapped_column()
    retention_class: Mapped[str] = mapped_column(Text)
    keep_until: Mapped[date] = mapped_column()
    versions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    proposed_by_name: Mapped[str] = mapped_column(Text)
    released_by_name: Mapped[str] = mapped_column(Text)
    deleted_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_document(),
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "document_id"),
    )


class RetentionExtension(TenantOwned, Model):
    """From `since` on the company keeps a class so many years, where the law asks for less; without
    `years` what the law asks for is enough again. Rows are added, never changed."""

    __tablename__ = "retention_extensions"
    name: Mapped[str] = mapped_column(Text)
    years: Mapped[int | None] = mapped_column()
    since: Mapped[date] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = timestamp()
    made_by: Mapped[UUID | None] = mapped_column()
    made_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("years BETWEEN 1 AND 100", name="years"),
        CheckConstraint("length(reason) BETWEEN 1 AND 500", name="reason"),
        Index("ix_retention_extensions_name", "tenant_id", "name", "since", "id"),
    )
