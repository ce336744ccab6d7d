"""A client's report of a month, what was sealed of it, and the files made of that."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_file
from tenants.core.db import Model
from tenants.models import LANGUAGES, one_of, timestamp
from tenants.scoping import TenantOwned

DRAFT, REVIEWED, SENT, ACKNOWLEDGED = "draft", "reviewed", "sent", "acknowledged"
STATES = (DRAFT, REVIEWED, SENT, ACKNOWLEDGED)
KINDS = ("pdf", "csv")


class ServiceReport(TenantOwned, Model):
    """`remarks` are words about single lines. While it is a draft its figures are counted anew each
    time; `sealed` is the revision of the seal that holds them since, whose writer and checker are
    two people. `version` rises with every change."""

    __tablename__ = "service_reports"
    month: Mapped[date] = mapped_column()
    state: Mapped[str] = mapped_column(Text, server_default=DRAFT)
    version: Mapped[int] = mapped_column()
    prepared_at: Mapped[datetime] = timestamp()
    prepared_by_name: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, server_default="")
    remarks: Mapped[dict[str, str]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'")
    )
    written_at: Mapped[datetime | None] = timestamp(nullable=True)
    written_by: Mapped[UUID | None] = mapped_column()
    written_by_name: Mapped[str] = mapped_column(Text, server_default="")
    sealed: Mapped[int | None] = mapped_column()
    sent_at: Mapped[datetime | None] = timestamp(nullable=True)
    sent_by_name: Mapped[str] = mapped_column(Text, server_default="")
    acknowledged_at: Mapped[datetime | None] = timestamp(nullable=True)
    acknowledged_by: Mapped[UUID | None] = mapped_column()
    acknowledged_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as it is
    __table_args__ = (
        one_of("state", STATES),
        CheckConstraint("extract(day FROM month) = 1", name="first_day"),
        CheckConstraint("(sealed IS NULL) = (state = 'draft')", name="sealed"),
        CheckConstraint("(sent_at IS NULL) = (state IN ('draft', 'reviewed'))", name="sent"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (state <> 'acknowledged')", name="acknowledged"
        ),
        UniqueConstraint("tenant_id", "month"),
    )

    @property
    def name(self) -> str:
        return self.month.strftime("%Y-%m")

    @property
    def out(self) -> bool:
        """The client has it."""
        return self.sent_at is not None


class ReportSeal(TenantOwned, Model):
    """Rows are added, never changed. `sha256` is of the content (`content.py`)."""

    __tablename__ = "service_report_seals"
    report_id: Mapped[UUID] = mapped_column()
    revision: Mapped[int] = mapped_column()
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(Text)
    written_by: Mapped[UUID] = mapped_column()
    reviewed_at: Mapped[datetime] = timestamp()
    reviewed_by: Mapped[UUID] = mapped_column()
    reviewed_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "report_id"], ["service_reports.tenant_id", "service_reports.id"]
        ),
        CheckConstraint("reviewed_by <> written_by", name="two_people"),
        UniqueConstraint("tenant_id", "report_id", "revision"),
    )


class ReportFile(TenantOwned, Model):
    """Of one seal, in one of the languages of the company's documents."""

    __tablename__ = "service_report_files"
    report_id: Mapped[UUID] = mapped_column()
    revision: Mapped[int] = mapped_column()
    language: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID] = mapped_column()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "report_id", "revision"],
            [
                "service_report_seals.tenant_id",
                "service_report_seals.report_id",
                "service_report_seals.revision",
            ],
        ),
        of_file(),
        one_of("language", LANGUAGES),
        one_of("kind", KINDS),
        UniqueConstraint("tenant_id", "report_id", "revision", "language", "kind"),
    )
