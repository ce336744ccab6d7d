"""The ledger of the clocks, whose rows are added and never changed, and what is said about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from app.service_requests.sla.clock import CLOCKS, EVENTS
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

OUTCOMES = ("upheld", "declined")
EXCLUSIONS = ("spam", "force_majeure")


class SlaEvent(TenantOwned, Model):
    """`question_id` is the question or the document request that a pause waits for; `voids` the
    pause that counts after all, or the stop that was taken back; `moment` a missed cut-off, a
    promised date or an earlier start. `line`, `item` and `priority` are the request's of that time."""

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
    line: Mapped[str] = mapped_column(Text, server_default="")
    item: Mapped[str] = mapped_column(Text, server_default="")
    priority: Mapped[str] = mapped_column(Text, server_default="")
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
        Index("ix_sla_events_at", "tenant_id", "at"),
        Index(
            "ix_sla_events_odd",
            "tenant_id",
            "request_id",
            postgresql_where=text("event IN ('voided', 'agreed', 'merged')"),
        ),
    )


class SlaContest(TenantOwned, Model):
    """The client's objection to a pause; a reviewer upholds it, which voids the pause, or says why
    not."""

    __tablename__ = "sla_contests"
    request_id: Mapped[UUID] = mapped_column()
    pause_id: Mapped[UUID] = mapped_column()
    words: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    outcome: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, server_default="")
    decided_by: Mapped[UUID | None] = mapped_column()
    decided_by_name: Mapped[str] = mapped_column(Text, server_default="")
    decided_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_request(),
        ForeignKeyConstraint(["tenant_id", "pause_id"], ["sla_events.tenant_id", "sla_events.id"]),
        one_of("outcome", OUTCOMES),
        CheckConstraint("length(words) > 0", name="words"),
        CheckConstraint("outcome <> 'declined' OR length(answer) > 0", name="answer"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided"),
        UniqueConstraint("tenant_id", "pause_id"),
        Index("ix_sla_contests_request", "tenant_id", "request_id", "at"),
    )


class SlaExclusion(TenantOwned, Model):
    """Why a request counts for nothing in the statistics, where its own history doesn't say so.
    Force majeure takes two people: a reviewer, and an administrator of the provider."""

    __tablename__ = "sla_exclusions"
    request_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    confirmed_by: Mapped[UUID | None] = mapped_column()
    confirmed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    confirmed_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_request(),
        one_of("kind", EXCLUSIONS),
        CheckConstraint("length(words) > 0", name="words"),
        CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by IS DISTINCT FROM by_id", name="two_people"
        ),
        UniqueConstraint("tenant_id", "request_id", "kind"),
    )
