"""How far the provider has asked Stripe for what happened."""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class BillingCursor(TenantOwned, Model):
    """Everything that happened before `reached_at` was asked for. The provider's own alone."""

    __tablename__ = "billing_cursors"
    name: Mapped[str] = mapped_column(Text)
    reached_at: Mapped[datetime] = timestamp()
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)
