"""The provider's own certificates and, apart from them, their keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.core.ids import uuid7
from tenants.models import one_of, timestamp

ROOT, SEAL = "root", "seal"


class SealCertificate(Model):
    """Public: whoever trusts the root can check a seal without us."""

    __tablename__ = "seal_certificates"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    pem: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = timestamp()
    ends_at: Mapped[datetime] = timestamp()
    made_at: Mapped[datetime] = timestamp()
    __table_args__ = (one_of("kind", (ROOT, SEAL)),)


class SealKey(Model):
    """Under the master key ring, bound to its certificate."""

    __tablename__ = "seal_keys"
    certificate_id: Mapped[UUID] = mapped_column(
        ForeignKey("seal_certificates.id"), primary_key=True
    )
    sealed: Mapped[str] = mapped_column(Text)
