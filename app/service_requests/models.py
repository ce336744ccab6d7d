from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.transitions import ENDED, STATES
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

PRIORITIES = ("urgent", "high", "normal", "low")
SIDES = ("client", "provider", "system")
DEGREES = ("low", "normal", "high")
SCOPES = ("in_scope", "quota_used_up", "out_of_scope", "agreed")
# When nothing runs that could be missed: after every real time, in every index.
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


def of_request() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"])


def moved_elsewhere() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "moved_to"], ["requests.tenant_id", "requests.number"]
    )


def of_file() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "file_id"], ["files.tenant_id", "files.id"])


class ServiceRequest(TenantOwned, Model):
    """`version` rises with every change: forms carry it, so that a stale one answers 409.

    `item_version` is the version of the catalogue's item that holds for it as long as it lives.
    `respond_by`, `due_at` and `breach_at` are what the clock's ledger gives, kept for indexes: the
    first response is due (empty when given), the resolution is, and what still runs is missed.
    `warn_at` is when somebody is warned next, `terms_number` the contract's version counted by.
    `requester_id` is the client's person for whom an operator raised it. `merged_into` stands in
    merged requests and duplicates. `waiting_for` names the third party. As it was agreed when it was
    raised, `inputs_due_on` is the cut-off of the client's inputs, and billed time is rounded up to
    `time_step` minutes.
    """

    __tablename__ = "requests"
    number: Mapped[int] = mapped_column()
    item: Mapped[str] = mapped_column(Text)
    item_version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    title: Mapped[str] = mapped_column(Text)
    form: Mapped[dict[str, Any]] = mapped_column(JSONB)
    priority: Mapped[str] = mapped_column(Text, server_default="normal")
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    raised_by: Mapped[UUID | None] = mapped_column()
    raised_by_name: Mapped[str] = mapped_column(Text)
    raised_side: Mapped[str] = mapped_column(Text)
    assignee_id: Mapped[UUID | None] = mapped_column()
    assignee_name: Mapped[str] = mapped_column(Text, server_default="")
    preparer_id: Mapped[UUID | None] = mapped_column()
    due_at: Mapped[datetime] = timestamp()
    raised_at: Mapped[datetime] = timestamp()
    state_since: Mapped[datetime] = timestamp()
    steps_done: Mapped[int] = mapped_column(default=0, server_default="0")
    steps_total: Mapped[int | None] = mapped_column()
    delivered_at: Mapped[datetime | None] = timestamp(nullable=True)
    closed_at: Mapped[datetime | None] = timestamp(nullable=True)
    respond_by: Mapped[datetime | None] = timestamp(nullable=True)
    first_response_at: Mapped[datetime | None] = timestamp(nullable=True)
    breach_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("'9000-01-01 00:00:00+00'")
    )
    warn_at: Mapped[datetime | None] = timestamp(nullable=True)
    # The shares told of each run of a clock.
    warned: Mapped[dict[str, list[int]]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'")
    )
    terms_number: Mapped[int | None] = mapped_column()
    estimate_minutes: Mapped[int] = mapped_column(server_default=text("0"))
    planned_for: Mapped[date | None] = mapped_column()
    waiting_for: Mapped[str] = mapped_column(Text, server_default="")
    snoozed_until: Mapped[datetime | None] = timestamp(nullable=True)
    snoozed_by: Mapped[UUID | None] = mapped_column()
    merged_into: Mapped[UUID | None] = mapped_column()
    reopened_count: Mapped[int] = mapped_column(server_default=text("0"))
    requester_id: Mapped[UUID | None] = mapped_column()
    requester_name: Mapped[str] = mapped_column(Text, server_default="")
    impact: Mapped[str | None] = mapped_column(Text)
    urgency: Mapped[str | None] = mapped_column(Text)
    proposed_priority: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text, server_default="in_scope")
    inputs_due_on: Mapped[date | None] = mapped_column()
    time_step: Mapped[int] = mapped_column(server_default=text("1"))
    raised_by_guest: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as it is
    __table_args__ = (
        one_of("state", tuple(STATES)),
        one_of("priority", PRIORITIES),
        one_of("raised_side", SIDES),
        one_of("impact", DEGREES),
        one_of("urgency", DEGREES),
        one_of("proposed_priority", PRIORITIES),
        one_of("scope", SCOPES),
        CheckConstraint("time_step BETWEEN 1 AND 60", name="time_step"),
        UniqueConstraint("tenant_id", "number"),
        ForeignKeyConstraint(["tenant_id", "merged_into"], ["requests.tenant_id", "requests.id"]),
        Index("ix_requests_title", "tenant_id", "title", postgresql_using="gin",
              postgresql_ops={"title": "gin_trgm_ops"}),
        # Beside the key what the desk's counts, orders and usual filters ask for: they need no row.
        Index("ix_requests_queue", "tenant_id", "breach_at", "id",
              postgresql_include=["line", "state", "due_at", "raised_at", "state_since",
                                  "snoozed_until", "assignee_id"],
              postgresql_where=text(f"state NOT IN {ENDED}")),
        Index("ix_requests_warn", "tenant_id", "warn_at",
              postgresql_where=text("warn_at IS NOT NULL")),
        Index("ix_requests_merged", "tenant_id", "merged_into",
              postgresql_where=text("merged_into IS NOT NULL")),
        Index("ix_requests_state", "tenant_id", "state", "due_at", "id"),
        Index("ix_requests_item", "tenant_id", "item", "raised_at"),
        Index("ix_requests_delivered", "tenant_id", "delivered_at",
              postgresql_where=text("delivered_at IS NOT NULL")),
    )  # fmt: skip

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED


class RequestMove(TenantOwned, Model):
    """The history: who moved the request, from where to where, and why."""

    __tablename__ = "request_moves"
    request_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = timestamp()
    verb: Mapped[str] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[UUID | None] = mapped_column()
    actor_name: Mapped[str] = mapped_column(Text)
    actor_side: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (of_request(), Index("ix_request_moves_at", "tenant_id", "request_id", "at"))


class ClientMessage(TenantOwned, Model):
    """`mail` stands in what came by mail: `quoted` is the history below it, `refused` the files that
    were not taken, `sender` its address, `accepted_by` the operator who vouched for it."""

    __tablename__ = "client_messages"
    request_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = timestamp()
    author_id: Mapped[UUID | None] = mapped_column()
    author_name: Mapped[str] = mapped_column(Text)
    author_side: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    copied_from: Mapped[UUID | None] = mapped_column()
    mail: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    by_guest: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    __table_args__ = (
        of_request(),
        one_of("author_side", SIDES),
        Index("ix_client_messages_at", "tenant_id", "request_id", "at"),
        Index(
            "ix_client_messages_body",
            "tenant_id",
            "body",
            postgresql_using="gin",
            postgresql_ops={"body": "gin_trgm_ops"},
        ),
    )


class InternalNote(TenantOwned, Model):
    """The provider's own: the policy of this table asks for the provider's side."""

    __tablename__ = "internal_notes"
    request_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = timestamp()
    author_id: Mapped[UUID | None] = mapped_column()
    author_name: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        of_request(),
        Index("ix_internal_notes_at", "tenant_id", "request_id", "at"),
    )


class Question(TenantOwned, Model):
    """Why the work waits: open until the client answers or the operator withdraws it. `moved_to`
    is the number of the request in which it is asked instead."""

    __tablename__ = "questions"
    request_id: Mapped[UUID] = mapped_column()
    asked_at: Mapped[datetime] = timestamp()
    asked_by: Mapped[UUID | None] = mapped_column()
    asked_by_name: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, server_default="")
    answered_at: Mapped[datetime | None] = timestamp(nullable=True)
    answered_by_name: Mapped[str] = mapped_column(Text, server_default="")
    withdrawn_at: Mapped[datetime | None] = timestamp(nullable=True)
    moved_to: Mapped[int | None] = mapped_column()
    __table_args__ = (
        of_request(),
        moved_elsewhere(),
        CheckConstraint("moved_to IS NULL OR withdrawn_at IS NOT NULL", name="moved"),
        Index("ix_questions_request", "tenant_id", "request_id", "asked_at"),
    )

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None


class RequestFile(TenantOwned, Model):
    """A file on the client-visible side of a request; `slot` names its place in the form."""

    __tablename__ = "request_files"
    request_id: Mapped[UUID] = mapped_column()
    file_id: Mapped[UUID] = mapped_column()
    message_id: Mapped[UUID | None] = mapped_column()
    slot: Mapped[str] = mapped_column(Text, server_default="")
    added_by_name: Mapped[str] = mapped_column(Text)
    added_side: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        of_file(),
        UniqueConstraint("tenant_id", "request_id", "file_id"),
        ForeignKeyConstraint(
            ["tenant_id", "message_id"], ["client_messages.tenant_id", "client_messages.id"]
        ),
    )


class WaitingFile(TenantOwned, Model):
    """A file that a program sent ahead: its sender's alone, used once, gone after a day."""

    __tablename__ = "uploads"
    file_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    created_at: Mapped[datetime] = timestamp()
    __table_args__ = (of_file(), Index("ix_uploads_created_at", "tenant_id", "created_at"))


class Deliverable(TenantOwned, Model):
    """A result. A newer version of the same kind supersedes the older, which stays readable.

    `measures` are the billable quantities that it stands for, by meter.
    """

    __tablename__ = "deliverables"
    request_id: Mapped[UUID] = mapped_column()
    file_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    measures: Mapped[dict[str, int]] = mapped_column(JSONB)
    slip: Mapped[dict[str, Any]] = mapped_column(JSONB)
    added_by: Mapped[UUID | None] = mapped_column()
    added_by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    superseded_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_request(),
        of_file(),
        UniqueConstraint("tenant_id", "request_id", "kind", "version"),
        Index("uq_deliverables_current", "tenant_id", "request_id", "kind", unique=True,
              postgresql_where=text("superseded_at IS NULL")),
    )  # fmt: skip


class Review(TenantOwned, Model):
    """Findings are the provider's own, like notes: same policy."""

    __tablename__ = "reviews"
    request_id: Mapped[UUID] = mapped_column()
    preparer_id: Mapped[UUID | None] = mapped_column()
    reviewer_id: Mapped[UUID] = mapped_column()
    reviewer_name: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    findings: Mapped[str] = mapped_column(Text, server_default="")
    sha256: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        one_of("outcome", ("passed", "returned")),
        CheckConstraint("reviewer_id IS DISTINCT FROM preparer_id", name="four_eyes"),
        CheckConstraint("outcome = 'passed' OR length(findings) > 0", name="findings"),
        Index("ix_reviews_request", "tenant_id", "request_id", "outcome"),
    )


class Approval(TenantOwned, Model):
    """The client's decision on exactly the deliverables that `sha256` stands for.

    `voice_id` is for whom the approver speaks: themselves, or who named them their delegate. In a
    round nobody approves twice, and no voice counts twice. Rows from before rounds have none.
    """

    __tablename__ = "approvals"
    request_id: Mapped[UUID] = mapped_column()
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    sha256: Mapped[str] = mapped_column(Text)
    preparer_id: Mapped[UUID | None] = mapped_column()
    approver_id: Mapped[UUID] = mapped_column()
    approver_name: Mapped[str] = mapped_column(Text)
    second_factor_at: Mapped[datetime | None] = timestamp(nullable=True)
    asks_code: Mapped[bool] = mapped_column(server_default=text("true"))
    round_id: Mapped[UUID | None] = mapped_column()
    voice_id: Mapped[UUID] = mapped_column()
    voice_name: Mapped[str] = mapped_column(Text, server_default="")
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        ForeignKeyConstraint(
            ["tenant_id", "round_id", "request_id", "sha256"],
            ["approval_rounds.tenant_id", "approval_rounds.id", "approval_rounds.request_id",
             "approval_rounds.sha256"],
            name="fk_approvals_round",
        ),
        one_of("decision", ("approved", "refused")),
        CheckConstraint("approver_id IS DISTINCT FROM preparer_id", name="four_eyes"),
        CheckConstraint("decision = 'approved' OR length(reason) > 0", name="reason"),
        CheckConstraint(
            "decision = 'refused' OR second_factor_at IS NOT NULL OR NOT asks_code",
            name="second_factor",
        ),
        CheckConstraint("voice_id IS DISTINCT FROM preparer_id", name="voice"),
        Index("ix_approvals_request", "tenant_id", "request_id", "at"),
        Index("uq_approvals_person", "tenant_id", "round_id", "approver_id", unique=True,
              postgresql_where=text("decision = 'approved'")),
        Index("uq_approvals_voice", "tenant_id", "round_id", "voice_id", unique=True,
              postgresql_where=text("decision = 'approved'")),
    )  # fmt: skip
