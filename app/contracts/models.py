from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class ContractVersion(TenantOwned, Model):
    """What holds from `valid_from` on, until a version with a higher number takes over. Nobody may
    change or delete a row: the table grants neither."""

    __tablename__ = "contract_versions"
    number: Mapped[int] = mapped_column()
    valid_from: Mapped[date] = mapped_column()
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(Text, server_default="")
    activated_at: Mapped[datetime] = timestamp()
    activated_by: Mapped[UUID | None] = mapped_column()
    activated_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)


class ContractDraft(TenantOwned, Model):
    """The next version while it is being written; one per company."""

    __tablename__ = "contract_drafts"
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(Text, server_default="")
    base_number: Mapped[int | None] = mapped_column()
    revision: Mapped[int] = mapped_column()
    changed_at: Mapped[datetime] = timestamp()
    changed_by_name: Mapped[str] = mapped_column(Text)
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads it as it is
    __table_args__ = (UniqueConstraint("tenant_id"),)
