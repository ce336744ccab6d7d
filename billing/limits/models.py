"""More people or more room than the plan has, agreed with the provider until a day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from billing.limits.rules import FEATURES
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

VERDICTS = ("approved", "refused", "withdrawn")


class EntitlementOverride(TenantOwned, Model):
    """Counts once somebody else than who asked has approved it, until `expires_at`."""

    __tablename__ = "entitlement_overrides"
    feature: Mapped[str] = mapped_column(Text)
    value: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime] = timestamp()
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID] = mapped_column()
    asked_by_name: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = timestamp()
    verdict: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[UUID | None] = mapped_column()
    decided_by_name: Mapped[str] = mapped_column(Text, server_default="")
    decided_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("feature", FEATURES),
        CheckConstraint("value > 0", name="value"),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("expires_at > asked_at", name="expires_at"),
        one_of("verdict", VERDICTS),
        CheckConstraint(
            "(verdict IS NULL) = (decided_by IS NULL) AND (verdict IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint(
            "verdict IS NULL OR (verdict = 'withdrawn') = (decided_by = asked_by)",
            name="checker_is_not_maker",
        ),
        Index(
            "uq_entitlement_overrides_open", "tenant_id", "feature", unique=True,
            postgresql_where=text("verdict IS NULL"),
        ),
    )  # fmt: skip
