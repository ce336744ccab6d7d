from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class FormDraft(TenantOwned, Model):
    """A form that somebody began: theirs alone by the policy of this table, one for each item.

    `values` are what was typed, as it was typed: it is checked when the form is sent.
    """

    __tablename__ = "form_drafts"
    user_id: Mapped[UUID] = mapped_column()
    item: Mapped[str] = mapped_column(Text)
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (UniqueConstraint("tenant_id", "user_id", "item"),)
