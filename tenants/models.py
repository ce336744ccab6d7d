"""Tenants and people. Users and staff are global; what ties them to a client is tenant-owned."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, CITEXT, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.access import ACCESS_STATES
from tenants.core.db import Model
from tenants.core.ids import uuid7
from tenants.scoping import TenantOwned

LANGUAGES = ("fr", "de", "en")
SERVICE_LINES = [
    "administration",
    "finance",
    "hr",
    "sales",
    "logistics",
    "legal",
    "quality",
    "it",
    "production",
    "projects",
    "marketing",
]
# The client's own people; beside them stand its guests.
PEOPLE_ROLES = ("client_user", "client_admin")
MEMBER_ROLES = (*PEOPLE_ROLES, "guest")
GUEST_LEVELS = ("read", "query")
STAFF_ROLES = ("operator", "supervisor", "provider_admin")
TENANT_STATES = ("active", "suspended", "closed")
GRANT_LEVELS = ("read", "work", "review")
# The provider's own effects without a client (staff's mail, provider-level audit) belong to it.
PROVIDER_TENANT = UUID("00000000-0000-7000-8000-000000000001")


def timestamp(*, nullable: bool = False, default: bool = False) -> Mapped[datetime]:
    return mapped_column(
        DateTime(timezone=True), nullable=nullable, server_default=func.now() if default else None
    )


def one_of(column: str, values: tuple[str, ...] | list[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def last_day_before(end: datetime, zone: str) -> date:
    return (end - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()


def _language_of_its_people(context: Any) -> list[str]:
    return [context.get_current_parameters()["language"]]


class ServiceLine(Model):
    __tablename__ = "service_lines"
    code: Mapped[str] = mapped_column(Text, primary_key=True)


class Tenant(Model):
    """A client company; the provider itself stands here once, kind 'provider'."""

    __tablename__ = "tenants"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(Text, server_default="client")
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text, unique=True)
    colour: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="active")
    wrapped_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = timestamp(default=True)
    legal_form: Mapped[str] = mapped_column(Text, server_default="")
    registration_number: Mapped[str] = mapped_column(Text, server_default="")
    vat_id: Mapped[str] = mapped_column(Text, server_default="")
    # Whose public holidays its office has; a client's stand in its contract.
    region: Mapped[str] = mapped_column(Text, server_default="")
    document_languages: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=_language_of_its_people, server_default=text("'{en}'")
    )
    access_state: Mapped[str] = mapped_column(Text, server_default="active")
    new_work: Mapped[bool] = mapped_column(server_default=text("true"))
    __table_args__ = (
        CheckConstraint(
            "cardinality(document_languages) > 0 AND document_languages <@ ARRAY['fr', 'de', 'en']",
            name="document_languages",
        ),
        one_of("kind", ("client", "provider")),
        one_of("language", LANGUAGES),
        one_of("state", TENANT_STATES),
        one_of("access_state", ACCESS_STATES),
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
        CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'", name="slug"),
        CheckConstraint("code ~ '^[A-Z]{3}$'", name="code"),
    )

    @property
    def document_language(self) -> str:
        """The main one: reports are written in it."""
        return self.document_languages[0]


class User(Model):
    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(CITEXT, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_sealed: Mapped[str | None] = mapped_column(Text)
    totp_confirmed_at: Mapped[datetime | None] = timestamp(nullable=True)
    totp_last_step: Mapped[int] = mapped_column(server_default="0")
    language: Mapped[str] = mapped_column(Text, server_default="en")
    time_zone: Mapped[str | None] = mapped_column(Text)
    single_keys: Mapped[bool] = mapped_column(server_default=text("true"))
    # The kinds of mail that this person doesn't want (app/notifications/catalogue.py).
    muted_notices: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = timestamp(default=True)
    __table_args__ = (one_of("language", LANGUAGES),)


class StaffMember(Model):
    """A person of the provider. Names and roles only; readable by anyone signed in."""

    __tablename__ = "staff"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    display_name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    __table_args__ = (one_of("role", STAFF_ROLES),)


class SignInSession(Model):
    __tablename__ = "sign_in_sessions"
    token_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = timestamp(default=True)
    last_seen_at: Mapped[datetime] = timestamp(default=True)
    second_factor_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    address: Mapped[str] = mapped_column(Text, server_default="")
    user_agent: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (Index("ix_sign_in_sessions_user_id", "user_id"),)


class RecoveryCode(Model):
    __tablename__ = "recovery_codes"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    used_at: Mapped[datetime | None] = timestamp(nullable=True)


class UserToken(Model):
    """Single-use link of an invitation or a password reset; only its hash is kept."""

    __tablename__ = "user_tokens"
    token_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = timestamp()
    used_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("purpose", ("invitation", "reset")),
        Index("ix_user_tokens_user_id", "user_id"),
    )


class Member(TenantOwned, Model):
    """A client's person in this tenant, with the service lines they take part in.

    A guest (an external accountant or auditor) only looks at them, for a reason and until a day;
    the database shows no guest whose time is over to what signs people in.
    """

    __tablename__ = "members"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    display_name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    approver: Mapped[bool] = mapped_column(server_default=text("false"))
    lines: Mapped[list[str]] = mapped_column(ARRAY(Text))
    removed_at: Mapped[datetime | None] = timestamp(nullable=True)
    guest_level: Mapped[str | None] = mapped_column(Text)
    guest_reason: Mapped[str] = mapped_column(Text, server_default="")
    invited_by_name: Mapped[str] = mapped_column(Text, server_default="")
    invited_at: Mapped[datetime | None] = timestamp(nullable=True)
    expires_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("role", MEMBER_ROLES),
        one_of("guest_level", GUEST_LEVELS),
        CheckConstraint(
            "(role = 'guest') = (guest_level IS NOT NULL)"
            " AND (role = 'guest') = (expires_at IS NOT NULL)"
            " AND (role = 'guest') = (guest_reason <> '') AND NOT (role = 'guest' AND approver)",
            name="guest",
        ),
        UniqueConstraint("tenant_id", "user_id"),
    )

    @property
    def is_guest(self) -> bool:
        return self.role == "guest"

    @property
    def is_colleague(self) -> bool:
        """One of the company's own people."""
        return self.removed_at is None and not self.is_guest

    def takes_part(self, line: str) -> bool:
        return self.is_colleague and line in self.lines

    def is_here(self, now: datetime) -> bool:
        return self.removed_at is None and (self.expires_at is None or self.expires_at > now)

    def last_day(self, zone: str) -> date | None:
        """Of a guest; as a grant's."""
        return last_day_before(self.expires_at, zone) if self.expires_at else None


class Grant(TenantOwned, Model):
    """Why an operator may see this client: line, level, expiry and reason, shown to the client.

    `last_used_at` is when its holder last opened a page of this client, to the minute.
    """

    __tablename__ = "grants"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"))
    display_name: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    level: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = timestamp()
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    granted_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = timestamp(default=True)
    last_used_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("level", GRANT_LEVELS),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("granted_by IS DISTINCT FROM user_id", name="maker_is_not_holder"),
        Index("ix_grants_user", "tenant_id", "user_id", "line"),
        Index("ix_grants_user_id", "user_id"),
    )

    def last_day(self, zone: str) -> date:
        """It ends with this day, at the first moment of the one after, in the company's zone."""
        return last_day_before(self.expires_at, zone)


class Departure(TenantOwned, Model):
    """A person of the provider who left, in the provider's own tenant.

    `clients` is what stood open at each client when it began: the measure of what has to end.
    """

    __tablename__ = "departures"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"))
    started_at: Mapped[datetime] = timestamp()
    started_by: Mapped[str] = mapped_column(Text)
    sessions_ended: Mapped[int] = mapped_column()
    clients: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    __table_args__ = (Index("ix_departures_user", "tenant_id", "user_id", "id"),)


class Counter(TenantOwned, Model):
    """Numbers that people read (request 1042). Locked last, held briefly."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(Text)
    value: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)


class AuditEvent(TenantOwned, Model):
    """Who did what to what, from where. Inserted, never changed: ids and hashes, no content."""

    __tablename__ = "audit_events"
    at: Mapped[datetime] = timestamp()
    actor_id: Mapped[UUID | None] = mapped_column()
    actor_side: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    object_type: Mapped[str] = mapped_column(Text)
    object_id: Mapped[UUID | None] = mapped_column()
    facts: Mapped[str] = mapped_column(Text, server_default="{}")
    address: Mapped[str] = mapped_column(Text, server_default="")
    request_id: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        Index("ix_audit_events_at", "tenant_id", "at", "id"),
        Index("ix_audit_events_object", "tenant_id", "object_id", "at"),
    )


class StoredFile(TenantOwned, Model):
    """A file's identity; its bytes lie outside the database, per tenant, by their hash. With the
    number of a deletion `certificate` they are gone on purpose."""

    __tablename__ = "files"
    name: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(Text)
    created_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = timestamp(default=True)
    certificate: Mapped[int | None] = mapped_column()
    __table_args__ = (Index("ix_files_sha256", "tenant_id", "sha256"),)
