from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class AssignmentRule(TenantOwned, Model):
    """Who gets the work of a line, or of one item of it (empty: of the whole line); the provider's
    own. First the operator, then the deputy, then whoever has the least; the skill is asked of each.
    """

    __tablename__ = "assignment_rules"
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    item: Mapped[str] = mapped_column(Text, server_default="")
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.user_id"))
    operator_name: Mapped[str] = mapped_column(Text, server_default="")
    deputy_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.user_id"))
    deputy_name: Mapped[str] = mapped_column(Text, server_default="")
    skill: Mapped[str] = mapped_column(Text, server_default="")
    by_load: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column()
    changed_at: Mapped[datetime] = timestamp()
    changed_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("tenant_id", "line", "item"),
        CheckConstraint("operator_id IS NOT NULL OR by_load", name="somebody"),
        CheckConstraint(
            "deputy_id IS NULL OR (operator_id IS NOT NULL AND deputy_id <> operator_id)",
            name="deputy",
        ),
    )


class Standin(TenantOwned, Model):
    """An absence of one of our people that was dealt with at this client, once: what was due before
    they are back went to others (`moved`) or found nobody (`left_over`)."""

    __tablename__ = "standins"
    absence_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"))
    at: Mapped[datetime] = timestamp()
    moved: Mapped[int] = mapped_column(server_default=text("0"))
    left_over: Mapped[int] = mapped_column(server_default=text("0"))
    __table_args__ = (UniqueConstraint("tenant_id", "absence_id"),)
