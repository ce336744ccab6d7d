"""Whom a client company sells to and buys from."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import LANGUAGES, one_of, timestamp
from tenants.scoping import TenantOwned

ROLES = ("customer", "supplier")
KINDS = ("company", "public_body", "person")
ADDRESS_KINDS = ("billing", "delivery")
ACCOUNT_STATES = ("active", "quarantined", "refused", "retired")
SCHEMES = (
    "siren", "siret", "vat", "leitweg", "register", "tax_number", "gln", "duns", "lei",
    "creditor_id", "other",
)  # fmt: skip


def of_party() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"])


class Party(TenantOwned, Model):
    """A customer, a supplier or both. `reference` is its number in the client's own books; `name_key`
    is the name as it is compared. One that was merged stays, and says into which."""

    __tablename__ = "parties"
    number: Mapped[int] = mapped_column()
    customer: Mapped[bool] = mapped_column()
    supplier: Mapped[bool] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text, server_default="")
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    trade_name: Mapped[str] = mapped_column(Text, server_default="")
    legal_form: Mapped[str] = mapped_column(Text, server_default="")
    language: Mapped[str] = mapped_column(Text)
    payment_days: Mapped[int | None] = mapped_column()
    end_of_month: Mapped[bool] = mapped_column(server_default=text("false"))
    payment_text: Mapped[str] = mapped_column(Text, server_default="")
    currency: Mapped[str] = mapped_column(Text)
    buyer_reference: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = timestamp()
    created_by_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = timestamp()
    changed_by_name: Mapped[str] = mapped_column(Text)
    archived_at: Mapped[datetime | None] = timestamp(nullable=True)
    merged_into: Mapped[UUID | None] = mapped_column()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "merged_into"], ["parties.tenant_id", "parties.id"],
            name="fk_parties_merged_into",
        ),
        UniqueConstraint("tenant_id", "number"),
        one_of("kind", KINDS),
        one_of("language", LANGUAGES),
        CheckConstraint("customer OR supplier", name="role"),
        CheckConstraint("payment_days BETWEEN 0 AND 365", name="payment_days"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("merged_into IS NULL OR archived_at IS NOT NULL", name="merged"),
        Index("uq_parties_reference", "tenant_id", "reference", unique=True,
              postgresql_where=text("reference <> '' AND merged_into IS NULL")),
        Index("ix_parties_name_key", "tenant_id", "name_key", "id"),
        Index("ix_parties_name", "tenant_id", "name", postgresql_using="gin",
              postgresql_ops={"name": "gin_trgm_ops"}),
    )  # fmt: skip

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for role in ROLES if getattr(self, role))

    @property
    def state(self) -> str:
        if self.merged_into is not None:
            return "merged"
        return "archived" if self.archived_at is not None else "active"


class PartyIdentifier(TenantOwned, Model):
    """`exclusive`: no other party may have it."""

    __tablename__ = "party_identifiers"
    party_id: Mapped[UUID] = mapped_column()
    scheme: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    exclusive: Mapped[bool] = mapped_column()
    __table_args__ = (
        of_party(),
        UniqueConstraint("tenant_id", "party_id", "scheme"),
        one_of("scheme", SCHEMES),
        Index("ix_party_identifiers_value", "tenant_id", "value", "scheme"),
        Index("uq_party_identifiers_exclusive", "tenant_id", "scheme", "value", unique=True,
              postgresql_where=text("exclusive")),
    )  # fmt: skip


class PartyAddress(TenantOwned, Model):
    """Its parts apart, as banks and invoices want them. The main one of a kind is the one used."""

    __tablename__ = "party_addresses"
    party_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    main: Mapped[bool] = mapped_column()
    name: Mapped[str] = mapped_column(Text, server_default="")
    street: Mapped[str] = mapped_column(Text, server_default="")
    house_number: Mapped[str] = mapped_column(Text, server_default="")
    extra: Mapped[str] = mapped_column(Text, server_default="")
    postcode: Mapped[str] = mapped_column(Text, server_default="")
    city: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text, server_default="")
    country: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        of_party(),
        one_of("kind", ADDRESS_KINDS),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        Index("ix_party_addresses_party", "tenant_id", "party_id"),
        Index("uq_party_addresses_main", "tenant_id", "party_id", "kind", unique=True,
              postgresql_where=text("main")),
    )  # fmt: skip


class PartyEndpoint(TenantOwned, Model):
    """An electronic address that invoices are sent to; `scheme` is of the list EAS. Days without a
    limit on either side hold for ever. The same address may hold again, in days that don't meet."""

    __tablename__ = "party_endpoints"
    party_id: Mapped[UUID] = mapped_column()
    scheme: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    main: Mapped[bool] = mapped_column()
    valid_from: Mapped[date | None] = mapped_column()
    valid_until: Mapped[date | None] = mapped_column()
    __table_args__ = (
        of_party(),
        UniqueConstraint("tenant_id", "party_id", "scheme", "value", "valid_from", "valid_until",
                         name="uq_party_endpoints_days", postgresql_nulls_not_distinct=True),
        CheckConstraint("scheme ~ '^[0-9A-Z]{2,4}$'", name="scheme"),
        CheckConstraint("valid_until >= valid_from", name="validity"),
        Index("uq_party_endpoints_main", "tenant_id", "party_id", unique=True,
              postgresql_where=text("main")),
    )  # fmt: skip

    def meets(self, first: date | None, last: date | None) -> bool:
        """Whether both hold on some day."""
        begins, ends = self.valid_from or date.min, self.valid_until or date.max
        return (first or date.min) <= ends and begins <= (last or date.max)

    def holds_on(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_until or day)


class PartyContact(TenantOwned, Model):
    __tablename__ = "party_contacts"
    party_id: Mapped[UUID] = mapped_column()
    name: Mapped[str] = mapped_column(Text)
    job: Mapped[str] = mapped_column(Text, server_default="")
    email: Mapped[str] = mapped_column(Text, server_default="")
    phone: Mapped[str] = mapped_column(Text, server_default="")
    main: Mapped[bool] = mapped_column()
    __table_args__ = (
        of_party(),
        Index("ix_party_contacts_party", "tenant_id", "party_id"),
        Index("uq_party_contacts_main", "tenant_id", "party_id", unique=True,
              postgresql_where=text("main")),
    )  # fmt: skip


class PartyAccount(TenantOwned, Model):
    """A bank account. One that comes later than the party itself is 'quarantined': nobody pays to it
    before somebody else than who entered it has called back and released it."""

    __tablename__ = "party_accounts"
    party_id: Mapped[UUID] = mapped_column()
    iban_sealed: Mapped[str] = mapped_column(Text)
    iban_index: Mapped[str] = mapped_column(Text)
    iban_shown: Mapped[str] = mapped_column(Text)
    bic: Mapped[str] = mapped_column(Text, server_default="")
    bank_name: Mapped[str] = mapped_column(Text, server_default="")
    holder: Mapped[str] = mapped_column(Text, server_default="")
    state: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, server_default="")
    entered_by: Mapped[UUID | None] = mapped_column()
    entered_by_name: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = timestamp()
    called_number: Mapped[str] = mapped_column(Text, server_default="")
    called_person: Mapped[str] = mapped_column(Text, server_default="")
    called_on: Mapped[datetime | None] = timestamp(nullable=True)
    decided_by: Mapped[UUID | None] = mapped_column()
    decided_by_name: Mapped[str] = mapped_column(Text, server_default="")
    decided_at: Mapped[datetime | None] = timestamp(nullable=True)
    decision_note: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_party(),
        one_of("state", ACCOUNT_STATES),
        CheckConstraint(
            "decided_by IS NULL OR decided_by IS DISTINCT FROM entered_by OR state <> 'active'",
            name="second_person",
        ),
        Index("ix_party_accounts_index", "tenant_id", "iban_index"),
        Index("uq_party_accounts_live", "tenant_id", "party_id", "iban_index", unique=True,
              postgresql_where=text("state IN ('active', 'quarantined')")),
    )  # fmt: skip


class PartyMerge(TenantOwned, Model):
    """What moved when two parties became one; `moved` holds ids by table and the fields that were
    filled, so that it can be taken back."""

    __tablename__ = "party_merges"
    kept_id: Mapped[UUID] = mapped_column()
    merged_id: Mapped[UUID] = mapped_column()
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept_version: Mapped[int] = mapped_column()
    at: Mapped[datetime] = timestamp()
    by_name: Mapped[str] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = timestamp(nullable=True)
    undone_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "kept_id"], ["parties.tenant_id", "parties.id"]),
        ForeignKeyConstraint(["tenant_id", "merged_id"], ["parties.tenant_id", "parties.id"]),
        Index("ix_party_merges_kept", "tenant_id", "kept_id"),
        Index("ix_party_merges_merged", "tenant_id", "merged_id"),
    )
