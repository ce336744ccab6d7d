from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import moved_elsewhere, of_file, of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

STATES = ("open", "given", "unavailable", "accepted", "withdrawn")
FORMATS = ("any", "pdf", "table", "image")


class DocumentLine(TenantOwned, Model):
    """One document of a list that the client is asked for; `list_id` is what was asked at once.

    `words` are the client's, why there is no such document; `returned_words` the operator's, why
    what came doesn't do. A returned line is open again. `moved_to` is the number of the request in
    which it is asked for instead. `slot` is the place in the form that the file fills.
    """

    __tablename__ = "document_lines"
    request_id: Mapped[UUID] = mapped_column()
    list_id: Mapped[UUID] = mapped_column()
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text, server_default="")
    format: Mapped[str] = mapped_column(Text, server_default="any")
    due_on: Mapped[date | None] = mapped_column()
    state: Mapped[str] = mapped_column(Text, server_default="open")
    asked_at: Mapped[datetime] = timestamp()
    asked_by_name: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID | None] = mapped_column()
    words: Mapped[str] = mapped_column(Text, server_default="")
    answered_at: Mapped[datetime | None] = timestamp(nullable=True)
    answered_by_name: Mapped[str] = mapped_column(Text, server_default="")
    returned_words: Mapped[str] = mapped_column(Text, server_default="")
    decided_at: Mapped[datetime | None] = timestamp(nullable=True)
    decided_by_name: Mapped[str] = mapped_column(Text, server_default="")
    moved_to: Mapped[int | None] = mapped_column()
    slot: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_request(),
        of_file(),
        moved_elsewhere(),
        CheckConstraint("moved_to IS NULL OR state = 'withdrawn'", name="moved"),
        one_of("state", STATES),
        one_of("format", FORMATS),
        CheckConstraint("state <> 'given' OR file_id IS NOT NULL", name="given"),
        CheckConstraint("state <> 'unavailable' OR length(words) > 0", name="unavailable"),
        Index("ix_document_lines_request", "tenant_id", "request_id", "asked_at", "position"),
        Index("ix_document_lines_open", "tenant_id", "list_id",
              postgresql_where=text("state = 'open'")),
    )  # fmt: skip

    @property
    def is_open(self) -> bool:
        return self.state == "open"
