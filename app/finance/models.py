"""Payment control: what was read, what was matched, what was refused."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

CONTROL_STATES = ("reading", "refused", "duplicate", "unbalanced", "unchecked", "ready")
TAKEN_STATES = ("unbalanced", "unchecked", "ready")
MATCH_STATES = ("proposed", "confirmed", "undone")
RULES = (
    "reference_amount", "reference_part", "reference_difference",
    "amount_iban", "amount_name", "amount_learned", "sum_iban", "sum_name", "sum_learned",
    "difference_iban", "difference_name", "difference_learned", "instalments", "by_hand",
)  # fmt: skip
DIFFERENCE_KINDS = ("small_difference", "bank_charge", "cash_discount", "")
RULE_KINDS = ("payer_account", "payer_name", "leave_open")
RULE_STATES = ("active", "off", "retired")


def of_control() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "control_id"], ["payment_controls.tenant_id", "payment_controls.id"]
    )


class PaymentControl(TenantOwned, Model):
    """One request's two files and how far they are. `problem` is a Reason as JSON.

    'duplicate': the same statement was taken by an earlier request, `duplicate_of` is its number.
    'unbalanced': nothing is matched before an operator accepts the difference with a reason.
    'unchecked': the same for a file without both balances, whose completeness can't be checked.
    """

    __tablename__ = "payment_controls"
    request_id: Mapped[UUID] = mapped_column()
    state: Mapped[str] = mapped_column(Text, server_default="reading")
    job_id: Mapped[UUID | None] = mapped_column()
    report_job_id: Mapped[UUID | None] = mapped_column()
    open_items_file_id: Mapped[UUID | None] = mapped_column()
    statement_file_id: Mapped[UUID | None] = mapped_column()
    open_items_sha256: Mapped[str] = mapped_column(Text, server_default="")
    statement_sha256: Mapped[str] = mapped_column(Text, server_default="")
    statement_format: Mapped[str] = mapped_column(Text, server_default="")
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    duplicate_of: Mapped[int | None] = mapped_column()
    items_in: Mapped[int] = mapped_column(server_default="0")
    items_rejected: Mapped[int] = mapped_column(server_default="0")
    lines_in: Mapped[int] = mapped_column(server_default="0")
    lines_rejected: Mapped[int] = mapped_column(server_default="0")
    accepted_by: Mapped[UUID | None] = mapped_column()
    accepted_by_name: Mapped[str] = mapped_column(Text, server_default="")
    accepted_reason: Mapped[str] = mapped_column(Text, server_default="")
    accepted_at: Mapped[datetime | None] = timestamp(nullable=True)
    created_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]
        ),
        UniqueConstraint("tenant_id", "request_id"),
        one_of("state", CONTROL_STATES),
        CheckConstraint(
            "accepted_at IS NULL OR length(accepted_reason) > 0", name="accepted_reason"
        ),
        # One statement is taken once; refused and duplicate attempts stay beside it.
        Index("uq_payment_controls_statement", "tenant_id", "statement_sha256", unique=True,
              postgresql_where=text("state IN ('unbalanced', 'unchecked', 'ready')")),
    )  # fmt: skip


class BankStatement(TenantOwned, Model):
    """`continuity` is a Reason as JSON: how it stands to the earlier statement of its account."""

    __tablename__ = "bank_statements"
    control_id: Mapped[UUID] = mapped_column()
    position: Mapped[int] = mapped_column()
    statement_id: Mapped[str] = mapped_column(Text)
    account_sealed: Mapped[str] = mapped_column(Text)
    account_index: Mapped[str] = mapped_column(Text, server_default="")
    sequence_number: Mapped[str] = mapped_column(Text, server_default="")
    currency: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    opening: Mapped[int | None] = mapped_column(BigInteger)
    closing: Mapped[int | None] = mapped_column(BigInteger)
    movements: Mapped[int] = mapped_column(BigInteger)
    difference: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    continuity: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    __table_args__ = (
        of_control(),
        UniqueConstraint("tenant_id", "control_id", "position"),
        Index("ix_bank_statements_account", "tenant_id", "account_index", "ends_on"),
    )


class StatementLine(TenantOwned, Model):
    """`amount` is signed: positive came in. `left_open_by` says that a person looked and left it.

    `charges` are the fees that the bank says it kept back or added, never negative: `amount` is
    what was booked after them. `documents` are [number, amount or None] of the remittance's
    invoices. `fingerprint` finds the same booking in another request's statement.
    """

    __tablename__ = "statement_lines"
    control_id: Mapped[UUID] = mapped_column()
    statement: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column()
    booked_on: Mapped[date] = mapped_column()
    valued_on: Mapped[date | None] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    charges: Mapped[int] = mapped_column(BigInteger, server_default="0")
    currency: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    iban_sealed: Mapped[str] = mapped_column(Text, server_default="")
    iban_index: Mapped[str] = mapped_column(Text, server_default="")
    remittance: Mapped[str] = mapped_column(Text)
    bank_reference: Mapped[str] = mapped_column(Text, server_default="")
    reference_texts: Mapped[list[str]] = mapped_column(JSONB)
    documents: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    mandate_id: Mapped[str] = mapped_column(Text, server_default="")
    return_reason: Mapped[str] = mapped_column(Text, server_default="")
    reversal: Mapped[bool] = mapped_column()
    fingerprint: Mapped[str] = mapped_column(Text, server_default="")
    candidates: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    left_open_by: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_control(),
        UniqueConstraint("tenant_id", "control_id", "statement", "position"),
        Index("ix_statement_lines_fingerprint", "tenant_id", "fingerprint"),
    )


class OpenItem(TenantOwned, Model):
    """A receivable (positive) or credit note (negative) as the client's list has it."""

    __tablename__ = "open_items"
    control_id: Mapped[UUID] = mapped_column()
    line: Mapped[int] = mapped_column()
    number: Mapped[str] = mapped_column(Text)
    customer: Mapped[str] = mapped_column(Text)
    iban_sealed: Mapped[str] = mapped_column(Text, server_default="")
    iban_index: Mapped[str] = mapped_column(Text, server_default="")
    issued_on: Mapped[date] = mapped_column()
    due_on: Mapped[date] = mapped_column()
    currency: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    open_amount: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        Index("ix_open_items_number", "tenant_id", "number"),
        of_control(),
        UniqueConstraint("tenant_id", "control_id", "line"),
    )


class Match(TenantOwned, Model):
    """So much of a line pays so much of an item: proposed by a rule, decided by a person.

    The item is settled by `amount` and `difference` together; nobody pays the difference, its kind
    says why. Matches of one `group_id` (invoices less credit notes) are decided together.
    """

    __tablename__ = "matches"
    control_id: Mapped[UUID] = mapped_column()
    line_id: Mapped[UUID] = mapped_column()
    item_id: Mapped[UUID] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    difference: Mapped[int] = mapped_column(BigInteger, server_default="0")
    difference_kind: Mapped[str] = mapped_column(Text, server_default="")
    group_id: Mapped[UUID | None] = mapped_column()
    learned_rule_id: Mapped[UUID | None] = mapped_column()
    rule: Mapped[str] = mapped_column(Text)
    confidence: Mapped[int | None] = mapped_column()
    explanation: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, server_default="proposed")
    decided_by: Mapped[UUID | None] = mapped_column()
    decided_by_name: Mapped[str] = mapped_column(Text, server_default="")
    decided_at: Mapped[datetime | None] = timestamp(nullable=True)
    note: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_control(),
        ForeignKeyConstraint(
            ["tenant_id", "line_id"], ["statement_lines.tenant_id", "statement_lines.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "item_id"], ["open_items.tenant_id", "open_items.id"]),
        one_of("state", MATCH_STATES),
        ForeignKeyConstraint(
            ["tenant_id", "learned_rule_id"], ["payment_rules.tenant_id", "payment_rules.id"]
        ),
        one_of("rule", RULES),
        one_of("difference_kind", DIFFERENCE_KINDS),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("(difference = 0) = (difference_kind = '')", name="difference"),
        CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence"),
        Index("uq_matches_live", "tenant_id", "line_id", "item_id", unique=True,
              postgresql_where=text("state <> 'undone'")),
        Index("ix_matches_control", "tenant_id", "control_id", "state"),
    )  # fmt: skip


class PaymentRule(TenantOwned, Model):
    """What confirmed work taught: this payer pays for that customer, such a line is left open.

    `evidence` finds it again (blind index of the account, words of the name or of the text);
    `shown` is what a person reads, the account itself stands sealed. 'off' by a person, 'retired'
    because it was undone too often.
    """

    __tablename__ = "payment_rules"
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="active")
    evidence: Mapped[str] = mapped_column(Text)
    account_sealed: Mapped[str] = mapped_column(Text, server_default="")
    shown: Mapped[str] = mapped_column(Text)
    customer: Mapped[str] = mapped_column(Text, server_default="")
    customer_key: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    confirmed: Mapped[int] = mapped_column(server_default="0")
    undone: Mapped[int] = mapped_column(server_default="0")
    learned_by: Mapped[UUID | None] = mapped_column()
    learned_by_name: Mapped[str] = mapped_column(Text, server_default="")
    learned_at: Mapped[datetime] = timestamp()
    changed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    changed_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("kind", RULE_KINDS),
        one_of("state", RULE_STATES),
        UniqueConstraint("tenant_id", "kind", "evidence", "customer_key"),
    )


class PaymentRuleSource(TenantOwned, Model):
    """How often one request's decisions spoke for a rule and against it."""

    __tablename__ = "payment_rule_sources"
    rule_id: Mapped[UUID] = mapped_column()
    request_id: Mapped[UUID] = mapped_column()
    confirmed: Mapped[int] = mapped_column(server_default="0")
    undone: Mapped[int] = mapped_column(server_default="0")
    by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "rule_id"], ["payment_rules.tenant_id", "payment_rules.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        UniqueConstraint("tenant_id", "rule_id", "request_id"),
    )


class PaymentTolerance(TenantOwned, Model):
    """How small a difference may be to settle an item all the same; see app.finance.settlement."""

    __tablename__ = "payment_tolerances"
    currency: Mapped[str] = mapped_column(Text)
    absolute: Mapped[int] = mapped_column(BigInteger)
    basis_points: Mapped[int] = mapped_column()
    changed_by: Mapped[UUID | None] = mapped_column()
    changed_by_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        UniqueConstraint("tenant_id", "currency"),
        CheckConstraint("absolute >= 0", name="absolute"),
        CheckConstraint("basis_points BETWEEN 0 AND 200", name="basis_points"),
    )


class ImportReject(TenantOwned, Model):
    """A row or entry that could not be taken, with its place and reason."""

    __tablename__ = "import_rejects"
    control_id: Mapped[UUID] = mapped_column()
    source: Mapped[str] = mapped_column(Text)
    line: Mapped[int] = mapped_column()
    column_name: Mapped[str] = mapped_column(Text, server_default="")
    raw: Mapped[str] = mapped_column(Text)
    reason: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (
        of_control(),
        one_of("source", ("open_items", "statement")),
        Index("ix_import_rejects_line", "tenant_id", "control_id", "source", "line"),
    )


class BankCsvProfile(TenantOwned, Model):
    """How one bank of this company lays out its CSV. `columns` is meaning -> headings."""

    __tablename__ = "bank_csv_profiles"
    name: Mapped[str] = mapped_column(Text)
    separator: Mapped[str] = mapped_column(Text)
    encoding: Mapped[str] = mapped_column(Text, server_default="")
    skip_rows: Mapped[int] = mapped_column(server_default="0")
    date_format: Mapped[str] = mapped_column(Text)
    decimal_mark: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text, server_default="")
    account_sealed: Mapped[str] = mapped_column(Text, server_default="")
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_by: Mapped[UUID | None] = mapped_column()
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
    )
