"""The ledger of the clocks: rows are added, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from app.service_requests.sla.clock import CLOCKS, EVENTS
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


class SlaEvent(TenantOwned, Model):
    """`question_id` is the question or the document request that a pause waits for; `voids` the
    pause that counts after all; `moment` a missed cut-off, a promised date or an earlier start."""

    __tablename__ = "sla_events"
    request_id: Mapped[UUID] = mapped_column()
    seq: Mapped[int] = mapped_column()
    clock: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    reason: Mapped[str] = mapped_column(Text, server_default="")
    question_id: Mapped[UUID | None] = mapped_column()
    voids: Mapped[UUID | None] = mapped_column()
    moment: Mapped[datetime | None] = timestamp(nullable=True)
    actor_id: Mapped[UUID | None] = mapped_column()
    actor_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        of_request(),
        ForeignKeyConstraint(["tenant_id", "voids"], ["sla_events.tenant_id", "sla_events.id"]),
        one_of("clock", CLOCKS),
        one_of("event", EVENTS),
        CheckConstraint("event <> 'paused' OR clock = 'resolution'", name="first_never_pauses"),
        CheckConstraint(
            "event <> 'paused' OR reason <> 'waiting_client' OR question_id IS NOT NULL",
            name="pause_has_question",
        ),
        CheckConstraint("(event = 'voided') = (voids IS NOT NULL)", name="voids"),
        CheckConstraint(
            "(event IN ('moved', 'agreed', 'merged')) = (moment IS NOT NULL)", name="moment"
        ),
        UniqueConstraint("tenant_id", "request_id", "seq"),
    )
