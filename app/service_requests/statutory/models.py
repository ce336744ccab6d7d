from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp


class DeadlineVersion(Model):
    """What the provider says of a statutory deadline in the place of what ships, or beside it: the
    highest revision counts. Without a document it is what ships, or nothing; a `withdrawn` one is not offered."""

    __tablename__ = "deadline_versions"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    withdrawn: Mapped[bool] = mapped_column(server_default=text("false"))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.user_id"))
    by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z]{2,3}[.][a-z0-9_]{1,60}$'", name="code"),
        CheckConstraint("length(note) > 0", name="note"),
    )
