"""What our people can do and when they are away. It belongs to the provider, never to a client."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

KINDS = ("holiday", "ill", "training", "other")


class StaffSkill(TenantOwned, Model):
    __tablename__ = "staff_skills"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"))
    skill: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("length(skill) BETWEEN 1 AND 40", name="skill"),
        UniqueConstraint("tenant_id", "user_id", "skill"),
    )


class Absence(TenantOwned, Model):
    """Days and half days: `from_noon` leaves out the first morning, `until_noon` the last afternoon.
    `starts_at` and `ends_at` are the same in the office's zone. Of the reason only its kind stands
    here. A cancelled one is kept."""

    __tablename__ = "absences"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"))
    kind: Mapped[str] = mapped_column(Text)
    first: Mapped[date] = mapped_column()
    from_noon: Mapped[bool] = mapped_column(server_default=text("false"))
    last: Mapped[date] = mapped_column()
    until_noon: Mapped[bool] = mapped_column(server_default=text("false"))
    starts_at: Mapped[datetime] = timestamp()
    ends_at: Mapped[datetime] = timestamp()
    made_at: Mapped[datetime] = timestamp()
    made_by_name: Mapped[str] = mapped_column(Text)
    cancelled_at: Mapped[datetime | None] = timestamp(nullable=True)
    cancelled_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        one_of("kind", KINDS),
        CheckConstraint("ends_at > starts_at", name="ends_at"),
        Index("ix_absences_user", "tenant_id", "user_id", "ends_at",
              postgresql_where=text("cancelled_at IS NULL")),
    )  # fmt: skip
