"""The operators' own tools. They belong to the provider, never to a client."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import LANGUAGES, one_of, timestamp
from tenants.scoping import TenantOwned

AFTER = ("next", "stay", "list")


class SavedView(TenantOwned, Model):
    """A filter of the queue under a name. Without an owner it is everybody's; `query` is what
    stands in the address."""

    __tablename__ = "saved_views"
    owner_id: Mapped[UUID | None] = mapped_column()
    name: Mapped[str] = mapped_column(Text)
    icon: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(server_default=text("0"))
    made_by_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 40", name="name"),
        Index("ix_saved_views_owner", "tenant_id", "owner_id", "position"),
    )


class DeskSettings(TenantOwned, Model):
    """How one person likes their desk; who never chose has no row."""

    __tablename__ = "desk_settings"
    user_id: Mapped[UUID] = mapped_column()
    default_view: Mapped[str] = mapped_column(Text, server_default="")
    after: Mapped[str] = mapped_column(Text, server_default="next")
    __table_args__ = (one_of("after", AFTER), UniqueConstraint("tenant_id", "user_id"))


class TextModule(TenantOwned, Model):
    """Words to begin a reply with, with places like {client}. Without an owner everybody's."""

    __tablename__ = "text_modules"
    owner_id: Mapped[UUID | None] = mapped_column()
    language: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    made_by_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        one_of("language", LANGUAGES),
        CheckConstraint("length(name) BETWEEN 1 AND 60", name="name"),
        CheckConstraint("length(body) BETWEEN 1 AND 5000", name="body"),
        Index("ix_text_modules_owner", "tenant_id", "owner_id", "name"),
    )
