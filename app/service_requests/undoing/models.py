from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class UndoStep(TenantOwned, Model):
    """How a request was before an act that its doer can take back; several of one batch go back
    together. `version` is the request's after the act: a later one stops the undo. `ledger_seq` is the
    last row of its clocks' ledger before."""

    __tablename__ = "undo_steps"
    batch_id: Mapped[UUID] = mapped_column()
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column()
    ledger_seq: Mapped[int] = mapped_column()
    at: Mapped[datetime] = timestamp()
    undone_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_request(),
        Index("ix_undo_steps_batch", "tenant_id", "user_id", "batch_id"),
    )
