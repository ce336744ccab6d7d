"""What became of a company's access, and which mails went out about it."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

KINDS = ("access", "mail", "attention")


class BillingTransition(TenantOwned, Model):
    """Each `effect_key` happens once, however often its cause is looked at."""

    __tablename__ = "billing_transitions"
    at: Mapped[datetime] = timestamp()
    kind: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text, server_default="")
    after: Mapped[str] = mapped_column(Text, server_default="")
    reason: Mapped[str] = mapped_column(Text, server_default="")
    effect_key: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        one_of("kind", KINDS),
        UniqueConstraint("tenant_id", "effect_key"),
        Index("ix_billing_transitions_at", "tenant_id", "at"),
    )
