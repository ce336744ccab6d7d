from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.catalogue.parts import STEP_KINDS
from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


class ChecklistStep(TenantOwned, Model):
    """A step as it stood in the template or in the client's playbook when the request was raised.
    The provider's own: same policy as internal notes."""

    __tablename__ = "checklist_steps"
    request_id: Mapped[UUID] = mapped_column()
    position: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    needs: Mapped[str] = mapped_column(Text, default="", server_default="")
    mandatory: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    client_rule: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    template: Mapped[str] = mapped_column(Text)
    template_version: Mapped[int] = mapped_column()
    wait_until: Mapped[date | None] = mapped_column()
    done_at: Mapped[datetime | None] = timestamp(nullable=True)
    done_by: Mapped[UUID | None] = mapped_column()
    done_by_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    __table_args__ = (
        of_request(),
        one_of("kind", STEP_KINDS),
        UniqueConstraint("tenant_id", "request_id", "position"),
    )
