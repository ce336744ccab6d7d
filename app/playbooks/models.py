from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class Playbook(TenantOwned, Model):
    """What has to be known of one client for one kind of work; `item` is empty for a whole line.
    The provider's own: same policy as internal notes."""

    __tablename__ = "playbooks"
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    item: Mapped[str] = mapped_column(Text, server_default="")
    rules: Mapped[str] = mapped_column(Text)
    steps: Mapped[list[str]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column()
    changed_at: Mapped[datetime] = timestamp()
    changed_by_name: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime] = timestamp()
    confirmed_by: Mapped[UUID | None] = mapped_column()
    confirmed_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("tenant_id", "line", "item"),)


class PlaybookVersion(TenantOwned, Model):
    """What a playbook said before and says now, each as it was written."""

    __tablename__ = "playbook_versions"
    playbook_id: Mapped[UUID] = mapped_column()
    version: Mapped[int] = mapped_column()
    rules: Mapped[str] = mapped_column(Text)
    steps: Mapped[list[Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = timestamp()
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "playbook_id"], ["playbooks.tenant_id", "playbooks.id"]),
        UniqueConstraint("tenant_id", "playbook_id", "version"),
    )
